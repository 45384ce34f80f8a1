"""``string``, ``number`` and ``not``."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel.errors import Undefined
from engine.feel.run import Run
from engine.feel.show import show
from engine.feel.signature import Library
from engine.feel.values import DECIMAL, Value

LIBRARY = Library()

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@LIBRARY.function("string(from: Any): string", vi="Giá trị dưới dạng chuỗi.", en="The value as a string.")
def string(run: Run, value: Value) -> Value:
    return None if value is None else show(value, run.meter)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Undefined("argument-value", name="number", argument="from", value=text[:40])
    try:
        return DECIMAL.create_decimal(text)
    except ArithmeticError as error:
        raise Undefined("number-overflow") from error


@LIBRARY.function("number(from: string): number", vi="Số từ chuỗi.", en="The number a string spells.")
def number(run: Run, text: str) -> Value:
    run.meter.string_of(len(text))
    return _number(text)


@LIBRARY.function(
    "number(from: string, grouping separator: string|null, decimal separator: string|null): number",
    vi="Số từ chuỗi có dấu nhóm và dấu thập phân cho trước.",
    en="The number a string with the given separators spells.",
)
def separated_number(run: Run, text: str, grouping: str | None, point: str | None) -> Value:
    run.meter.string_of(len(text))
    if grouping not in (None, " ", ".", ","):
        raise Undefined("argument-value", name="number", argument="grouping separator", value=grouping)
    if point not in (None, ".", ",") or (point is not None and point == grouping):
        raise Undefined("argument-value", name="number", argument="decimal separator", value=point)
    if grouping is not None:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            raise Undefined("argument-value", name="number", argument="from", value=text[:40])
        text = text.replace(",", ".")
    return _number(text)


@LIBRARY.function("not(negand: boolean): boolean", vi="Phủ định.", en="The opposite.")
def negation(run: Run, negand: bool) -> Value:
    return not negand
