from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ocr.fields import find_fields
from connectors.ocr.folding import distance, fold
from connectors.ocr.lines import in_lines, page_text
from connectors.ocr.values import normalise
from engine.ports import FieldRule, ReadField, ReadWord


def page(*lines: str, confidence: float = 96.0, shake: int = 0) -> tuple[ReadWord, ...]:
    """Words of 10 pixels a letter, 20 high, lines 40 apart; two spaces are a gap of a column."""
    words = []
    for row, line in enumerate(lines):
        place = 0
        for piece in line.split(" "):
            if piece:
                words.append(
                    ReadWord(
                        text=piece,
                        confidence=confidence,
                        left=100 + place * 10,
                        top=100 + row * 40 + (shake if len(words) % 2 else 0),
                        width=len(piece) * 10,
                        height=20,
                    )
                )
                place += len(piece) + 1
            else:
                place += 12
    return in_lines(words)


def find(
    words: tuple[ReadWord, ...], *labels: str, kind: str = "text", expected: str = "", pattern: str = ""
) -> ReadField:
    rule = FieldRule(key="k", labels=labels, kind=kind, expected=expected, pattern=pattern)
    return find_fields([words], [rule])[0]


def test_folding_forgets_marks_case_and_points() -> None:
    assert fold("Họ, chữ ĐỆM, tên:") == "ho chu dem ten"


@given(st.text(alphabet="aăâbcdđeê ", max_size=12), st.text(alphabet="aăâbcdđeê ", max_size=12))
def test_distance_is_symmetric_and_zero_only_for_equals(left: str, right: str) -> None:
    assert distance(left, right, limit=20) == distance(right, left, limit=20)
    assert (distance(left, right, limit=20) == 0) == (left == right)


def test_value_right_of_its_label_is_found() -> None:
    assert find(page("Họ và tên: Lê Văn An"), "Họ và tên", kind="name").value == "LÊ VĂN AN"


def test_misread_label_is_still_found() -> None:
    found = find(page("Ngày, thóng, nãm sinh: 01/02/1990"), "Ngày, tháng, năm sinh", kind="date")
    assert (found.value, found.label_found) == ("1990-02-01", True)


def test_value_below_its_label_is_found() -> None:
    assert find(page("Họ và tên:", "Lê Văn An"), "Họ và tên", kind="name").value == "LÊ VĂN AN"


def test_next_label_ends_the_value() -> None:
    words = page("Giới tính: Nữ Dân tộc: Kinh")
    rules = [FieldRule(key="a", labels=("Giới tính",)), FieldRule(key="b", labels=("Dân tộc",))]
    assert [field.value for field in find_fields([words], rules)] == ["Nữ", "Kinh"]


def test_column_gap_ends_the_value() -> None:
    assert find(page("Quốc tịch: Việt Nam       Ảnh 4x6"), "Quốc tịch").value == "Việt Nam"


def test_longer_label_is_not_its_beginning() -> None:
    words = page("Họ tên mẹ: LÊ THỊ HOA", "Họ tên cha: NGUYỄN VĂN AN", "Họ tên: NGUYỄN AN NHIÊN")
    labels = {"c": "Họ tên", "m": "Họ tên mẹ", "f": "Họ tên cha"}
    rules = [FieldRule(key=key, labels=(label,), kind="name") for key, label in labels.items()]
    found = {field.key: field.value for field in find_fields([words], rules)}
    assert found == {"c": "NGUYỄN AN NHIÊN", "m": "LÊ THỊ HOA", "f": "NGUYỄN VĂN AN"}


def test_word_in_prose_is_no_label() -> None:
    found = find(page("trẻ em chưa có nơi sinh rõ ràng thì ghi theo lời khai"), "Nơi sinh")
    assert not found.label_found and found.value == "" and found.check


def test_label_on_the_second_page_is_found_there() -> None:
    rule = FieldRule(key="k", labels=("Lệ phí",), kind="number")
    (found,) = find_fields([page("Trang một"), page("Lệ phí: 8.000 đồng")], [rule])
    assert (found.value, found.page) == ("8000", 2)


def test_dotted_leader_is_no_value() -> None:
    assert find(page("Họ và tên ........ Lê Văn An"), "Họ và tên", kind="name").value == "LÊ VĂN AN"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({}, False),
        ({"expected": ""}, True),
        ({"expected": "038190001235"}, True),
        ({"pattern": "1[0-9]{11}"}, True),
        ({"confidence": 92.9}, True),
        ({"label": "Biển số"}, True),
    ],
)
def test_routing_needs_every_reason(change: dict[str, object], check: bool) -> None:
    given = {"expected": "038190001234", "pattern": "0[0-9]{11}", "confidence": 93.0, "label": "Số định danh"} | change
    words = page("Số định danh: 038190001234", confidence=float(str(given["confidence"])))
    found = find(
        words, str(given["label"]), kind="id12", expected=str(given["expected"]), pattern=str(given["pattern"])
    )
    assert found.check is check


def test_one_weak_word_makes_the_whole_value_weak() -> None:
    words = list(page("Họ và tên: Lê Văn An"))
    words[-1] = ReadWord(text="An", confidence=40, left=words[-1].left, top=100, width=20, height=20)
    found = find(in_lines(words), "Họ và tên", kind="name", expected="LÊ VĂN AN")
    assert found.confidence == 40 and found.check


def test_tone_mark_that_differs_is_a_difference() -> None:
    assert find(page("Họ và tên: NGUYÊN AN"), "Họ và tên", kind="name", expected="NGUYỄN AN").check


@pytest.mark.parametrize(
    ("text", "kind", "value", "valid"),
    [
        ("21/09/2026", "date", "2026-09-21", True),
        ("ngày 5 tháng 2 năm 1990", "date", "1990-02-05", True),
        ("21 - 9 - 2026.", "date", "2026-09-21", True),
        ("31/02/2026", "date", "31/02/2026", False),
        ("08 giờ 07 phút, ngày 23 tháng 11 năm 2026", "date", "2026-11-23", True),
        ("038 190 001 234", "id12", "038190001234", True),
        ("O3819OOO1234", "id12", "038190001234", True),
        ("03819000123", "id12", "03819000123", False),
        ("0381900012345", "id12", "0381900012345", False),
        ("999190001234", "id12", "999190001234", False),
        ("8.000 đồng", "number", "8000", True),
        ("1.234.567", "number", "1234567", True),
        ("không", "number", "không", False),
        ("Nguyễn  Thị Thu Hằng.", "name", "NGUYỄN THỊ THU HẰNG", True),
        ("NGUYỄN V4N AN", "name", "NGUYỄN V4N AN", False),
        ("Việt Nam ;", "text", "Việt Nam", True),
        ("", "text", "", False),
    ],
)
def test_values_have_one_spelling(text: str, kind: str, value: str, valid: bool) -> None:
    reading = normalise(text, kind)
    assert (reading.value, reading.valid) == (value, valid)


@given(st.text(max_size=40), st.sampled_from(["date", "id12", "number", "name", "text", "odd"]))
def test_normalising_any_text_is_total_and_stable(text: str, kind: str) -> None:
    first = normalise(text, kind)
    if first.valid and kind != "date":
        assert normalise(first.value, kind).value == first.value


def test_blocks_side_by_side_become_one_line() -> None:
    words = (
        ReadWord(text="Quỳnh", confidence=90, left=700, top=104, width=90, height=22),
        ReadWord(text="Họ", confidence=90, left=100, top=100, width=30, height=20),
        ReadWord(text="tên:", confidence=90, left=140, top=98, width=40, height=20),
        ReadWord(text="Dòng", confidence=90, left=100, top=135, width=60, height=20),
    )
    assert page_text(in_lines(words)) == "Họ tên: Quỳnh\nDòng"
