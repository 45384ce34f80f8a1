"""Every hit policy and aggregation: what becomes of no row, one row, several rows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import Decided, load_model, read_model
from tests.decisions.written import decision, input_data, model, table

_BANDS = [("< 10", "1"), ("[5..20]", "2"), (">= 15", "1")]


def _decide(policy: str, x: int | None, *, aggregation: str = "", rows=_BANDS, **options: object) -> Decided:
    logic = table(["x"], ["fee"], rows, policy=policy, aggregation=aggregation, **options)
    source = model(input_data("x", "number"), decision("Fee", logic, inputs=["x"]))
    return load_model(source).decide("Fee", {"x": None if x is None else Decimal(x)})


def _rows(decided: Decided) -> list[int]:
    return [rule.index for rule in decided.fired]


def test_unique_one_row_gives_its_result() -> None:
    decided = _decide("UNIQUE", 3)
    assert decided.value == 1
    assert _rows(decided) == [1]
    assert decided.reasons == ()
    assert decided.fired[0].decision == "Fee"
    assert decided.fired[0].rule == "r1"


def test_unique_two_rows_is_null_with_the_rows() -> None:
    decided = _decide("UNIQUE", 7)
    assert decided.value is None
    assert _rows(decided) == [1, 2]
    assert [reason.code for reason in decided.reasons] == ["dmn-not-unique"]
    assert "1, 2" in decided.reasons[0].message.vi


@pytest.mark.parametrize(
    ("policy", "aggregation"),
    [
        ("UNIQUE", ""),
        ("ANY", ""),
        ("FIRST", ""),
        ("RULE ORDER", ""),
        ("COLLECT", ""),
        ("COLLECT", "SUM"),
        ("COLLECT", "MIN"),
        ("COLLECT", "MAX"),
        ("COLLECT", "COUNT"),
    ],
)
def test_no_row_is_null_with_reason_under_every_policy(policy: str, aggregation: str) -> None:
    decided = _decide(policy, 12, aggregation=aggregation, rows=[("< 10", "1")])
    assert decided.value is None
    assert decided.reasons[-1].code == "dmn-no-rule"
    assert "x = 12" in decided.reasons[-1].message.en


def test_default_output_replaces_a_missing_row() -> None:
    decided = _decide("UNIQUE", 12, rows=[("< 10", "1")], defaults=["0"])
    assert decided.value == 0
    assert decided.reasons == ()


def test_any_equal_results_agree() -> None:
    decided = _decide("ANY", 7, rows=[("< 10", "1"), ("> 5", "1.0")])
    assert decided.value == 1
    assert _rows(decided) == [1, 2]


def test_any_different_results_are_null() -> None:
    decided = _decide("ANY", 7)
    assert decided.value is None
    assert [reason.code for reason in decided.reasons] == ["dmn-not-same"]


def test_first_takes_the_upper_row_only() -> None:
    decided = _decide("FIRST", 7)
    assert decided.value == 1
    assert _rows(decided) == [1]


def test_priority_takes_the_best_value() -> None:
    decided = _decide("PRIORITY", 7, values=["2, 1"])
    assert decided.value == 2
    assert _rows(decided) == [2]


def test_priority_uses_allowed_values_of_the_type() -> None:
    logic = table(["x"], ["fee"], _BANDS, policy="PRIORITY")
    item = (
        '<itemDefinition name="tFee"><typeRef>number</typeRef>'
        "<allowedValues><text>2, 1</text></allowedValues></itemDefinition>"
    )
    source = model(item, input_data("x"), decision("Fee", logic, inputs=["x"], type_ref="tFee"))
    assert load_model(source).decide("Fee", {"x": Decimal(7)}).value == 2


def test_priority_without_values_is_refused() -> None:
    source = model(input_data("x"), decision("Fee", table(["x"], ["fee"], _BANDS, policy="PRIORITY"), inputs=["x"]))
    assert "dmn-priority-values" in {found.code for found in read_model(source).problems}


def test_output_order_sorts_by_value_list() -> None:
    decided = _decide("OUTPUT ORDER", 17, values=["1, 2"])
    assert decided.value == [1, 2]
    assert _rows(decided) == [3, 2]


def test_rule_order_keeps_row_order() -> None:
    assert _decide("RULE ORDER", 17).value == [2, 1]


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 3), ("MIN", 1), ("MAX", 2), ("COUNT", 2), ("", [1, 2])])
def test_collect_aggregates(aggregation: str, expected: object) -> None:
    decided = _decide("COLLECT", 7, aggregation=aggregation)
    assert decided.value == expected
    assert _rows(decided) == [1, 2]


def test_sum_of_words_is_null_with_reason() -> None:
    decided = _decide("COLLECT", 7, aggregation="SUM", rows=[("-", '"a"'), ("-", '"b"')])
    assert decided.value is None
    assert decided.reasons[-1].code == "dmn-aggregation"


def test_priority_of_compound_outputs_goes_from_left_to_right() -> None:
    logic = table(
        ["x"],
        ["verdict", "rate"],
        [("-", '"no"', '"best"'), ("-", '"yes"', '"base"'), ("-", '"yes"', '"best"')],
        policy="PRIORITY",
        values=['"yes", "no"', '"best", "base"'],
    )
    source = model(input_data("x"), decision("Offer", logic, inputs=["x"]))
    decided = load_model(source).decide("Offer", {"x": Decimal(1)})
    assert decided.value == {"verdict": "yes", "rate": "best"}
    assert _rows(decided) == [3]


_EDGES = st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans(), st.booleans(), st.integers(1, 3))


def _band(low: int, high: int, *, opened: bool, shut: bool) -> str:
    return f"{'(' if opened else '['}{low}..{high}{')' if shut else ']'}"


def _holds(x: int, edge: tuple[int, int, bool, bool, int]) -> bool:
    low, high, opened, shut, _ = edge
    return (low < x if opened else low <= x) and (x < high if shut else x <= high)


@settings(max_examples=25, deadline=None)
@given(edges=st.lists(_EDGES, min_size=1, max_size=5), x=st.integers(0, 12))
def test_policies_agree_with_their_definition(edges: list, x: int) -> None:
    rows = [(_band(low, high, opened=opened, shut=shut), str(out)) for low, high, opened, shut, out in edges]
    hits = [edge[4] for edge in edges if _holds(x, edge)]
    lists = hits or None
    expected = {
        ("UNIQUE", ""): hits[0] if len(hits) == 1 else None,
        ("ANY", ""): hits[0] if len(set(hits)) == 1 else None,
        ("FIRST", ""): hits[0] if hits else None,
        ("PRIORITY", ""): max(hits, default=None),
        ("RULE ORDER", ""): lists,
        ("OUTPUT ORDER", ""): sorted(hits, reverse=True) or None,
        ("COLLECT", ""): lists,
        ("COLLECT", "SUM"): sum(hits) if hits else None,
        ("COLLECT", "MIN"): min(hits, default=None),
        ("COLLECT", "MAX"): max(hits, default=None),
        ("COLLECT", "COUNT"): len(hits) or None,
    }
    for (policy, aggregation), value in expected.items():
        decided = _decide(policy, x, aggregation=aggregation, rows=rows, values=["3, 2, 1"])
        assert decided.value == value, (policy, aggregation)
        assert (decided.value is None) == bool(decided.reasons)
