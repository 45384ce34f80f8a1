"""A worker at work: a dispatcher that drives it, in a thread of this process."""

from __future__ import annotations

import threading

from engine.ports import Dispatcher
from engine.worker.worker import Worker


class RunningWorker:
    """Runs until it is stopped; what it holds is then finished or given back."""

    def __init__(self, worker: Worker, dispatcher: Dispatcher) -> None:
        self.worker, self._dispatcher = worker, dispatcher
        self._thread = threading.Thread(
            target=dispatcher.run, args=(worker,), name=f"motcua-{dispatcher.name}", daemon=True
        )
        self._thread.start()

    def stop(self, *, patience: float = 30.0) -> None:
        """Begin nothing new, and wait for what is in hand, at most ``patience`` seconds."""
        self._dispatcher.stop(patience=patience)
        self._thread.join(timeout=patience + 5)
