"""After a change of the calendar: every open dossier is computed again, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bus import Bus
from engine.commands.recomputation import RecomputeDeadline
from engine.errors import MotcuaError
from engine.model.permission import SYSTEM

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What a change of the calendar came to; ``failed`` names dossiers that could not be computed, and why."""

    checked: int
    changed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


def recompute_open(bus: Bus) -> Recomputed:
    """Compute all open dossiers again; one that fails stops no other and is named."""
    checked, after = 0, ""
    changed: list[str] = []
    failed: list[tuple[str, str]] = []
    while True:
        with bus.database.begin() as uow:
            numbers = uow.dossiers.running(after=after, limit=_PAGE)
        for number in numbers:
            try:
                if bus.execute(RecomputeDeadline(dossier=number), SYSTEM)["changed"]:
                    changed.append(number)
            except MotcuaError as error:
                failed.append((number, error.message("vi")))
        checked += len(numbers)
        if len(numbers) < _PAGE:
            return Recomputed(checked=checked, changed=tuple(changed), failed=tuple(failed))
        after = numbers[-1]
