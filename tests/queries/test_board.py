"""The board counts by grouping in the database what a plain count over all dossiers gives, on both servers."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from datetime import datetime, timedelta

import pytest

from engine.model.status import Business
from engine.queries import board as boards
from engine.queries.board import board
from engine.store.records import Dossier
from tests.conftest import MORNING
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

SINCE, UNTIL, NOW = MORNING - timedelta(days=9), MORNING + timedelta(days=1), MORNING
ENDS = (Business.RESULT_ISSUED, Business.WITHDRAWN, Business.STOPPED, Business.REFUSED)


def _some(product: Product) -> tuple[Dossier, ...]:
    """Dossiers of two units and two procedures, open and closed, on time, late, paused, warned and without promise."""
    demo = DemoRun(product, say=lambda line: None)
    number = demo.file(demo.person("lan"))
    made = []
    with product.database.begin() as uow:
        model = uow.dossiers.get(number)
        for place, (unit, procedure, hours, end) in enumerate(
            itertools.product(("H56.12", "H56.40"), ("2.000815", "1.001193"), (-30, -1, 0, 1, None), (None, *ENDS))
        ):
            due = None if hours is None else NOW + timedelta(hours=hours)
            dossier = dataclasses.replace(
                model,
                number=f"H56.12-261110-{1000 + place}",
                tracking=f"t{place}",
                competent_unit=unit,
                procedure=procedure,
                procedure_name=f"Thủ tục {procedure}",
                filed_at=NOW - timedelta(days=place % 14),
                clock_from=None if place % 11 == 0 else NOW - timedelta(days=3),
                due_at=None if place % 7 == 0 else due,
                promised_at=due,
                lateness="due_soon" if place % 2 else "",
                business=end or Business.IN_PROGRESS,
                closed_at=NOW - timedelta(days=place % 12) if end else None,
            )
            uow.dossiers.add(dossier)
            made.append(dossier)
    return (model, *made)


def _counted(dossiers: tuple[Dossier, ...], within: datetime = SINCE) -> Counter[str]:
    """The figures of some dossiers, counted one by one by the definitions."""
    found: Counter[str] = Counter()
    for one in dossiers:
        found["received"] += within <= one.filed_at < UNTIL
        if one.closed_at is None and one.clock_from is not None:
            late = any(moment is not None and moment < NOW for moment in (one.promised_at, one.due_at))
            found["open"] += 1
            found["late"] += late
            found["undated"] += one.due_at is None
            found["due_soon"] += one.lateness == "due_soon" and not late and None not in (one.due_at, one.promised_at)
        if one.closed_at is not None and within <= one.closed_at < UNTIL:
            if one.business is Business.RESULT_ISSUED:
                found["done"] += 1
                found["on_time"] += one.promised_at is not None and one.closed_at <= one.promised_at
                found["unpromised"] += one.promised_at is None
            else:
                found[one.business.value.lower()] += 1
    return +found


@pytest.mark.parametrize("units", [(), ("H56.12",), ("H56.12", "H56.40")])
def test_board_counts_as_counting_one_by_one(either_product: Product, units: tuple[str, ...]) -> None:
    dossiers = tuple(one for one in _some(either_product) if not units or one.competent_unit in units)
    with either_product.database.read() as connection:
        found = board(connection, units, since=SINCE, until=UNTIL, now=NOW)
    assert +Counter(dataclasses.asdict(found.total)) == _counted(dossiers)
    for lines, key in ((found.units, "competent_unit"), (found.procedures, "procedure")):
        assert {line.key for line in lines} == {getattr(one, key) for one in dossiers}
        for line in lines:
            mine = tuple(one for one in dossiers if getattr(one, key) == line.key)
            assert +Counter(dataclasses.asdict(line.figures)) == _counted(mine), line.key
    assert {line.name for line in found.procedures} <= {one.procedure_name for one in dossiers}


def test_board_of_a_province_reads_indexes_alone(product: Product) -> None:
    values = {"since": 1, "until": 2, "now": 3, "unit": ""}
    with product.database.read() as connection:
        for name, index in (("open", "ix_dossier_open"), ("closed", "ix_dossier_ended"), ("received", "ix_dossier_")):
            statement = boards._STATEMENTS[name][0]
            bound = tuple(values[each] for each in statement._names)
            plan = connection.driver.execute(f"EXPLAIN QUERY PLAN {statement._sqlite}", bound).fetchall()
            assert any(f"USING COVERING INDEX {index}" in row[3] for row in plan), plan
