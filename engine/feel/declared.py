"""Functions that the product adds to FEEL: their names and types, known wherever an expression is checked.

What they compute depends on the installation (calendar, office hours) and is bound later in a ``FunctionRegistry``.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One function of the product; types as ``FunctionRegistry.register`` takes them."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    help: Text


DECLARED: dict[str, Declared] = {
    declared.name: declared
    for declared in (
        Declared(
            name="working days after",
            parameters=(("from", "date and time"), ("days", "number"), ("unit", "string?")),
            returns="date and time",
            help=Text(
                vi="Hết giờ của ngày làm việc thứ n sau một thời điểm, theo lịch và giờ của đơn vị có mã nêu ra "
                "(không nêu: giờ hành chính).",
                en="Close of the n-th working day after a moment, by the calendar and the hours of the unit of a code "
                "(none given: ordinary office hours).",
            ),
        ),
        Declared(
            name="days after",
            parameters=(("from", "date and time"), ("days", "number"), ("unit", "string?")),
            returns="date and time",
            help=Text(
                vi="Hết ngày thứ n (ngày lịch) sau một thời điểm; rơi vào ngày nghỉ thì hết ngày làm việc tiếp theo "
                "của đơn vị có mã nêu ra (không nêu: giờ hành chính).",
                en="Close of the n-th calendar day after a moment; a day off moves it to the close of the next working "
                "day of the unit of a code (none given: ordinary office hours).",
            ),
        ),
    )
}
