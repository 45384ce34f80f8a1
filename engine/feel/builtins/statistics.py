"""Functions over lists of numbers, booleans or comparable values."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation, Overflow
from functools import reduce

from engine.feel.errors import Undefined
from engine.feel.kinds import DAYS, MONTHS, kind, order
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import DECIMAL, DayTimeDuration, Value, YearMonthDuration

LIBRARY = Library()


def _numbers(name: str, values: list[Value], run: Run) -> list[Decimal]:
    run.meter.charge(len(values))
    for value in values:
        if type(value) is not Decimal:
            raise Undefined("element-type", name=name, kind=kind(value))
    return values


def _extreme(name: str, values: list[Value], run: Run, sign: int) -> Value:
    run.meter.charge(len(values))
    if not values:
        return None
    best = values[0]
    order(best, best)  # a list of one incomparable value has no extreme either
    for value in values[1:]:
        if order(value, best) * sign > 0:
            best = value
    return best


@LIBRARY.function("min(list: list): Any", vi="Phần tử nhỏ nhất.", en="The least element.")
@LIBRARY.function("min(values...: Any): Any", vi="Giá trị nhỏ nhất.", en="The least value.")
def least(run: Run, values: list[Value]) -> Value:
    return _extreme("min", values, run, -1)


@LIBRARY.function("max(list: list): Any", vi="Phần tử lớn nhất.", en="The greatest element.")
@LIBRARY.function("max(values...: Any): Any", vi="Giá trị lớn nhất.", en="The greatest value.")
def greatest(run: Run, values: list[Value]) -> Value:
    return _extreme("max", values, run, 1)


@LIBRARY.function("sum(list: list): number", vi="Tổng.", en="The sum.")
@LIBRARY.function("sum(values...: Any): number", vi="Tổng.", en="The sum.")
def total(run: Run, values: list[Value]) -> Value:
    if values and kind(values[0]) in (DAYS, MONTHS):
        return _durations(values, run)
    try:
        return reduce(DECIMAL.add, _numbers("sum", values, run)) if values else None
    except Overflow as error:
        raise Undefined("number-overflow") from error


def _durations(values: list[Value], run: Run) -> Value:
    run.meter.charge(len(values))
    for value in values:
        if kind(value) != kind(values[0]):
            raise Undefined("element-type", name="sum", kind=kind(value))
    if kind(values[0]) == DAYS:
        return DayTimeDuration(sum(value.nanoseconds for value in values))
    return YearMonthDuration(sum(value.months for value in values))


@LIBRARY.function("product(list: list): number", vi="Tích.", en="The product.")
@LIBRARY.function("product(values...: Any): number", vi="Tích.", en="The product.")
def product(run: Run, values: list[Value]) -> Value:
    try:
        return reduce(DECIMAL.multiply, _numbers("product", values, run)) if values else None
    except (Overflow, InvalidOperation) as error:
        raise Undefined("number-overflow") from error


def _mean(numbers: list[Decimal]) -> Decimal:
    try:
        return DECIMAL.divide(reduce(DECIMAL.add, numbers), Decimal(len(numbers)))
    except Overflow as error:
        raise Undefined("number-overflow") from error


@LIBRARY.function("mean(list: list): number", vi="Trung bình cộng.", en="The arithmetic mean.")
@LIBRARY.function("mean(values...: Any): number", vi="Trung bình cộng.", en="The arithmetic mean.")
def mean(run: Run, values: list[Value]) -> Value:
    if values and kind(values[0]) == DAYS:
        return DayTimeDuration(_durations(values, run).nanoseconds // len(values))
    return _mean(_numbers("mean", values, run)) if values else None


@LIBRARY.function("median(list: list): number", vi="Trung vị.", en="The median.")
@LIBRARY.function("median(values...: Any): number", vi="Trung vị.", en="The median.")
def median(run: Run, values: list[Value]) -> Value:
    ordered = sorted(_numbers("median", values, run))
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1 : middle + 1])


@LIBRARY.function("stddev(list: list): number", vi="Độ lệch chuẩn mẫu.", en="The sample standard deviation.")
@LIBRARY.function("stddev(values...: Any): number", vi="Độ lệch chuẩn mẫu.", en="The sample standard deviation.")
def stddev(run: Run, values: list[Value]) -> Value:
    numbers = _numbers("stddev", values, run)
    if len(numbers) < 2:
        return None
    centre = _mean(numbers)
    try:
        squares = reduce(DECIMAL.add, (DECIMAL.power(DECIMAL.subtract(number, centre), 2) for number in numbers))
        return DECIMAL.sqrt(DECIMAL.divide(squares, Decimal(len(numbers) - 1)))
    except Overflow as error:
        raise Undefined("number-overflow") from error


@LIBRARY.function("mode(list: list): list<number>", vi="Các giá trị hay gặp nhất.", en="The most frequent values.")
@LIBRARY.function("mode(values...: Any): list<number>", vi="Các giá trị hay gặp nhất.", en="The most frequent values.")
def mode(run: Run, values: list[Value]) -> Value:
    counted = Counter(_numbers("mode", values, run))
    most = max(counted.values(), default=0)
    return sorted(value for value, count in counted.items() if count == most)


@LIBRARY.function("all(list: list): boolean", vi="Mọi phần tử đều đúng?", en="Whether all elements are true.")
@LIBRARY.function("all(values...: Any): boolean", vi="Mọi giá trị đều đúng?", en="Whether all values are true.")
def conjunction(run: Run, values: list[Value]) -> Value:
    return _decide("all", values, run, decisive=False)


@LIBRARY.function("any(list: list): boolean", vi="Có phần tử nào đúng?", en="Whether any element is true.")
@LIBRARY.function("any(values...: Any): boolean", vi="Có giá trị nào đúng?", en="Whether any value is true.")
def disjunction(run: Run, values: list[Value]) -> Value:
    return _decide("any", values, run, decisive=True)


def _decide(name: str, values: list[Value], run: Run, *, decisive: bool) -> bool | None:
    run.meter.charge(len(values))
    if any(value is decisive for value in values):
        return decisive
    for value in values:
        if type(value) is not bool:
            raise Undefined("element-type", name=name, kind=kind(value))
    return not decisive
