"""Web and worker processes of two machines: ``python -m tests.faults.machines HOME PORT SANDBOX_PORT URL LEASE``.

One process imports everything and forks what each line asks for: ``web NAMESPACE`` or ``worker NAMESPACE`` (``-`` = the
namespace it was started in). It writes ``pid N`` for each.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

import waitress

from engine.clock import SystemClock
from engine.store.database import Database, Limits
from tests.faults.play import on_database
from webapp.app import create_app
from webapp.bootstrap import Product, assemble, clock_of
from webapp.logs import configure_logging
from webapp.settings import Settings

_NETWORK = 0x40000000  # CLONE_NEWNET


def enter(namespace: str) -> None:
    """Become a process of another machine, as far as its network goes."""
    if namespace == "-":
        return
    with Path(f"/run/netns/{namespace}").open() as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), _NETWORK):
            raise OSError(ctypes.get_errno(), "setns")


def run(product: Product, url: str, role: str) -> None:
    """Serve or deliver until killed; one that is told to stop does so in good order."""
    database = Database(url, Limits(pool=4, wait=2, connect=2, idle=product.settings.lease_seconds))
    own = on_database(dataclasses.replace(product, clock=clock_of(database)), database)
    if role == "web":
        waitress.serve(create_app(own), host="0.0.0.0", port=own.settings.port, threads=4)
        return
    running, done = own.start(own.worker(concurrency=1)), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    done.wait()
    running.stop(patience=2)


def main(home: str, port: str, sandbox_port: str, url: str, lease: str) -> None:
    """Fork a process for each line."""
    configure_logging("CRITICAL")
    settings = Settings(
        home=Path(home), port=int(port), sandbox_port=int(sandbox_port), worker=False, lease_seconds=int(lease),
        secret_key="the same on every machine",
    )  # fmt: skip
    with assemble(settings, clock=SystemClock(), sandboxes=False) as product:
        product.database.close()
        print("up", flush=True)  # noqa: T201
        for line in sys.stdin:
            role, namespace, *place = line.split()
            child = os.fork()
            if child == 0:  # pragma: no cover - the child is killed
                try:
                    enter(namespace)
                    given = dataclasses.replace(product.settings, port=int(place[0]))
                    run(dataclasses.replace(product, settings=given), url, role)
                except BaseException:  # noqa: BLE001 - said aloud, then the process ends
                    traceback.print_exc()
                os._exit(1)
            print(f"pid {child}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
