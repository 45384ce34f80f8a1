from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.letters import wording
from engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi bốn đồng"),
        (55, "Năm mươi lăm đồng"),
        (105, "Một trăm linh năm đồng"),
        (111, "Một trăm mười một đồng"),
        (1_000, "Một nghìn đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (4_000, "Bốn nghìn đồng"),
        (235_000, "Hai trăm ba mươi lăm nghìn đồng"),
        (1_000_000, "Một triệu đồng"),
        (1_020_030, "Một triệu không trăm hai mươi nghìn không trăm ba mươi đồng"),
        (2_000_000_001, "Hai tỷ không trăm linh một đồng"),
        (15_000_000_000_000, "Mười lăm nghìn tỷ đồng"),
    ],
)
def test_amount_is_written_in_words(amount: int, words: str) -> None:
    assert wording.in_words(amount) == words


ONES = {w: n for n, w in enumerate(["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"])}
ONES |= {"mốt": 1, "lăm": 5}
SCALES = {"nghìn": 10**3, "triệu": 10**6, "tỷ": 10**9}


def parse(words: str) -> int:
    """An independent reading of Vietnamese numerals, for the law below."""
    total, part, group, digit = 0, 0, 0, 0
    for word in words.split():
        if word == "trăm":
            group, digit = group + digit * 100, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "mười":
            group += 10
        elif word == "tỷ":
            total, part, group, digit = (total + part + group + digit) * 10**9, 0, 0, 0
        elif word in SCALES:
            part, group, digit = part + (group + digit) * SCALES[word], 0, 0
        elif word != "linh":
            digit = ONES[word]
    return total + part + group + digit


@given(st.integers(0, 10**12))
def test_words_say_the_number(number: int) -> None:
    assert parse(wording.number_words(number)) == number


@given(st.integers(0, 10**14))
def test_money_keeps_its_digits(amount: int) -> None:
    text = wording.money(amount)
    assert int(text.removesuffix(" đồng").replace(".", "")) == amount


def test_money_has_points_between_thousands() -> None:
    assert wording.money(4000) == "4.000 đồng"


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "4000", None, 10**15])
def test_wrong_amount_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidInput):
        wording.money(wrong)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-11-21", "ngày 21 tháng 11 năm 2026"),
        ("2026-02-05", "ngày 05 tháng 02 năm 2026"),
        ("2026-03-15", "ngày 15 tháng 3 năm 2026"),
        (date(2026, 1, 9), "ngày 09 tháng 01 năm 2026"),
        ("2026-11-21T23:30:00+00:00", "ngày 22 tháng 11 năm 2026"),
        (datetime(2026, 12, 31, 18, 0, tzinfo=UTC), "ngày 01 tháng 01 năm 2027"),
    ],
)
def test_date_is_written_as_of_vietnam(value: object, words: str) -> None:
    assert wording.long_date(value) == words


def test_moment_is_written_with_its_minutes() -> None:
    assert wording.clock_time("2026-11-21T14:05:59+07:00") == "14 giờ 05 phút, ngày 21 tháng 11 năm 2026"
    assert wording.short_time("2026-11-21T07:05:59+00:00") == "14:05 21/11/2026"


def test_birthday_is_written_in_words() -> None:
    assert wording.date_words("2026-04-05") == "Ngày mùng năm tháng tư năm hai nghìn không trăm hai mươi sáu"


@pytest.mark.parametrize("wrong", ["", "21/11/2026", 20261121, None])
def test_wrong_date_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidInput):
        wording.long_date(wrong)
