"""Players in processes of their own, killed one after the other at moments that chance draws."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.conftest import LiveClock
from webapp.bootstrap import Product

#: A life in seconds: most end within a command, some last long enough for the slowest step outside (OCR, signing).
_SHORT, _LONG = (0.02, 0.7), (0.7, 2.5)
_LONG_LIVES = 0.3


class Victims:
    """One zygote, and the players that it forks for us to kill."""

    def __init__(self, product: Product, url: str, mode: str = "", *, seed: int = 20261121) -> None:
        settings = product.settings
        arguments = [str(settings.home), str(settings.port), str(settings.sandbox_port), url, mode]
        self._product, self._chance = product, random.Random(seed)
        self._patience = 1.0  # a busy machine needs longer lives to get anywhere
        self.stumbled = 0  #: players that ended by an error of their own; what they met cannot be gone on with
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        assert self._line() == "up"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill_one(self) -> list[str]:
        """Let one play for a while, then kill it; what it had acknowledged."""
        self._go(0)
        first = {self._line(), self._line()}
        child = next(int(line.split()[1]) for line in first if line.startswith("pid "))
        time.sleep(self._life())
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            self.stumbled += 1
        facts = self._facts(*first)
        # Lives that acknowledge nothing get longer, and shorter again as soon as they acknowledge something.
        self._patience = max(0.5, self._patience * 0.9) if facts else min(self._patience * 1.06, 12.0)
        return facts

    def stop_one(self, most: int) -> list[str]:
        """Let one play until it dies at a statement that chance draws, whatever the machine is busy with."""
        self._go(self._chance.randint(1, most))
        return self._facts()

    def _go(self, statements: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"go {self._product.clock.now().isoformat()} {statements}\n")
        self._process.stdin.flush()

    def _facts(self, *said: str) -> list[str]:
        """What the player that dies now has said altogether."""
        lines = list(said)
        while (line := self._line()) != "dead":
            lines.append(line)
        later(self._product)
        return [line for line in lines if line and line != "ready" and not line.startswith("pid ")]

    def _life(self) -> float:
        span = _LONG if self._chance.random() < _LONG_LIVES else _SHORT
        return self._chance.uniform(*span) * self._patience

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)


def later(product: Product) -> None:
    """Go on until a dead worker's leases have run out."""
    clock = product.clock
    assert isinstance(clock, LiveClock)
    clock.set(clock.now() + timedelta(seconds=61))
