"""Counts of requests: the same law on both databases, and whoever comes at once is not let through twice."""

from __future__ import annotations

import threading
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.rate import Rate
from engine.store.database import Database
from engine.worker.periodic import Periods
from tests.conftest import MORNING
from webapp.bootstrap import Product

_RATE = Rate(most=5, window=60)
_FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _hit(database: Database, seconds: float, caller: str = "a", rate: Rate = _RATE) -> int:
    with database.begin() as uow:
        return uow.rates.hit(rate, "try", caller, MORNING + timedelta(seconds=seconds))


def _all(database: Database) -> int:
    with database.begin() as uow:
        return int(uow.connection.driver.execute("SELECT count(*) FROM rate_count").fetchone()[0])


@_FEW
@given(st.builds(Rate, most=st.integers(1, 6), window=st.integers(1, 90)), st.lists(st.integers(0, 40), max_size=25))
def test_store_counts_by_the_law(either_product: Product, rate: Rate, steps: list[int]) -> None:
    database, second, counted = either_product.database, 0, dict[int, int]()
    with database.begin() as uow:
        uow.rates.forget("try", "a")
    for step in steps:
        second += step
        at = int((MORNING + timedelta(seconds=second)).timestamp())
        slot = rate.slot(at)
        known = {"former": counted.get(slot - 1, 0), "hits": counted.get(slot, 0), "second": at}
        assert _hit(database, second, rate=rate) == rate.wait(**known)
        if rate.allows(**known):
            counted[slot] = counted.get(slot, 0) + 1


def test_many_at_once_are_let_through_as_often_as_allowed(either_product: Product) -> None:
    found, together = list[int](), threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.extend(_hit(either_product.database, 1) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(0) == _RATE.most
    assert len(found) == 24


def test_callers_do_not_share_and_one_that_is_forgotten_begins_anew(either_product: Product) -> None:
    database = either_product.database
    assert [_hit(database, 1) for _ in range(6)][-1] > 0
    assert _hit(database, 1, caller="b") == 0
    with database.begin() as uow:
        uow.rates.forget("try", "a")
    assert _hit(database, 1) == 0


def test_what_counts_no_more_is_removed_and_what_counts_is_not(either_product: Product) -> None:
    database = either_product.database
    _hit(database, 0)
    _hit(database, 200, caller="b")
    with database.begin() as uow:
        assert uow.rates.prune(MORNING + timedelta(seconds=200)) == 1
    assert _all(database) == 1


def test_old_counts_are_removed_by_the_hour(either_product: Product) -> None:
    database = either_product.database
    _hit(database, -3600)
    assert "tidy" in Periods(either_product.bus).run(MORNING)
    assert _all(database) == 0
