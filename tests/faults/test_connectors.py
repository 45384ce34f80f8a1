"""Systems outside that hang, babble, take twice or answer too late; and files that cannot be read back."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from datetime import timedelta

import httpx
import pytest

from connectors.http import ask, line
from connectors.notify.mail import MailNotifier
from connectors.payment.gateway import RedirectGateway
from connectors.registry.client import HttpRegistry
from connectors.signing.signers import connect
from connectors.signing.signing_settings import SigningSettings
from connectors.signing.time_stamps import TimeStampClient
from engine.commands.withdrawal import WithdrawDossier
from engine.errors import ConnectorUnavailable
from engine.model.circuit import OPEN, THRESHOLD
from engine.ports import PaymentIntent, RegistryQuery
from engine.values import Digest, Money
from tests.commands.desk import Desk
from tests.conftest import MORNING, LiveClock, person
from tests.faults.examination import Examination
from tests.faults.play import Player
from tests.faults.rogue import rogue
from webapp.app import create_app
from webapp.bootstrap import Product


def faults(product: Product, *said: str) -> list[str]:
    """Everything that is wrong now, ``said`` having been acknowledged."""
    examination = Examination(product, product.database.url)
    examination.acknowledged += said
    try:
        return examination.at_the_end()
    finally:
        examination.close()


def operators_page(product: Product) -> str:
    """What an operator sees."""
    client = create_app(product).test_client()
    with client.session_transaction() as session:
        session["login"] = "tam"
    return client.get("/operations").text


def settle(product: Product, *, more: timedelta = timedelta(minutes=10)) -> Player:
    """Let everything come to its end, time passing between the tries."""
    player, clock, idle = Player(product), product.clock, 0
    assert isinstance(clock, LiveClock)
    for _ in range(60):
        clock.set(clock.now() + more)  # what was put off is tried again
        idle = 0 if player.step() else idle + 1
        if idle == 3:
            break
    return player


def with_mail_at(product: Product, port: int) -> Product:
    """The product with another mail server, for which it waits half a second."""
    notifier = MailNotifier(host="127.0.0.1", port=port, sender="motcua@example.vn")
    notifier.patience = 0.5
    return dataclasses.replace(product, ports=dataclasses.replace(product.ports, notifier=notifier))


@pytest.mark.parametrize("manner", ["silent", "dripping", "hesitant", "babbling"])
@pytest.mark.parametrize("system", ["register", "gateway", "time stamp"])
def test_service_that_gives_no_answer_is_unavailable_within_its_time(system: str, manner: str) -> None:
    with rogue(manner) as server:
        url = f"http://127.0.0.1:{server.port}"
        begun = time.monotonic()
        with pytest.raises(ConnectorUnavailable):
            _ask(system, url)
        assert time.monotonic() - begun < 5


def _ask(system: str, url: str) -> None:
    """Ask the service at ``url`` something, with half a second's patience."""
    if system == "register":
        query = RegistryQuery(register="population", subject="001", purpose="test", dossier="", officer="")
        HttpRegistry(name="population", url=url, token="t", patience=0.5).look_up(query)
    elif system == "gateway":
        intent = PaymentIntent(
            reference="1", amount=Money(1000), purpose="p", account="1", bank="970400", beneficiary="b", return_url=url,
            created_at=MORNING,
        )  # fmt: skip
        RedirectGateway(name="g", pay_url=url, query_url=url, merchant="m", secret="s", patience=0.5).query(intent)
    else:
        asyncio.run(TimeStampClient(url, timeout=0.5).async_dummy_response("sha256"))


@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
def test_answer_that_comes_byte_by_byte_ends_with_the_time_for_all_of_it(kept: bool) -> None:
    for manner in ("dripping", "hesitant"):
        with rogue(manner) as server, line() as client, pytest.raises(httpx.ReadTimeout):
            ask("GET", f"http://127.0.0.1:{server.port}", patience=0.3, client=client if kept else None)


def test_time_stamp_service_that_hesitates_is_waited_for_and_opens_its_circuit(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.approve(number, drain=False)
    with rogue("hesitant") as server:
        settings = SigningSettings(
            keys=product.settings.home / "pki" / "keys", roots=product.settings.home / "pki" / "roots",
            time_stamp_url=f"http://127.0.0.1:{server.port}", timeout=0.3,
        )  # fmt: skip
        ill = dataclasses.replace(
            product, ports=dataclasses.replace(product.ports, signer=connect(settings, product.clock).signer)
        )
        worker, clock = ill.worker(), ill.clock
        assert isinstance(clock, LiveClock)
        for _ in range(THRESHOLD):
            worker.drain()
            clock.set(clock.now() + timedelta(minutes=6))
    with product.database.begin() as uow:
        (row,) = [row for row in uow.outbox.of(number) if row.topic == "result.sign"]
        circuit = uow.circuits.get("signing")
    assert (row.state, row.attempts) == ("waiting", THRESHOLD)
    assert "dấu thời gian" in row.error
    assert (circuit.state, circuit.failures) == (OPEN, THRESHOLD)
    assert number in operators_page(product)
    healthy = settle(product)  # the service is well again
    assert faults(product, *healthy.facts) == []
    with product.database.begin() as uow:
        assert uow.results.of(number) is not None


@pytest.mark.parametrize("manner", ["silent", "babbling"])
def test_mail_server_that_does_not_speak_is_waited_for_and_named(product: Product, manner: str) -> None:
    with rogue(manner) as server:
        ill = with_mail_at(product, server.port)
        player = Player(ill)
        number = player.filed()
        player.step()
        player.step()
        page = operators_page(ill)
        assert number in page
        assert "Máy chủ thư" in page
        assert faults(ill, *player.facts) == []
    healthy = settle(product)  # the server is well again
    assert faults(product, *player.facts, *healthy.facts) == []
    with product.database.begin() as uow:
        assert uow.results.of(number) is not None


def test_mail_taken_but_not_acknowledged_arrives_once(product: Product) -> None:
    sandboxes = product.sandboxes
    assert sandboxes is not None
    with rogue("forgetful", ("127.0.0.1", sandboxes.mail_port)) as server:
        player = Player(with_mail_at(product, server.port))
        number = player.filed()
        player.step()
        player.step()
        assert server.told > 0  # the server has it, and we do not know
    kept = len(list(sandboxes.mail_folder.glob("*.eml")))
    assert kept > 0
    settle(product)
    assert faults(product, *player.facts) == []
    with product.database.begin() as uow:
        sent = [row for row in uow.outbox.of(number) if row.topic in {"notify.send", "mail.send"}]
    assert {row.state for row in sent} == {"done"}
    assert len(list(sandboxes.mail_folder.glob("*.eml"))) == len(sent)


def test_answer_after_withdrawal_is_kept_on_record_and_changes_nothing(product: Product) -> None:
    player = Player(product)
    number = player.filed()
    worker = product.worker()
    (row,) = worker.lease(10)
    product.bus.execute(WithdrawDossier(dossier=number, reason="Không còn cần"), person(product, "lan"))
    worker.handle(row)  # the papers are read although nobody waits for it any more
    assert faults(product, *player.facts) == []
    with product.database.begin() as uow:
        kinds = [event.kind for event in uow.journal.of(number)]
        assert uow.dossiers.get(number).business == "WITHDRAWN"
        assert uow.documents.readings(number) == ()
    assert "PapersRead" not in kinds


def test_file_that_cannot_be_read_is_an_incident_until_it_is_put_back(product: Product) -> None:
    player = Player(product)
    number = player.filed()
    with product.database.begin() as uow:
        (paper,) = uow.documents.of(number)
    place = product.settings.home / "files" / paper.digest[:2] / paper.digest[2:4] / paper.digest
    content = place.read_bytes()
    place.chmod(0o640)
    place.write_bytes(content[:-1] + b"\x00")
    player.demo.worker.drain()
    page = operators_page(product)
    assert number in page and paper.digest[:12] in page
    (found,) = faults(product, *player.facts)  # the control: the same look that finds nothing elsewhere finds this
    assert paper.digest in found
    product.ports.files.put(content)  # an operator puts the copy of the backup in its place
    assert product.ports.files.get(Digest(paper.digest)) == content
    _retry_all(product)
    settle(product)
    assert faults(product, *player.facts) == []
    with product.database.begin() as uow:
        assert uow.results.of(number) is not None


def _retry_all(product: Product) -> None:
    """What an operator does when the cause is repaired."""
    client = create_app(product)
    client.config["WTF_CSRF_ENABLED"] = False
    visitor = client.test_client()
    with visitor.session_transaction() as session:
        session["login"] = "tam"
    with product.database.begin() as uow:
        failed = [row for number in uow.dossiers.numbers() for row in uow.outbox.of(number) if row.state == "failed"]
    for row in failed:
        answer = visitor.post(f"/operations/deliveries/{row.id}/retry", data={"note": "Đã khôi phục tệp."})
        assert answer.status_code == 302
