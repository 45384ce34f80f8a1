"""Laws: printing and parsing, arithmetic against decimal, calendar against datetime."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import DayTimeDuration, YearMonthDuration, compile_expression, from_json, to_json
from engine.feel.calendar import civil, day_number, read_datetime, read_duration, show_datetime, show_duration
from engine.feel.parser import parse
from engine.feel.printer import show_node
from tests.feel.sources import VARIABLES, Author

_REFERENCE = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)
_MOMENTS = st.datetimes(min_value=datetime(9, 1, 1), max_value=datetime(9990, 1, 1))
_DATES = st.dates(min_value=date(1, 1, 2), max_value=date(9990, 1, 1))


def _value(source: str, **context: object) -> object:
    return compile_expression(source).evaluate(context).value


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_printed_expression_parses_to_itself(seed: int) -> None:
    tree = Author(seed).expression()
    shown = show_node(tree)
    again = parse(shown, VARIABLES)
    assert again == tree
    assert show_node(again) == shown


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_printed_tests_parse_to_themselves(seed: int) -> None:
    tree = Author(seed).tests()
    assert parse(show_node(tree), VARIABLES, start="tests") == tree


@given(_NUMBERS, _NUMBERS, st.sampled_from("+-*/"))
def test_arithmetic_agrees_with_decimal(left: Decimal, right: Decimal, sign: str) -> None:
    names = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
    got = _value(f"a {sign} b", a=left, b=right)
    if sign == "/" and right == 0:
        assert got is None
    else:
        assert got == getattr(_REFERENCE, names[sign])(left, right)


@given(_NUMBERS, st.integers(min_value=-3, max_value=6))
def test_rounding_agrees_with_decimal(number: Decimal, scale: int) -> None:
    expected = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)
    assert _value("decimal(n, s)", n=number, s=Decimal(scale)) == expected


@given(_NUMBERS, _NUMBERS.filter(bool))
def test_modulo_agrees_with_floor(dividend: Decimal, divisor: Decimal) -> None:
    rest = _value("modulo(a, b)", a=dividend, b=divisor)
    assert isinstance(rest, Decimal)
    assert rest == 0 or (rest < 0) == (divisor < 0)
    assert abs(rest) < abs(divisor)
    assert (dividend - rest) / divisor == ((dividend - rest) / divisor).to_integral_value()


@given(_DATES, st.integers(min_value=-300_000, max_value=300_000))
def test_date_plus_days_agrees_with_datetime(day: date, days: int) -> None:
    try:
        expected = day + timedelta(days=days)
    except OverflowError:
        return
    assert _value("d + n", d=day, n=DayTimeDuration.of(timedelta(days=days))) == expected
    assert _value("a - b", a=expected, b=day) == DayTimeDuration.of(timedelta(days=days))


@given(
    st.datetimes(min_value=datetime(9, 1, 1), max_value=datetime(9990, 1, 1)),
    st.timedeltas(timedelta(-900), timedelta(900)),
)
def test_moment_arithmetic_agrees_with_datetime(moment: datetime, delta: timedelta) -> None:
    duration = DayTimeDuration.of(delta)
    assert _value("m + d", m=moment, d=duration) == moment + delta
    assert _value("m - d", m=moment, d=duration) == moment - delta
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=7)))
    assert _value("m + d", m=zoned, d=duration) == zoned + delta


@given(_DATES, st.integers(min_value=-1000, max_value=1000))
def test_months_added_keep_the_day_or_clamp(day: date, months: int) -> None:
    later = _value("d + n", d=day, n=YearMonthDuration(months))
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or later.day >= 28


@given(_DATES)
def test_week_and_day_of_year_agree_with_datetime(day: date) -> None:
    assert _value("week of year(d)", d=day) == day.isocalendar().week
    assert _value("day of year(d)", d=day) == day.timetuple().tm_yday
    assert _value("d.weekday", d=day) == day.isoweekday()
    assert _value("day of week(d)", d=day) == day.strftime("%A")


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_day_numbers_are_one_to_one(number: int) -> None:
    class Day:
        year, month, day = civil(number)

    assert day_number(Day) == number


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_shown_duration_reads_back(nanoseconds: int) -> None:
    duration = DayTimeDuration(nanoseconds)
    assert read_duration(show_duration(duration)) == duration


@given(st.datetimes(timezones=st.none() | st.timezones().filter(lambda zone: "/" in zone.key)))
def test_shown_moment_reads_back(moment: datetime) -> None:
    again = read_datetime(show_datetime(moment))
    assert (again.replace(tzinfo=None), str(again.tzinfo)) == (moment.replace(tzinfo=None), str(moment.tzinfo))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(_JSON)
def test_json_comes_back_equal(value: object) -> None:
    assert to_json(from_json(value)) == value  # type: ignore[arg-type]


@given(_NUMBERS | _DATES | st.datetimes() | st.times())
def test_value_comes_back_through_json(value: object) -> None:
    assert from_json(to_json(value)) == value
