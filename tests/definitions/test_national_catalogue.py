"""The national catalogue: taken whole or refused by line, and what a manifest takes from an entry."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.definitions.manifest import read_manifest
from engine.definitions.national_catalogue import fill_manifest, parse_entry, read_catalogue
from engine.errors import DefinitionRefused, InvalidInput, MotcuaError


def test_entry_fills_code_names_limit_fee_and_results(entry: dict[str, Any]) -> None:
    filled = fill_manifest(parse_entry(entry))
    manifest = read_manifest(orjson.dumps(filled.manifest))
    assert manifest.code == "2.000884"
    assert manifest.short_name.vi == "Chứng thực chữ ký trong các giấy tờ, văn bản"
    assert manifest.level == "commune"
    assert manifest.channels == ("online", "desk")
    assert [limit["parts"] for limit in manifest.limits] == [[{"qty": "1", "unit": "SAME_DAY"}]]
    assert manifest.limits[0]["cutoff"] == "15:00"
    assert filled.fees == {"": 10000}
    assert [result.code for result in manifest.results] == ["KQ.G15.000022", "TC.2.000884"]


def test_different_channels_get_limits_of_their_own(entry: dict[str, Any]) -> None:
    entry["channels"][1]["time"] = {"qty": "3", "unit": "WORKING_DAY"}
    limits = fill_manifest(parse_entry(entry)).manifest["limits"]
    assert [limit["channel"] for limit in limits] == ["ONLINE", "DIRECT"]


def test_several_limits_of_one_channel_become_cases(entry: dict[str, Any]) -> None:
    entry["channels"] = [
        {"channel": "DIRECT", "text": text, "time": {"qty": qty, "unit": "DAY"}}
        for text, qty in (("a", "5"), ("b", "9"))
    ]
    filled = fill_manifest(parse_entry(entry))
    assert [limit.get("case") for limit in filled.manifest["limits"]] == [None, "Trường hợp 2"]
    assert any("đặt tên từng trường hợp" in note.vi for note in filled.notes)


def test_missing_time_and_fee_are_told_and_never_invented(entry: dict[str, Any]) -> None:
    for row in entry["channels"]:
        row.pop("time")
        row.pop("fees", None)
    filled = fill_manifest(parse_entry(entry))
    assert filled.manifest["limits"] == []
    assert filled.fees == {}
    assert len([note for note in filled.notes if "thời hạn" in note.vi or "mức phí" in note.vi]) == 3


def test_broken_line_refuses_the_whole_catalogue_by_number(entry: dict[str, Any]) -> None:
    source = b"\n".join([orjson.dumps(entry), b'{"code": "x"}', b"no json"])
    with pytest.raises(DefinitionRefused) as refused:
        read_catalogue(source)
    assert [problem.element for problem in refused.value.problems] == ["2", "3"]


def test_code_given_twice_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        read_catalogue(orjson.dumps(entry) + b"\n" + orjson.dumps(entry))
    assert "2.000884" in refused.value.problems[0].message.vi


@pytest.mark.parametrize("source", [b"", b"\n\n", b"[]", b"1"])
def test_empty_or_foreign_catalogue_is_refused(source: bytes) -> None:
    with pytest.raises(DefinitionRefused):
        read_catalogue(source)


@pytest.mark.parametrize("change", [{"name": ""}, {"channels": {}}, {"code": "1"}, {"results": "x"}])
def test_malformed_entry_says_what_is_wrong(entry: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        parse_entry(copy.deepcopy(entry) | change)


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**7) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["channel", "time", "fees", "qty", "unit", "rule", "amount", "name", "code"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(
    channels=st.lists(_json, max_size=3),
    results=st.lists(_json, max_size=2),
    papers=_json,
    level=st.lists(_json, max_size=2),
)
@example(channels=[{"channel": []}], results=[], papers=None, level=[])
@example(channels=[{"channel": "ONLINE", "time": {"unit": []}, "fees": 5}], results=[], papers=True, level=[])
def test_any_entry_is_filled_or_refused_clearly(channels: Any, results: Any, papers: Any, level: Any) -> None:
    data = {
        "code": "2.000884",
        "name": "Tên",
        "field": "Lĩnh vực",
        "channels": channels,
        "results": results,
        "papers": papers,
        "level": level,
    }
    try:
        filled = fill_manifest(parse_entry(data))
    except MotcuaError:
        return
    assert filled.manifest["code"] == "2.000884"
    assert all(amount > 0 for amount in filled.fees.values())
