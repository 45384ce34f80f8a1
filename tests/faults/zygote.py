"""A process with everything imported and one thread, that forks a player at each command.

Started as ``python -m tests.faults.zygote HOME PORT SANDBOX_PORT DATABASE_URL [split|hasty]``. It reads
``go MOMENT STATEMENTS`` lines; it writes ``pid N``, then what the player says, then ``dead`` when the player has ended.
A player kills itself before that many statements of SQL more than it needs to begin with; 0 = it waits to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import PoolProxiedConnection

from engine.clock import SteppingClock
from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.statement import Statement
from engine.store.unit_of_work import UnitOfWork
from tests.faults.play import Player, on_database
from webapp.bootstrap import assemble
from webapp.logs import configure_logging
from webapp.settings import Settings

_PAUSE = 0.001  # seconds


class SplitCommits(Database):
    """The negative control: every statement commits by itself."""

    @contextmanager
    def _transaction(self, lent: PoolProxiedConnection) -> Iterator[UnitOfWork]:
        driver: Any = lent.driver_connection
        if not self.sqlite:
            driver.autocommit = True
        yield UnitOfWork(Connection(driver, self.sqlite))


class Pace:
    """Every statement pauses, so that kills land inside transactions and not only between them."""

    def __init__(self) -> None:
        self.left = 0  #: statements until the end; 0 = no end

    def step(self) -> None:
        """Before each statement."""
        time.sleep(_PAUSE)
        if self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def keep(pace: Pace) -> None:
    """Make every statement keep ``pace``."""
    run, run_rows = Statement.run, Statement.run_rows

    def paced_run(self: Statement, connection: Connection, **values: Any) -> Any:
        pace.step()
        return run(self, connection, **values)

    def paced_run_rows(self: Statement, connection: Connection, rows: Any) -> None:
        pace.step()
        run_rows(self, connection, rows)

    Statement.run, Statement.run_rows = paced_run, paced_run_rows  # type: ignore[method-assign]


def main(home: str, port: str, sandbox_port: str, url: str, mode: str = "") -> None:
    """Fork a player for each ``go``."""
    configure_logging("CRITICAL")
    pace = Pace()
    keep(pace)
    settings = Settings(home=Path(home), port=int(port), sandbox_port=int(sandbox_port))
    clock = SteppingClock(datetime.fromisoformat("2026-01-05T08:00:00+07:00"))
    make = SplitCommits if mode == "split" else Database
    with assemble(settings, clock=clock, sandboxes=False) as product:
        product.database.close()
        print("up", flush=True)  # noqa: T201
        for line in sys.stdin:
            _, moment, statements = line.split()
            clock.set(datetime.fromisoformat(moment))
            child = os.fork()
            if child == 0:  # pragma: no cover - the child is killed
                pace.left = int(statements)
                try:
                    Player(on_database(product, make(url)), sys.stdout.fileno(), hasty=mode == "hasty").run()
                except BaseException:  # noqa: BLE001 - said aloud, then the process ends
                    traceback.print_exc()
                    os._exit(1)
            os.write(sys.stdout.fileno(), f"pid {child}\n".encode())
            os.waitpid(child, 0)
            os.write(sys.stdout.fileno(), b"dead\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
