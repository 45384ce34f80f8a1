"""Certificates that end: who may renew them, what is refused, and what was signed before stays good."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.commands.organisation import (
    AddAccount,
    AddUnit,
    CertificateHeld,
    CertificateUnchanged,
    RenewCertificate,
    RenewUnitCertificate,
)
from engine.errors import Forbidden, MotcuaError, NotFound
from engine.model.permission import SYSTEM
from engine.store.records import Account, Result, Unit
from engine.store.rows import RowChanged
from engine.store.statement import Statement
from engine.values import CertificateSerial
from tests.commands.desk import Desk
from tests.conftest import LiveClock, _on_postgresql, person
from webapp.app import create_app
from webapp.bootstrap import Product, assemble
from webapp.cli.group import main
from webapp.demo.run import UNIT, DemoRun
from webapp.demo.seed import DemoOfAnotherHome, seed
from webapp.ports import free_ports

Run = Callable[..., Any]
OTHER = "5a0b6c"
WHY = "Công văn 12/2026: chứng thư cũ hết hạn"


def _account(product: Product, login: str = "toan") -> Account:
    with product.database.begin() as uow:
        account = uow.organisation.account(login)
    assert account is not None
    return account


def _unit(product: Product, **ago: float) -> Unit:
    with product.database.begin() as uow:
        return uow.organisation.unit(UNIT, product.clock.now() - timedelta(**ago))


def _result(product: Product, number: str) -> Result | None:
    with product.database.begin() as uow:
        return uow.results.of(number)


# -- the commands ----------------------------------------------------------------------------------------------------


def test_account_renewed_is_remembered_with_who_and_why(either_product: Product) -> None:
    product, former = either_product, _account(either_product).certificate
    renewal = RenewCertificate(login="toan", serial=" 00:5A:0B:6C ", reason=f" {WHY} ")
    answer = product.bus.execute(renewal, person(product, "tam"))
    assert answer == {"login": "toan", "former": former, "serial": OTHER}
    assert _account(product).certificate == OTHER
    with product.database.begin() as uow:
        (change,) = uow.certificates.changes("toan")
    told = (change.kind, change.former, change.serial, change.reason, change.changed_by, change.changed_at)
    assert told == ("account", former, OTHER, WHY, "tam", product.clock.now())


def test_unit_renewed_begins_a_row_and_ends_the_one_before(either_product: Product, clock: LiveClock) -> None:
    product, before = either_product, _unit(either_product)
    clock.set(clock.now() + timedelta(days=1))
    product.bus.execute(RenewUnitCertificate(unit=UNIT, serial=OTHER, reason=WHY), person(product, "tam"))
    now = clock.now()
    assert _unit(product) == dataclasses.replace(before, valid_from=now, certificate=OTHER)
    assert _unit(product, seconds=1) == dataclasses.replace(before, valid_to=now)
    with product.database.begin() as uow:
        assert [unit.code for unit in uow.organisation.units(now)].count(UNIT) == 1
        assert [change.holder for change in uow.certificates.changes()] == [UNIT]


def test_unit_of_a_later_date_gets_the_new_certificate_too(product: Product, clock: LiveClock) -> None:
    renamed = clock.now() + timedelta(days=30)
    later = dataclasses.replace(_unit(product), valid_from=renamed, name="Ủy ban nhân dân phường Hoa Lộc")
    product.bus.execute(AddUnit(unit=later), SYSTEM)
    product.bus.execute(RenewUnitCertificate(unit=UNIT, serial=OTHER, reason=WHY), SYSTEM)
    clock.set(renamed)
    assert _unit(product) == dataclasses.replace(later, certificate=OTHER)


@pytest.mark.parametrize("login", ["toan", "binh", "minh", "lan"])
def test_others_than_operators_may_not_renew(product: Product, login: str) -> None:
    for command in (
        RenewCertificate(login="toan", serial=OTHER, reason=WHY),
        RenewUnitCertificate(unit=UNIT, serial=OTHER, reason=WHY),
    ):
        with pytest.raises(Forbidden):
            product.bus.execute(command, person(product, login))
    assert _account(product).certificate != OTHER


@pytest.mark.parametrize(
    ("serial", "reason", "code"),
    [
        ("", WHY, "certificate-serial-malformed"),
        ("0000", WHY, "certificate-serial-malformed"),
        ("12g4", WHY, "certificate-serial-malformed"),
        ("1" * 41, WHY, "certificate-serial-malformed"),
        (OTHER, "  ", "reason-missing"),
    ],
)
def test_renewal_that_says_too_little_changes_nothing(product: Product, serial: str, reason: str, code: str) -> None:
    account, unit = _account(product), _unit(product)
    for command in (
        RenewCertificate(login="toan", serial=serial, reason=reason),
        RenewUnitCertificate(unit=UNIT, serial=serial, reason=reason),
    ):
        with pytest.raises(MotcuaError) as refused:
            product.bus.execute(command, SYSTEM)
        assert refused.value.code == code
        assert "<" not in refused.value.message("vi") + refused.value.message("en")
    assert (_account(product), _unit(product)) == (account, unit)


def test_renewal_of_nobody_or_by_the_same_serial_is_refused(product: Product) -> None:
    for unknown in (
        RenewCertificate(login="nobody", serial=OTHER, reason=WHY),
        RenewUnitCertificate(unit="H56.99", serial=OTHER, reason=WHY),
    ):
        with pytest.raises(NotFound):
            product.bus.execute(unknown, SYSTEM)
    same, seal = _account(product).certificate, _unit(product).certificate
    for again in (
        RenewCertificate(login="toan", serial=f"0{same.upper()}", reason=WHY),
        RenewUnitCertificate(unit=UNIT, serial=seal, reason=WHY),
    ):
        with pytest.raises(CertificateUnchanged):
            product.bus.execute(again, SYSTEM)
    with product.database.begin() as uow:
        assert uow.certificates.changes() == ()


def test_renewal_on_what_changed_meanwhile_is_not_written(either_product: Product, clock: LiveClock) -> None:
    account, unit = _account(either_product), _unit(either_product)
    clock.set(clock.now() + timedelta(minutes=1))
    with either_product.database.begin() as uow:
        uow.organisation.renew_account(account, OTHER)
        uow.organisation.renew_unit(unit, OTHER, clock.now())
    clock.set(clock.now() + timedelta(minutes=1))
    with pytest.raises(RowChanged), either_product.database.begin() as uow:
        uow.organisation.renew_account(account, "1")
    with pytest.raises(RowChanged), either_product.database.begin() as uow:
        uow.organisation.renew_unit(unit, "1", clock.now())


# -- a certificate of somebody else ----------------------------------------------------------------------------------


def _entries(product: Product, serial: str) -> list[Any]:
    """Every way to enter a certificate for ``hai``, for ``moi``, who is new, and for a unit and one that is new."""
    moi = dataclasses.replace(_account(product, "hai"), login="moi", person_id="", certificate=serial)
    new_unit = dataclasses.replace(_unit(product), code="H56.99", certificate=serial)
    return [
        RenewCertificate(login="hai", serial=serial, reason=WHY),
        AddAccount(account=moi),
        RenewUnitCertificate(unit="H56", serial=serial, reason=WHY),
        AddUnit(unit=new_unit),
    ]


@pytest.mark.parametrize(
    ("whose", "named_vi", "named_en"),
    [
        ("account", "tài khoản toan (", "the account toan ("),
        ("unit", f"đơn vị {UNIT} (", f"the unit {UNIT} ("),
    ],
)
def test_certificate_of_another_holder_is_refused(
    either_product: Product, whose: str, named_vi: str, named_en: str
) -> None:
    serial = _account(either_product).certificate if whose == "account" else _unit(either_product).certificate
    for command in _entries(either_product, serial):
        with pytest.raises(CertificateHeld) as refused:
            either_product.bus.execute(command, SYSTEM)
        assert (refused.value.code, serial in refused.value.message()) == ("certificate-held", True)
        assert named_vi in refused.value.message("vi")
        assert named_en in refused.value.message("en")
    with either_product.database.begin() as uow:
        assert uow.certificates.changes() == ()
        assert uow.organisation.account("moi") is None


def test_certificate_that_its_holder_gave_up_is_free(either_product: Product, clock: LiveClock) -> None:
    bus, freed, seal = either_product.bus, _account(either_product).certificate, _unit(either_product).certificate
    clock.set(clock.now() + timedelta(minutes=1))
    bus.execute(RenewCertificate(login="toan", serial=OTHER, reason=WHY), SYSTEM)
    bus.execute(RenewUnitCertificate(unit=UNIT, serial="7f", reason=WHY), SYSTEM)
    bus.execute(RenewCertificate(login="hai", serial=freed, reason=WHY), SYSTEM)
    bus.execute(RenewUnitCertificate(unit="H56", serial=seal, reason=WHY), SYSTEM)
    assert _account(either_product, "hai").certificate == freed


def test_certificate_of_a_unit_that_begins_later_is_held(product: Product, clock: LiveClock) -> None:
    begins = clock.now() + timedelta(days=30)
    product.bus.execute(
        AddUnit(unit=dataclasses.replace(_unit(product), code="H56.99", valid_from=begins, certificate=OTHER)), SYSTEM
    )
    with pytest.raises(CertificateHeld):
        product.bus.execute(RenewUnitCertificate(unit=UNIT, serial=OTHER, reason=WHY), SYSTEM)


def test_holder_may_go_back_and_a_person_may_have_two_accounts(product: Product, clock: LiveClock) -> None:
    bus, toan, seal = product.bus, _account(product), _unit(product).certificate
    for account, unit in ((OTHER, "7f"), (toan.certificate, seal)):
        clock.set(clock.now() + timedelta(minutes=1))
        bus.execute(RenewCertificate(login="toan", serial=account, reason=WHY), SYSTEM)
        bus.execute(RenewUnitCertificate(unit=UNIT, serial=unit, reason=WHY), SYSTEM)
    assert (_account(product), _unit(product).certificate) == (toan, seal)
    bus.execute(RenewCertificate(login="lan", serial=OTHER, reason=WHY), SYSTEM)  # who has an identity number
    bus.execute(AddAccount(account=dataclasses.replace(_account(product, "lan"), login="lan-2")), SYSTEM)
    assert _account(product, "lan-2").certificate == OTHER
    for login in ("lan-2", "lan"):
        bus.execute(RenewCertificate(login=login, serial="7a", reason=WHY), SYSTEM)


@pytest.mark.postgresql
def test_certificate_entered_for_two_at_once_is_given_to_one(product: Product, request: pytest.FixtureRequest) -> None:
    with _on_postgresql(request, product) as whole, ThreadPoolExecutor(2) as both:
        gate = threading.Barrier(2, timeout=30)

        def enter(login: str) -> str:
            gate.wait()
            try:
                whole.bus.execute(RenewCertificate(login=login, serial=OTHER, reason=WHY), SYSTEM)
            except CertificateHeld as refused:
                return refused.code
            return "entered"

        for _ in range(5):
            assert sorted(both.map(enter, ("toan", "hai"))) == ["certificate-held", "entered"]
            [holder] = [one for one in ("toan", "hai") if _account(whole, one).certificate == OTHER]
            whole.bus.execute(
                RenewCertificate(login=holder, serial="7b" if holder == "toan" else "7d", reason=WHY), SYSTEM
            )


# -- what is read ----------------------------------------------------------------------------------------------------


def test_serial_is_read_as_tools_print_it() -> None:
    assert {CertificateSerial(text) for text in ("0x0AbC", "a:bc", "0a bc", "abc\n")} == {"abc"}


# -- the guard -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["official", "unit"])
def test_signature_of_another_certificate_than_the_one_entered_is_refused(product: Product, whose: str) -> None:
    desk = Desk(product)
    number, held = desk.prepared(), {"official": _account(product), "unit": _unit(product)}[whose].certificate

    def renew(serial: str) -> None:
        clock = product.clock
        assert isinstance(clock, LiveClock)
        clock.set(clock.now() + timedelta(minutes=1))
        if whose == "official":
            desk.do("tam", RenewCertificate(login="toan", serial=serial, reason=WHY))
        else:
            desk.do("tam", RenewUnitCertificate(unit=UNIT, serial=serial, reason=WHY))

    renew(OTHER)  # the key in the store still has the certificate from before
    desk.approve(number)
    assert _result(product, number) is None
    with product.database.begin() as uow:
        (refused,) = [row for row in uow.outbox.of(number) if row.state == "refused"]
    assert held in refused.error
    assert held in desk.task(number, "sign").note  # the diagram gives it back to the leader, with the reason
    renew(held)
    desk.approve(number)
    result = _result(product, number)
    assert result is not None
    assert held in {signature["serial"] for signature in result.signatures}


# -- an old home under another sandbox -------------------------------------------------------------------------------


@pytest.fixture
def moved(product: Product, clock: LiveClock, tmp_path: Path) -> Iterator[tuple[str, Product]]:
    """A dossier signed before, and its installation with sandboxes at another address, which certify all anew."""
    number = DemoRun(product, say=lambda line: None).play().number
    shutil.copytree(product.settings.home / "files", tmp_path / "files")
    shutil.copytree(product.settings.home / "pki", tmp_path / "pki")
    clock.set(clock.now() + timedelta(days=1))
    with _home(product, tmp_path) as whole:
        yield number, whole


@contextmanager
def _home(product: Product, folder: Path) -> Iterator[Product]:
    """An installation in ``folder`` on the database of ``product``, its sandboxes at addresses of their own."""
    first = free_ports(5)
    url = product.database.url if product.database.sqlite else product.database.url.replace("+psycopg", "")
    settings = dataclasses.replace(
        product.settings, home=folder, port=first, sandbox_port=first + 1, database_url=url,
        smtp_host="", gateway_pay_url="", gateway_query_url="", gateway_secret="", registry_url="", registry_token="",
        signing_keys=None, signing_roots=None, time_stamp_url="",
    )  # fmt: skip
    with assemble(settings, clock=product.clock) as whole:
        yield whole


def test_demo_over_an_old_home_signs_with_the_new_certificates(moved: tuple[str, Product]) -> None:
    before, product = moved
    assert product.sandboxes is not None
    assert _account(product).certificate != product.sandboxes.pki.record("officer:toan").serial  # the control
    seed(product)
    with product.database.begin() as uow:
        changes = uow.certificates.changes()
    seed(product)  # harmless when repeated
    with product.database.begin() as uow:
        assert uow.certificates.changes() == changes
    assert {change.holder for change in changes} >= {"toan", "son", "hai", UNIT, "H56"}
    after = DemoRun(product, say=lambda line: None).play().number
    old, new = _result(product, before), _result(product, after)
    assert old is not None
    assert new is not None
    serials = [[signature["serial"] for signature in result.signatures] for result in (old, new)]
    assert serials[1] == [_account(product).certificate, _unit(product).certificate]
    assert not set(serials[0]) & set(serials[1])


def test_result_signed_with_the_former_certificate_keeps_verifying(
    moved: tuple[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, product = moved
    seed(product)
    result = _result(product, before)
    assert result is not None
    with product.database.begin() as uow:
        assert product.verification(uow).verify(before).findings == ()
    monkeypatch.setenv("MOTCUA_HOME", str(product.settings.home))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", product.settings.database_url)
    verified = CliRunner().invoke(main, ["verify", before])
    assert (verified.exit_code, verified.stdout.rstrip().endswith("intact")) == (0, True), verified.output
    app = create_app(product)
    app.config.update(WTF_CSRF_ENABLED=False)
    anybody, content = app.test_client(), product.ports.files.get(result.digest)
    asked = {"file": (io.BytesIO(content), "ket-qua.pdf")}
    page = anybody.post("/verify", data=asked, content_type="multipart/form-data").text
    assert "do hệ thống này ban hành" in page
    assert all(signature["serial"] in page for signature in result.signatures)
    assert anybody.get(f"/verify/{result.verify_code}").status_code == 200
    assert all(report.valid and report.level == "B-LTA" for report in product.ports.verifier.verify(content))


# -- two homes on one database ---------------------------------------------------------------------------------------


def _changes(product: Product) -> dict[str, str]:
    with product.database.begin() as uow:
        return {change.holder: change.serial for change in uow.certificates.changes()}


def test_demo_of_a_second_home_leaves_the_certificates_of_the_first(
    product: Product, clock: LiveClock, tmp_path: Path
) -> None:
    clock.set(clock.now() + timedelta(days=1))
    with _home(product, tmp_path / "second") as second:
        with pytest.raises(DemoOfAnotherHome) as refused:
            seed(second)
        for told in (refused.value.message("vi"), refused.value.message("en")):
            assert f"{tmp_path}/second: H56, H56.12, " in told
            assert "motcua init --take-over" in told
        seed(product)
        assert _changes(product) == {}
        seed(second, take_over=True)
        taken = _changes(product)
        assert taken.keys() >= {"toan", "son", "hai", UNIT, "H56"}
        assert second.sandboxes is not None
        assert _account(product).certificate == taken["toan"] == second.sandboxes.pki.record("officer:toan").serial
        seed(second)
        with pytest.raises(DemoOfAnotherHome):
            seed(product)
        assert _changes(product) == taken


def test_demo_keeps_a_certificate_that_an_operator_entered(product: Product, clock: LiveClock) -> None:
    clock.set(clock.now() + timedelta(days=1))
    product.bus.execute(RenewCertificate(login="toan", serial=OTHER, reason=WHY), person(product, "tam"))
    product.bus.execute(RenewUnitCertificate(unit=UNIT, serial="7f", reason=WHY), person(product, "tam"))
    seed(product)
    assert (_account(product).certificate, _unit(product).certificate) == (OTHER, "7f")


# -- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def run(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line on this test's database."""
    pki = product.settings.home / "pki"
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "" if product.database.sqlite else product.database.url)
    monkeypatch.setenv("MOTCUA_SIGNING_KEYS", str(pki / "keys"))
    monkeypatch.setenv("MOTCUA_SIGNING_ROOTS", str(pki / "roots"))
    with product.database.begin() as uow:  # the command line goes by the machine's clock, whatever it shows
        Statement("UPDATE assignment SET valid_from = 0").run(uow.connection)
        Statement("UPDATE unit SET valid_from = 0").run(uow.connection)
    return lambda *words: CliRunner().invoke(main, ["certificate", *words])


def test_command_renews_account_and_unit_and_lists_both(product: Product, run: Run) -> None:
    former = _account(product).certificate
    done = run("account", "toan", "5A:0B:6C", "--by", "tam", "--reason", WHY)
    assert (done.exit_code, done.stdout) == (0, f"toan: {former} → {OTHER}\n"), done.output
    seal = run("unit", UNIT, "7f", "--by", "tam", "--reason", WHY, "--json")
    assert json.loads(seal.stdout) == {"unit": UNIT, "former": _unit(product).certificate, "serial": "7f"}
    assert _account(product).certificate == OTHER
    told = json.loads(run("history", "--json").stdout)
    assert [(one["holder"], one["serial"], one["by"], one["reason"]) for one in told] == [
        ("toan", OTHER, "tam", WHY),
        (UNIT, "7f", "tam", WHY),
    ]
    (line,) = run("history", "toan").stdout.splitlines()
    assert line.endswith(f"account toan: {former} → {OTHER}  tam: {WHY}")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("account", "nobody", OTHER, "--by", "tam"), "not-found", "tài khoản nobody"),
        (("unit", "H56.99", OTHER, "--by", "tam"), "not-found", "H56.99"),
        (("account", "toan", "xyz", "--by", "tam"), "certificate-serial-malformed", "không phải số hiệu chứng thư"),
        (("account", "toan", "SERIAL OF SON", "--by", "tam"), "certificate-held", "tài khoản son"),
        (("account", "toan", OTHER, "--by", "binh"), "forbidden", "cần vai trò quản trị"),
        (("account", "toan", OTHER, "--by", "nobody"), "not-found", "tài khoản đang hoạt động nobody"),
    ],
)
def test_command_says_no_in_both_languages(
    product: Product, run: Run, words: tuple[str, ...], code: str, said: str
) -> None:
    taken = _account(product, "son").certificate
    done = run(*(taken if word == "SERIAL OF SON" else word for word in words), "--reason", WHY)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{code}: ")
    assert said in done.stderr


def test_command_refuses_the_same_serial_and_missing_words(product: Product, run: Run) -> None:
    same = run("account", "toan", _account(product).certificate, "--by", "tam", "--reason", WHY)
    assert (same.exit_code, same.stderr.partition(":")[0]) == (1, "certificate-unchanged")
    assert run("account", "toan", OTHER, "--by", "tam").exit_code == 2
    assert run("account", "toan", OTHER, "--reason", WHY).exit_code == 2
