"""A process with everything imported and one thread, that forks a player at each command.

Started as ``python -m tests.faults.zygote HOME PORT SANDBOX_PORT DATABASE_URL [split]``. It reads ``go MOMENT`` lines;
it writes ``pid N``, then what the player says, then ``dead`` when the player has ended.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from engine.clock import SteppingClock
from engine.store.database import Database
from engine.store.statement import Statement
from engine.store.unit_of_work import UnitOfWork
from tests.faults.play import Player, on_database
from webapp.bootstrap import assemble, configure_logging
from webapp.settings import Settings

_PAUSE = 0.004  # seconds


class SplitCommits(Database):
    """The negative control: every statement commits by itself."""

    @contextmanager
    def _transaction(self, opening: str) -> Iterator[UnitOfWork]:
        with self.engine.connect() as connection:
            yield UnitOfWork(connection)


def slow_down() -> None:
    """Pause at every statement, so that kills land inside transactions and not only between them."""
    run, run_many = Statement.run, Statement.run_many

    def slow_run(self: Statement, connection: Connection, **values: Any) -> Any:
        time.sleep(_PAUSE)
        return run(self, connection, **values)

    def slow_run_many(self: Statement, connection: Connection, rows: Any) -> None:
        time.sleep(_PAUSE)
        run_many(self, connection, rows)

    Statement.run, Statement.run_many = slow_run, slow_run_many  # type: ignore[method-assign]


def main(home: str, port: str, sandbox_port: str, url: str, mode: str = "") -> None:
    """Fork a player for each ``go``."""
    configure_logging("CRITICAL")
    slow_down()
    settings = Settings(home=Path(home), port=int(port), sandbox_port=int(sandbox_port))
    clock = SteppingClock(datetime.fromisoformat("2026-01-05T08:00:00+07:00"))
    make = SplitCommits if mode == "split" else Database
    with assemble(settings, clock=clock, sandboxes=False) as product:
        product.database.close()
        print("up", flush=True)  # noqa: T201
        for line in sys.stdin:
            clock.set(datetime.fromisoformat(line.split()[1]))
            child = os.fork()
            if child == 0:  # pragma: no cover - the child is killed
                try:
                    Player(on_database(product, make(url)), sys.stdout.fileno()).run()
                except BaseException:  # noqa: BLE001 - said aloud, then the process ends
                    traceback.print_exc()
                    os._exit(1)
            os.write(sys.stdout.fileno(), f"pid {child}\n".encode())
            os.waitpid(child, 0)
            os.write(sys.stdout.fileno(), b"dead\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
