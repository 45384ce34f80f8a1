"""A worker process of a load test: ``python -m webapp.bench.load_worker``, settings from the environment."""

from __future__ import annotations

import signal
import threading

from webapp import memory
from webapp.bench.load_stock import without_machines
from webapp.bootstrap import assemble
from webapp.logs import configure_logging
from webapp.settings import read_settings


def main() -> None:
    """Deliver until told to stop."""
    configure_logging("ERROR")
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with assemble(read_settings(), sandboxes=False) as product:
        fast = without_machines(product)
        memory.settle()
        running = fast.start(fast.worker())
        done.wait()
        running.stop()


if __name__ == "__main__":
    main()
