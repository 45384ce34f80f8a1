"""The law of rates: never more than allowed within a window, and whoever waits as told comes in, and not later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.model.rate import Rate

_RATES = st.builds(Rate, most=st.integers(1, 40), window=st.integers(1, 900))


class _Counted:
    """What the store does, in memory."""

    def __init__(self, rate: Rate) -> None:
        self.rate, self.hits = rate, dict[int, int]()

    def known(self, second: int) -> dict[str, int]:
        slot = self.rate.slot(second)
        return {"former": self.hits.get(slot - 1, 0), "hits": self.hits.get(slot, 0), "second": second}

    def hit(self, second: int) -> bool:
        allowed = self.rate.allows(**self.known(second))
        if allowed:
            self.hits[self.rate.slot(second)] = self.known(second)["hits"] + 1
        return allowed


@given(_RATES, st.lists(st.integers(0, 400), min_size=1, max_size=120))
def test_no_window_counts_more_than_allowed(rate: Rate, steps: list[int]) -> None:
    counted, second = _Counted(rate), 1_000_000
    for step in steps:
        second += step
        counted.hit(second)
    assert max(counted.hits.values()) <= rate.most


@given(_RATES, st.integers(0, 10_000), st.integers(0, 2_000))
def test_flood_within_one_window_is_let_through_as_often_as_allowed(rate: Rate, second: int, tries: int) -> None:
    counted = _Counted(rate)
    let = sum(counted.hit(second) for _ in range(tries))
    assert let == min(tries, rate.most)


@given(_RATES, st.integers(0, 40), st.integers(0, 40), st.integers(0, 10_000))
def test_told_wait_is_the_shortest_that_helps(rate: Rate, former: int, hits: int, second: int) -> None:
    former, hits = min(former, rate.most), min(hits, rate.most)
    counted = _Counted(rate)
    counted.hits = {rate.slot(second) - 1: former, rate.slot(second): hits}
    wait = rate.wait(**counted.known(second))
    assert rate.allows(**counted.known(second + wait))
    assert all(not rate.allows(**counted.known(second + earlier)) for earlier in range(wait))
