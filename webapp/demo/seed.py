"""Filling an empty database with the demo's units, people and procedures. Harmless when they are there.

Where the home's sandbox has made other certificates since, the demo's units and people sign with those from then on.
Certificates of another home's sandbox are not touched: two homes on one database would take turns at each start. Nor is
what an operator entered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container
from pathlib import Path

from argon2 import PasswordHasher

from engine.commands.definitions import DeployProcedure
from engine.commands.organisation import AddAccount, AddUnit, RenewCertificate, RenewUnitCertificate
from engine.definitions.package import read_folder
from engine.errors import DomainError
from engine.model.permission import SYSTEM
from engine.store.records import Account
from engine.store.unit_of_work import UnitOfWork
from webapp.bootstrap import PROCESSES, Product
from webapp.demo.people import PASSWORD, PEOPLE, UNITS

_RENEWED = "Hộp cát ký số có chứng thư mới / the signing sandbox has new certificates"


class DemoOfAnotherHome(DomainError):
    """The demo's people in this database sign with certificates of another home than {home}: {holders}. Start with
    that home (MOTCUA_HOME) or choose another database. Where it is lost, "motcua init --take-over" lets them sign with
    the certificates of this home."""

    code = "demo-of-another-home"
    vi = (
        "Người dùng thử trong cơ sở dữ liệu này ký bằng chứng thư của thư mục khác, không phải {home}: {holders}. Hãy "
        "chạy với thư mục đó (MOTCUA_HOME) hoặc chọn cơ sở dữ liệu khác. Nếu thư mục đó đã mất, lệnh “motcua init "
        "--take-over” cho họ ký bằng chứng thư của thư mục này."
    )


def seed(product: Product, *, take_over: bool = False) -> None:
    """Units, people and all procedures of the ``processes`` folder.

    ``DemoOfAnotherHome`` where the database has certificates of another home, unless this one is to ``take_over``.
    """
    assert product.sandboxes is not None
    pki = product.sandboxes.pki
    serials = {record.key: record.serial for record in pki.certificates()}
    with product.database.begin() as uow:
        units = {unit.code: unit.certificate for unit in uow.organisation.units(product.clock.now())}
        people = {account.login: account.certificate for account in uow.organisation.accounts()}
        held = {f"seal:{code}": serial for code, serial in units.items()}
        held |= {f"officer:{login}": serial for login, serial in people.items()}
        other = {key: held[key] for key in serials if key in held and held[key] != serials[key]}
        foreign = {} if take_over else _foreign(uow, other, pki.serials("issuing"))
    theirs = sorted(key.partition(":")[2] for key, by_hand in foreign.items() if not by_hand)
    if theirs:
        raise DemoOfAnotherHome(home=product.settings.home.resolve(), holders=", ".join(theirs))
    for key in other.keys() - foreign.keys():
        product.bus.execute(_renewal(key, serials[key]), SYSTEM)
    _add_units(product, units, serials)
    _add_people(product, people, serials)
    _deploy(product)


def _foreign(uow: UnitOfWork, held: dict[str, str], issued: frozenset[str]) -> dict[str, bool]:
    """The keys in whose place a certificate of no such authority is ``held``, and whether an operator entered it."""
    found = {}
    for key, serial in held.items():
        if serial and serial not in issued:
            changes = uow.certificates.changes(key.partition(":")[2])
            found[key] = bool(changes) and changes[-1].changed_by != SYSTEM.login
    return found


def _renewal(key: str, serial: str) -> RenewCertificate | RenewUnitCertificate:
    kind, _, holder = key.partition(":")
    if kind == "seal":
        return RenewUnitCertificate(unit=holder, serial=serial, reason=_RENEWED)
    return RenewCertificate(login=holder, serial=serial, reason=_RENEWED)


def _add_units(product: Product, known: Container[str], serials: dict[str, str]) -> None:
    for unit in UNITS:
        if unit.code not in known:
            whole = dataclasses.replace(unit, certificate=serials[f"seal:{unit.code}"])
            product.bus.execute(AddUnit(unit=whole), SYSTEM)


def _add_people(product: Product, known: Container[str], serials: dict[str, str]) -> None:
    hasher = PasswordHasher()
    for person in PEOPLE:
        if person.login in known:
            continue
        account = Account(
            login=person.login,
            name=person.name,
            person_id=person.person_id,
            email=f"{person.login}@example.vn",
            phone="",
            password=hasher.hash(PASSWORD),
            certificate=serials.get(f"officer:{person.login}", ""),
            active=True,
        )
        product.bus.execute(AddAccount(account=account, posts=person.posts), SYSTEM)


def _deploy(product: Product) -> None:
    with product.database.begin() as uow:
        in_force = {deployment.digest for deployment in uow.definitions.all_in_force(product.clock.now())}
    for folder in procedure_folders():
        package = read_folder(folder)
        if package.digest not in in_force:  # checking a package takes a while; a known one was checked before
            product.bus.execute(DeployProcedure(package=package), SYSTEM)


def procedure_folders() -> tuple[Path, ...]:
    """The folders of the procedures that come with the product."""
    return tuple(sorted(path.parent for path in PROCESSES.glob("*/procedure.json")))
