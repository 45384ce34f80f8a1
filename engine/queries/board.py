"""The leader's board: counts over dossiers and tasks, never kept in counters (I18).

Definitions, version ``VERSION``; a dossier counts under the unit that settles it.

- received: filed in the period.
- open: not closed, the clock has begun. late: open, and past the moment promised without extensions, or past its due
  moment. due soon: open, warned, not late. undated: open with no due moment now (paused); never counted as on time.
- done: result issued in the period. on time: issued at the promised moment at the latest; an extended dossier is judged
  by the promise before its extension. without promise: issued with no promised moment on record; never on time.
- withdrawn, stopped, refused: closed so in the period, counted apart and never as done.
- share on time: on time / done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement

VERSION = "2026-11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The counts of one line of the board."""

    received: int = 0
    open: int = 0
    due_soon: int = 0
    late: int = 0
    undated: int = 0
    done: int = 0
    on_time: int = 0
    unpromised: int = 0
    withdrawn: int = 0
    stopped: int = 0
    refused: int = 0

    @property
    def done_late(self) -> int:
        """Issued after the promised moment."""
        return self.done - self.on_time - self.unpromised

    @property
    def share_on_time(self) -> int | None:
        """Percent of the done that were on time, rounded down; None where nothing is done."""
        return None if not self.done else 100 * self.on_time // self.done

    def plus(self, other: Figures) -> Figures:
        """The sums."""
        return Figures(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unit or procedure."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """What one official holds and has done."""

    login: str
    name: str
    open: int
    late: int
    done: int
    done_late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One look at the board."""

    total: Figures
    units: tuple[Line, ...]
    procedures: tuple[Line, ...]
    people: tuple[PersonLine, ...]


#: The cells of the board, unit by procedure (and state), each from an index of its own that holds all it needs.
_CELLS = {
    "open": "SELECT competent_unit AS unit, procedure, '' AS state, count(*) AS a, "
    "sum(CASE WHEN due_at IS NULL THEN 1 ELSE 0 END) AS b, "
    "sum(CASE WHEN promised_at < :now OR due_at < :now THEN 1 ELSE 0 END) AS c, "
    "sum(CASE WHEN lateness = 'due_soon' AND due_at >= :now AND promised_at >= :now THEN 1 ELSE 0 END) AS d "
    "FROM dossier WHERE {unit}closed_at IS NULL AND clock_from IS NOT NULL GROUP BY competent_unit, procedure",
    "closed": "SELECT competent_unit AS unit, procedure, business AS state, count(*) AS a, "
    "sum(CASE WHEN closed_at <= promised_at THEN 1 ELSE 0 END) AS b, "
    "sum(CASE WHEN promised_at IS NULL THEN 1 ELSE 0 END) AS c, 0 AS d FROM dossier "
    "WHERE {unit}closed_at >= :since AND closed_at < :until GROUP BY competent_unit, procedure, business",
    "received": "SELECT competent_unit AS unit, procedure, '' AS state, count(*) AS a, 0 AS b, 0 AS c, 0 AS d "
    "FROM dossier WHERE {unit}filed_at >= :since AND filed_at < :until GROUP BY competent_unit, procedure",
}
#: The database sums the cells both ways: a province has tens of thousands of them, and some hundred lines.
_LINES = (
    "WITH cell AS MATERIALIZED ({cells}) "
    "SELECT 'unit', unit, '', state, sum(a), sum(b), sum(c), sum(d) FROM cell GROUP BY unit, state "
    "UNION ALL SELECT 'procedure', procedure, max(unit), state, sum(a), sum(b), sum(c), sum(d) "
    "FROM cell GROUP BY procedure, state"
)
_ONE = "competent_unit = :unit AND "
_STATEMENTS = {
    name: tuple(Statement(_LINES.format(cells=cells.format(unit=unit))) for unit in ("", _ONE))
    for name, cells in _CELLS.items()
}
#: What a procedure of a line is called, by one of the dossiers counted.
_NAMES = {
    name: Statement(
        f"SELECT procedure_name FROM dossier WHERE competent_unit = :unit AND procedure = :procedure AND {span} LIMIT 1"  # noqa: S608 - our own words
    )
    for name, span in (
        ("open", "closed_at IS NULL"),
        ("closed", "closed_at >= :since AND closed_at < :until"),
        ("received", "filed_at >= :since AND filed_at < :until"),
    )
}
_HOLDING = Statement(
    "SELECT t.assignee, max(t.claimed_by), count(*), sum(CASE WHEN t.due_at < :now THEN 1 ELSE 0 END) FROM task t "
    "WHERE t.unit = :unit AND t.state = 'open' AND t.assignee <> '' GROUP BY t.assignee"
)
_FINISHED = Statement(
    "SELECT t.assignee, max(t.completed_by), count(*), sum(CASE WHEN t.completed_at > t.due_at THEN 1 ELSE 0 END) "
    "FROM task t WHERE t.unit = :unit AND t.state = 'completed' AND t.completed_at >= :since "
    "AND t.completed_at < :until AND t.assignee <> '' GROUP BY t.assignee"
)


def board(connection: Connection, units: Sequence[str], *, since: datetime, until: datetime, now: datetime) -> Board:
    """The board of ``units``; of everything when none is named."""
    sums: dict[str, dict[str, Figures]] = {"unit": {}, "procedure": {}}
    names: dict[str, str] = {}
    span = {"since": stored(since), "until": stored(until), "now": stored(now)}
    for unit in units or ("",):
        for name, statements in _STATEMENTS.items():
            for row in statements[bool(unit)].run(connection, **span, unit=unit).fetchall():
                kind, key, some_unit, state, *counts = row
                line = sums[kind].get(key, Figures())
                sums[kind][key] = line.plus(_figures(name, state, [int(count) for count in counts]))
                if kind == "procedure" and key not in names:
                    found = _NAMES[name].run(connection, **span, unit=some_unit, procedure=key)
                    names[key] = str(found.scalar_one())
    total = Figures()
    for figures in sums["unit"].values():
        total = total.plus(figures)
    return Board(
        total=total,
        units=_lines(sums["unit"], {}),
        procedures=_lines(sums["procedure"], names),
        people=tuple(line for unit in units for line in _people(connection, unit, span)),
    )


def _figures(name: str, state: str, counts: list[int]) -> Figures:
    first, second, third, fourth = counts
    if name == "open":
        return Figures(open=first, undated=second, late=third, due_soon=fourth)
    if name == "received":
        return Figures(received=first)
    if state == "RESULT_ISSUED":
        return Figures(done=first, on_time=second, unpromised=third)
    return {
        "WITHDRAWN": Figures(withdrawn=first),
        "STOPPED": Figures(stopped=first),
        "REFUSED": Figures(refused=first),
    }.get(state, Figures())


def _lines(sums: Mapping[str, Figures], names: Mapping[str, str]) -> tuple[Line, ...]:
    lines = [Line(key=key, name=names.get(key, key), figures=figures) for key, figures in sums.items()]
    return tuple(sorted(lines, key=lambda line: (-line.figures.late, -line.figures.open, line.key)))


def _people(connection: Connection, unit: str, span: dict[str, Any]) -> tuple[PersonLine, ...]:
    values = span | {"unit": unit}
    holding = {row[0]: row for row in _HOLDING.run(connection, **values).fetchall()}
    finished = {row[0]: row for row in _FINISHED.run(connection, **values).fetchall()}
    lines = []
    for login in holding.keys() | finished.keys():
        held, done = holding.get(login, (login, "", 0, 0)), finished.get(login, (login, "", 0, 0))
        lines.append(
            PersonLine(
                login=login,
                name=held[1] or done[1] or login,
                open=held[2],
                late=held[3] or 0,
                done=done[2],
                done_late=done[3] or 0,
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.late, -line.open, line.name)))


# -- drill-down --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A dossier behind a figure."""

    number: str
    procedure: str
    procedure_name: str
    applicant_name: str
    unit: str
    business: str
    filed_at: datetime
    due_at: datetime | None
    promised_at: datetime | None
    closed_at: datetime | None


#: What each figure counts, as the condition that counts it.
FIGURES = {
    "received": "filed_at >= :since AND filed_at < :until",
    "open": "closed_at IS NULL AND clock_from IS NOT NULL",
    "due_soon": "closed_at IS NULL AND clock_from IS NOT NULL AND lateness = 'due_soon' AND due_at >= :now "
    "AND promised_at >= :now",
    "late": "closed_at IS NULL AND clock_from IS NOT NULL AND (promised_at < :now OR due_at < :now)",
    "undated": "closed_at IS NULL AND clock_from IS NOT NULL AND due_at IS NULL",
    "done": "closed_at >= :since AND closed_at < :until AND business = 'RESULT_ISSUED'",
    "on_time": "closed_at >= :since AND closed_at < :until AND business = 'RESULT_ISSUED' AND closed_at <= promised_at",
    "done_late": "closed_at >= :since AND closed_at < :until AND business = 'RESULT_ISSUED' "
    "AND closed_at > promised_at",
    "unpromised": "closed_at >= :since AND closed_at < :until AND business = 'RESULT_ISSUED' AND promised_at IS NULL",
    "withdrawn": "closed_at >= :since AND closed_at < :until AND business = 'WITHDRAWN'",
    "stopped": "closed_at >= :since AND closed_at < :until AND business = 'STOPPED'",
    "refused": "closed_at >= :since AND closed_at < :until AND business = 'REFUSED'",
}
_COLUMNS = (
    "number, procedure, procedure_name, applicant_name, competent_unit, business, filed_at, due_at, promised_at, "
    "closed_at"
)
#: A unit's dossiers lie together in the order of numbers: walking that order in search of them passes all the others'.
_BY_NUMBER = {"": "number", _ONE: "number || ''"}
_COUNTED = {
    (figure, bool(unit), bool(procedure)): Statement(
        f"SELECT {_COLUMNS} FROM dossier WHERE {unit}{procedure}{condition} AND number > :after "  # noqa: S608
        f"ORDER BY {_BY_NUMBER[unit]} LIMIT :limit"
    )
    for figure, condition in FIGURES.items()
    for unit in ("", _ONE)
    for procedure in ("", "procedure = :procedure AND ")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which figure, of what."""

    figure: str
    unit: str = ""
    procedure: str = ""
    since: datetime
    until: datetime
    now: datetime


def counted(connection: Connection, asked: Asked, *, after: str = "", limit: int = 100) -> tuple[Counted, ...]:
    """The dossiers behind a figure, by number."""
    statement = _COUNTED[asked.figure, bool(asked.unit), bool(asked.procedure)]
    rows = statement.run(
        connection,
        unit=asked.unit,
        procedure=asked.procedure,
        since=stored(asked.since),
        until=stored(asked.until),
        now=stored(asked.now),
        after=after,
        limit=limit,
    ).fetchall()
    return tuple(
        Counted(
            number=row[0],
            procedure=row[1],
            procedure_name=row[2],
            applicant_name=row[3],
            unit=row[4],
            business=row[5],
            filed_at=moment(row[6]),
            due_at=moment(row[7]),
            promised_at=moment(row[8]),
            closed_at=moment(row[9]),
        )
        for row in rows
    )
