"""Fees and limits of the procedures' tables at their boundaries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import ZONE
from engine.definitions.package import read_folder
from engine.feel import compile_expression
from engine.procedures import Procedure, compile_package
from tests.procedures.stories import PROCESSES
from webapp.calendar_files import read_functions

FUNCTIONS = read_functions()


def _procedure(code: str) -> Procedure:
    return compile_package(read_folder(PROCESSES / code), functions=FUNCTIONS)


@pytest.fixture(scope="module")
def birth() -> Procedure:
    """Birth registration, compiled."""
    return _procedure("1.001193")


@pytest.fixture(scope="module")
def permit() -> Procedure:
    """The construction permit, compiled."""
    return _procedure("1.013225")


@pytest.mark.parametrize(
    ("born", "filed", "copies", "exempt", "amount", "late"),
    [
        ("2026-09-11", "2026-11-10", 0, "khong", 0, False),  # the 60th day, a Tuesday
        ("2026-09-11", "2026-11-10", 3, "khong", 24000, False),
        ("2026-09-10", "2026-11-10", 0, "khong", 8000, True),  # the 61st; the 60th was a Monday
        ("2026-09-09", "2026-11-09", 0, "khong", 0, False),  # the 60th day was a Sunday: Monday is in time
        ("2026-09-08", "2026-11-09", 0, "khong", 0, False),  # a Saturday: the same Monday
        ("2026-09-08", "2026-11-10", 0, "khong", 8000, True),
        ("2026-09-25", "2026-11-25", 0, "khong", 0, False),  # the 60th day was the holiday of 24 November
        ("2026-09-10", "2026-11-10", 2, "ho_ngheo", 16000, True),
        ("1990-03-08", "2026-11-10", 0, "khong", 8000, True),  # long before the calendar's first year
        ("1990-03-08", "2026-11-10", 0, "khuyet_tat", 0, True),
    ],
)
def test_birth_fee_at_boundaries(
    birth: Procedure, born: str, filed: str, copies: int, exempt: str, amount: int, late: bool
) -> None:
    form = {"nks": {"ngay_sinh": born}, "ban_sao": {"so_luong_ban_sao": copies, "mien_le_phi": exempt}}
    fee = birth.decide("fee", {"form": form, "filed_at": f"{filed}T08:30:00+07:00"}).value
    assert (fee["amount"], fee["late"]) == (Decimal(amount), late)
    assert sum(line["amount"] for line in fee["lines"]) == amount


@pytest.mark.parametrize(
    ("rounds", "until"), [(0, "2026-11-19T17:00:00"), (1, "2026-11-17T17:00:00"), (2, "2026-11-13T17:00:00")]
)
def test_supplement_limits_are_seven_five_three_working_days(permit: Procedure, rounds: int, until: str) -> None:
    inputs: dict[str, Any] = {"rounds": rounds, "since": "2026-11-10T08:30:00+07:00", "unit": {"code": "H56.12"}}
    guidance = permit.decide("guidance", inputs).value
    assert guidance["until"].isoformat() == f"{until}+07:00"
    assert guidance["most"] == 2


@pytest.mark.parametrize(("kind", "amount"), [("nha_o", 75000), ("theo_tuyen", 150000)])
def test_permit_fee_follows_kind_of_works(permit: Procedure, kind: str, amount: int) -> None:
    inputs = {"form": {"cong_trinh": {"loai": kind}}, "filed_at": "2026-11-10T08:30:00+07:00"}
    assert permit.decide("fee", inputs).value["amount"] == amount


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("working days after(now(), 3)", "2026-11-13T17:00:00+07:00"),
        ("days after(now(), 12)", "2026-11-23T17:00:00+07:00"),  # the 12th day is a Sunday
        ("days after(now(), 1)", "2026-11-11T17:00:00+07:00"),
        ("working days after(now(), 10)", "2026-11-25T17:00:00+07:00"),  # 24 November is off
    ],
)
def test_product_functions_count_as_the_statutory_clock(expression: str, expected: str) -> None:
    now = datetime(2026, 11, 10, 8, 30, tzinfo=ZONE)
    found = compile_expression(expression).evaluate({}, functions=FUNCTIONS, now=now)
    assert isinstance(found.value, datetime)
    assert found.value.isoformat() == expected


@pytest.mark.parametrize(
    "expression",
    [
        "working days after(now(), 0)",
        "working days after(now(), -1)",
        'days after("x", 1)',
        'days after(date and time("2051-01-04T08:00:00+07:00"), 1)',
    ],
)
def test_product_functions_never_guess(expression: str) -> None:
    found = compile_expression(expression).evaluate(
        {}, functions=FUNCTIONS, now=datetime(2026, 11, 10, 8, 30, tzinfo=ZONE)
    )
    assert found.value is None
    assert found.reasons
