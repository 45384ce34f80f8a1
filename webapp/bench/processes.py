"""CPU time and memory of processes and their children, read from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_MEGABYTE = 1024  # kB


class Processes:
    """Groups of process trees by name; what each used between two moments, and how its memory went."""

    def __init__(self, **trees: int) -> None:
        self._roots: dict[str, list[int]] = {name: [pid] for name, pid in trees.items()}
        self._memory: dict[str, list[float]] = {}
        self._spent: dict[str, float] = {}

    def add(self, name: str, pid: int) -> None:
        """Watch one more tree under ``name``."""
        self._roots.setdefault(name, []).append(pid)

    @contextmanager
    def sampled(self, *, every: float) -> Iterator[None]:
        """Look at memory and CPU ``every`` so many seconds while the block runs."""
        ended, before = threading.Event(), {name: self._cpu(name) for name in self._roots}
        last = dict(before)

        def watch() -> None:
            while not ended.wait(every):
                for name in self._roots:
                    last[name] = max(last[name], self._cpu(name))
                    self._memory.setdefault(name, []).append(self._megabytes(name))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
            self._spent = {name: max(last[name], self._cpu(name)) - before[name] for name in self._roots}

    def figures(self, seconds: float) -> dict[str, Any]:
        """Cores used on average, and memory: after a tenth of the time and after each quarter, and at its highest."""
        cores = {name: round(spent / seconds, 2) for name, spent in self._spent.items()}
        memory = {
            name: {"early": round(kept[len(kept) // 10]), "quarters": _quarters(kept), "most": round(max(kept))}
            for name, kept in self._memory.items() if kept and name != "locust"
        }  # fmt: skip
        return {"cores": cores, "memory_mb": memory}

    def _cpu(self, name: str) -> float:
        return sum(_cpu_seconds(pid) for root in self._roots[name] for pid in _tree(root))

    def _megabytes(self, name: str) -> float:
        return sum(_proportional_kb(pid) for root in self._roots[name] for pid in _tree(root)) / _MEGABYTE


def _quarters(kept: list[float]) -> list[int]:
    return [round(kept[max(len(kept) * quarter // 4 - 1, 0)]) for quarter in (1, 2, 3, 4)]


def _tree(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _cpu_seconds(pid: int) -> float:
    """Own time and that of children that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS


def _proportional_kb(pid: int) -> float:
    """Memory of a process, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)
