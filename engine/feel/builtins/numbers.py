"""Numeric functions."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)

from engine.feel.errors import Undefined
from engine.feel.kinds import DAYS, MONTHS, kind
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import DECIMAL, DayTimeDuration, Value, YearMonthDuration

LIBRARY = Library()

_LEAST_SCALE, _MOST_SCALE = -6111, 6176
_WIDE = Context(prec=12_400, Emin=-100_000, Emax=100_000, traps=[InvalidOperation, Overflow])


def rounded(name: str, number: Decimal, scale: Decimal, mode: str) -> Decimal:
    """``number`` with ``scale`` digits after the point."""
    digits = int(scale)
    if not _LEAST_SCALE <= digits <= _MOST_SCALE:
        raise Undefined("argument-value", name=name, argument="scale", value=str(scale)[:40])
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return number
    return DECIMAL.plus(number.quantize(Decimal((0, (1,), -digits)), rounding=mode, context=_WIDE))


@LIBRARY.function("decimal(n: number, scale: number): number", vi="Làm tròn nửa về chẵn.", en="Rounds half to even.")
def decimal(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded("decimal", n, scale, ROUND_HALF_EVEN)


@LIBRARY.function("floor(n: number, scale?: number): number", vi="Làm tròn xuống.", en="Rounds towards minus infinity.")
def floor(run: Run, n: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded("floor", n, scale, ROUND_FLOOR)


@LIBRARY.function("ceiling(n: number, scale?: number): number", vi="Làm tròn lên.", en="Rounds towards infinity.")
def ceiling(run: Run, n: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded("ceiling", n, scale, ROUND_CEILING)


@LIBRARY.function("round up(n: number, scale: number): number", vi="Làm tròn ra xa 0.", en="Rounds away from zero.")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded("round up", n, scale, ROUND_UP)


@LIBRARY.function("round down(n: number, scale: number): number", vi="Làm tròn về 0.", en="Rounds towards zero.")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded("round down", n, scale, ROUND_DOWN)


@LIBRARY.function(
    "round half up(n: number, scale: number): number", vi="Làm tròn, nửa ra xa 0.", en="Rounds, halves away from zero."
)
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded("round half up", n, scale, ROUND_HALF_UP)


@LIBRARY.function(
    "round half down(n: number, scale: number): number", vi="Làm tròn, nửa về 0.", en="Rounds, halves towards zero."
)
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded("round half down", n, scale, ROUND_HALF_DOWN)


@LIBRARY.function(
    f"abs(n: number|{DAYS}|{MONTHS}): number|{DAYS}|{MONTHS}",
    vi="Giá trị tuyệt đối của số hoặc khoảng thời gian.",
    en="The absolute value of a number or duration.",
)
def absolute(run: Run, n: Value) -> Value:
    of = kind(n)
    if of == DAYS:
        return DayTimeDuration(abs(n.nanoseconds))
    if of == MONTHS:
        return YearMonthDuration(abs(n.months))
    return DECIMAL.abs(n)


@LIBRARY.function(
    "modulo(dividend: number, divisor: number): number",
    vi="Phần dư, cùng dấu với số chia.",
    en="The remainder, with the sign of the divisor.",
)
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Undefined("division-by-zero")
    if dividend.adjusted() - divisor.adjusted() > 6000:
        raise Undefined("number-overflow")
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return DECIMAL.plus(rest)


@LIBRARY.function("sqrt(number: number): number", vi="Căn bậc hai.", en="The square root.")
def sqrt(run: Run, number: Decimal) -> Value:
    if number < 0:
        raise Undefined("argument-value", name="sqrt", argument="number", value=str(number))
    return DECIMAL.sqrt(number)


@LIBRARY.function("log(number: number): number", vi="Lô-ga-rít tự nhiên.", en="The natural logarithm.")
def log(run: Run, number: Decimal) -> Value:
    if number <= 0:
        raise Undefined("argument-value", name="log", argument="number", value=str(number))
    return DECIMAL.ln(number)


@LIBRARY.function("exp(number: number): number", vi="Lũy thừa của e.", en="e to the power of the number.")
def exp(run: Run, number: Decimal) -> Value:
    try:
        return DECIMAL.exp(number)
    except Overflow as error:
        raise Undefined("number-overflow") from error


def _parity(number: Decimal) -> int | None:
    if number != number.to_integral_value():
        return None
    return int(_WIDE.remainder(number, Decimal(2)))


@LIBRARY.function("odd(number: number): boolean", vi="Số lẻ?", en="Whether the number is odd.")
def odd(run: Run, number: Decimal) -> Value:
    return _parity(number) in (1, -1)


@LIBRARY.function("even(number: number): boolean", vi="Số chẵn?", en="Whether the number is even.")
def even(run: Run, number: Decimal) -> Value:
    return _parity(number) == 0
