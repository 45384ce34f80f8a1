"""An end for conversations whose library has only a limit on each silence: one that drips never ends by that."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def hung_up(line: Callable[[], socket.socket | None], *, after: float) -> Iterator[None]:
    """Hang up ``after`` seconds if the block still runs: whoever waits in it reads the end of the connection.

    ``line`` is asked at that moment, since a conversation may begin before its connection and go on encrypted.
    """
    over = threading.Event()

    def watch() -> None:
        held = None if over.wait(after) else line()
        if held is None:
            return
        with suppress(OSError):  # the other side was faster
            # The connection's own way, also where it is encrypted: what another thread reads from is not taken apart.
            socket.socket.shutdown(held, socket.SHUT_RDWR)

    watcher = threading.Thread(target=watch, name="patience", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
