"""Where scenarios play: one installation with its sandboxes, and a fresh database for every scenario."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.bus import Bus
from engine.clock import SteppingClock
from engine.errors import NotFound
from engine.procedures import Procedure
from engine.store.database import Database, sqlite_url
from webapp.bootstrap import Product, assemble
from webapp.demo.seed import seed
from webapp.ports import free_ports
from webapp.sandboxes import Sandboxes
from webapp.scenarios.faults import Broken, FastLetters, FaultyReader, FaultySigner
from webapp.settings import Settings


class StageClock:
    """The clock of an installation that plays one scenario after another, each from its own moment."""

    def __init__(self, start: datetime) -> None:
        self.stepping = SteppingClock(start)

    def now(self) -> datetime:
        """The moment of the scenario that plays."""
        return self.stepping.now()

    def set(self, moment: datetime) -> None:
        """Go forward to ``moment``."""
        self.stepping.set(moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A product with units, people, procedures and no dossier; what is broken; and the clock."""

    product: Product
    clock: StageClock
    broken: Broken

    @property
    def sandboxes(self) -> Sandboxes:
        """The services outside."""
        assert self.product.sandboxes is not None
        return self.product.sandboxes

    def fail(self, what: str) -> None:
        """Break something."""
        self.broken.now.add(what)
        if what == "time-stamps":
            self.sandboxes.signing.time_stamps_down = True
        elif what == "register":
            self.sandboxes.registry.down = True

    def repair(self, what: str) -> None:
        """Put it right again."""
        self.broken.now.discard(what)
        if what == "time-stamps":
            self.sandboxes.signing.time_stamps_down = False
        elif what == "register":
            self.sandboxes.registry.down = False


@contextmanager
def open_stage(start: datetime, home: Path | None = None) -> Iterator[Product]:
    """An installation in a temporary folder whose clock stands at ``start``: the earliest moment of any scenario."""
    with tempfile.TemporaryDirectory(prefix="motcua-scenario-") as folder:
        base = home or Path(folder)
        first = free_ports(5)
        settings = Settings(home=base, port=first, sandbox_port=first + 1)
        with assemble(settings, clock=StageClock(start)) as product:
            seed(product)
            with product.database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            yield product


def procedure_in_force(installation: Product, code: str) -> Procedure:
    """The version of a procedure that the installation settles by now."""
    with installation.database.begin() as uow:
        deployment = uow.definitions.in_force(code, installation.clock.now())
        if deployment is None:
            raise NotFound(what=f"procedure {code}")
        return installation.bus.library.get(uow, deployment.digest)


@contextmanager
def set_stage(installation: Product, start: datetime, *, fast: bool) -> Iterator[Stage]:
    """A fresh copy of the installation's database, everything working, the clock at ``start``."""
    clock = StageClock(start)
    given = installation.clock
    if hasattr(given, "stepping"):  # the sandboxes tell the time of the same clock
        given.stepping = clock.stepping
    broken = Broken()
    ports = dataclasses.replace(
        installation.ports,
        reader=FaultyReader(installation.ports.reader, broken, fast),
        signer=FaultySigner(installation.ports.signer, broken),
        letters=FastLetters(installation.ports.letters) if fast else installation.ports.letters,
    )
    with tempfile.TemporaryDirectory(prefix="motcua-scenario-") as folder:
        shutil.copyfile(installation.settings.home / "motcua.db", Path(folder) / "motcua.db")
        database = Database(sqlite_url(Path(folder) / "motcua.db"))
        bus = Bus(database, clock, installation.bus.library, installation.bus.rules)
        product = dataclasses.replace(installation, clock=clock, database=database, bus=bus, ports=ports)
        stage = Stage(product=product, clock=clock, broken=broken)
        stage.sandboxes.registry.entries.clear()
        try:
            yield stage
        finally:
            for what in tuple(broken.now):
                stage.repair(what)
            database.close()
