"""At-literals: any temporal value from its text."""

from __future__ import annotations

from engine.feel.calendar import read_date, read_datetime, read_duration, read_time
from engine.feel.errors import Undefined
from engine.feel.values import Value


def read_temporal(text: str) -> Value:
    """The date, time, date and time or duration that ``text`` spells; ``Undefined`` otherwise."""
    for read in (read_date, read_datetime, read_time, read_duration):
        try:
            return read(text)
        except Undefined as undefined:
            if not undefined.code.startswith("not-a-"):
                raise
    raise Undefined("not-a-temporal", text=text[:60])
