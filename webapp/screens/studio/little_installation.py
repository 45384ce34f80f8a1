"""The little installation in which drafts are tried: invented units and people, and one draft in force."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import orjson

from engine.bus import Bus
from engine.clock import ZONE
from engine.commands.organisation import AddAccount, AddUnit
from engine.model.permission import SYSTEM
from engine.procedures import Procedure
from engine.store.database import Database
from engine.store.records import Account, Bundle, Deployment
from webapp.demo.people import PEOPLE, UNITS

#: Before any scenario begins.
SINCE = datetime(2020, 1, 1, tzinfo=ZONE)


def put_in_force(database: Database, procedure: Procedure) -> None:
    """The draft, as if it had been published long ago."""
    package, manifest = procedure.package, procedure.manifest
    with database.begin() as uow:
        uow.definitions.add_bundle(
            Bundle(
                digest=package.digest,
                procedure=manifest.code,
                version=manifest.version,
                manifest=orjson.loads(package.files["procedure.json"]),
                files=package.pack(),
                created_at=SINCE,
            )
        )
        uow.definitions.deploy(
            Deployment(
                id="trial",
                procedure=manifest.code,
                digest=package.digest,
                effective_from=SINCE,
                effective_to=None,
                decision=manifest.decision,
                author="",
                approver="",
                created_at=SINCE,
            )
        )


def settle_people(bus: Bus) -> None:
    """Units and people, as the demo has them; the number of each certificate is the name of its key."""
    for unit in UNITS:
        whole = dataclasses.replace(unit, valid_from=SINCE, certificate=f"seal:{unit.code}")
        bus.execute(AddUnit(unit=whole), SYSTEM)
    for person in PEOPLE:
        account = Account(
            login=person.login,
            name=person.name,
            person_id=person.person_id,
            email=f"{person.login}@example.vn",
            phone="",
            password="",
            certificate=f"officer:{person.login}",
            active=True,
        )
        bus.execute(AddAccount(account=account, posts=person.posts), SYSTEM)
