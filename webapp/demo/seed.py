"""Filling an empty database with the demo's units, people and procedures. Harmless when they are there.

Where the sandbox has made other certificates since, the demo's units and people sign with those from then on.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from argon2 import PasswordHasher

from engine.commands.definitions import DeployProcedure
from engine.commands.organisation import AddAccount, AddUnit, RenewCertificate, RenewUnitCertificate
from engine.definitions.package import read_folder
from engine.model.permission import SYSTEM
from engine.store.records import Account
from webapp.bootstrap import PROCESSES, Product
from webapp.demo.people import PASSWORD, PEOPLE, UNITS

_RENEWED = "Hộp cát ký số có chứng thư mới / the signing sandbox has new certificates"


def seed(product: Product) -> None:
    """Units, people and all procedures of the ``processes`` folder."""
    assert product.sandboxes is not None
    with product.database.begin() as uow:
        known_units = {unit.code: unit.certificate for unit in uow.organisation.units(product.clock.now())}
        known_people = {account.login: account.certificate for account in uow.organisation.accounts()}
    serials = {record.key: record.serial for record in product.sandboxes.pki.certificates()}
    for unit in UNITS:
        if unit.code not in known_units:
            whole = dataclasses.replace(unit, certificate=serials[f"seal:{unit.code}"])
            product.bus.execute(AddUnit(unit=whole), SYSTEM)
        elif known_units[unit.code] != serials[f"seal:{unit.code}"]:
            seal = RenewUnitCertificate(unit=unit.code, serial=serials[f"seal:{unit.code}"], reason=_RENEWED)
            product.bus.execute(seal, SYSTEM)
    hasher = PasswordHasher()
    for person in PEOPLE:
        serial = serials.get(f"officer:{person.login}", "")
        if person.login in known_people:
            if serial and known_people[person.login] != serial:
                renewal = RenewCertificate(login=person.login, serial=serial, reason=_RENEWED)
                product.bus.execute(renewal, SYSTEM)
            continue
        account = Account(
            login=person.login,
            name=person.name,
            person_id=person.person_id,
            email=f"{person.login}@example.vn",
            phone="",
            password=hasher.hash(PASSWORD),
            certificate=serial,
            active=True,
        )
        product.bus.execute(AddAccount(account=account, posts=person.posts), SYSTEM)
    with product.database.begin() as uow:
        in_force = {deployment.digest for deployment in uow.definitions.all_in_force(product.clock.now())}
    for folder in procedure_folders():
        package = read_folder(folder)
        if package.digest not in in_force:  # checking a package takes a while; a known one was checked before
            product.bus.execute(DeployProcedure(package=package), SYSTEM)


def procedure_folders() -> tuple[Path, ...]:
    """The folders of the procedures that come with the product."""
    return tuple(sorted(path.parent for path in PROCESSES.glob("*/procedure.json")))
