"""List functions."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from engine.feel.calling import invoke
from engine.feel.errors import Undefined
from engine.feel.kinds import equal, kind, order
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import Function, Value

LIBRARY = Library()


def _same(left: Value, right: Value) -> bool:
    return equal(left, right) is True


def position(name: str, wanted: Decimal, length: int) -> int:
    """The index from 0 of a position from 1, or from -1 backwards; ``Undefined`` outside."""
    at = int(wanted) if abs(wanted) <= length and wanted == wanted.to_integral_value() else 0
    if not at:
        raise Undefined("index", index=str(wanted)[:40], length=length)
    return at - 1 if at > 0 else length + at


@LIBRARY.function(
    "list contains(list: list, element: Any): boolean", vi="Danh sách có phần tử?", en="Whether the element is listed."
)
def list_contains(run: Run, values: list[Value], element: Value) -> Value:
    run.meter.charge(len(values))
    return any(_same(value, element) for value in values)


@LIBRARY.function("count(list: list): number", vi="Số phần tử.", en="How many elements there are.")
def count(run: Run, values: list[Value]) -> Value:
    return Decimal(len(values))


@LIBRARY.function(
    "sublist(list: list, start position: number, length?: number): list",
    vi="Một đoạn của danh sách, vị trí đếm từ 1 hoặc từ cuối là -1.",
    en="A part of the list; positions count from 1, or from the end as -1.",
)
def sublist(run: Run, values: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first = position("sublist", start, len(values))
    if length is None:
        return values[first:]
    if length < 0 or first + length > len(values):
        raise Undefined("argument-value", name="sublist", argument="length", value=str(length)[:40])
    return values[first : first + int(length)]


@LIBRARY.function("append(list: list, item...: Any): list", vi="Thêm vào cuối.", en="The list with items at its end.")
def append(run: Run, values: list[Value], items: list[Value]) -> Value:
    run.meter.list_of(len(values) + len(items))
    return [*values, *items]


@LIBRARY.function("concatenate(list...: list): list", vi="Nối các danh sách.", en="The lists one after another.")
def concatenate(run: Run, lists: list[list[Value]]) -> Value:
    run.meter.list_of(sum(map(len, lists)))
    return [value for values in lists for value in values]


@LIBRARY.function(
    "insert before(list: list, position: number, newItem: Any): list",
    vi="Chèn trước vị trí.",
    en="The list with an item before the position.",
)
def insert_before(run: Run, values: list[Value], at: Decimal, item: Value) -> Value:
    run.meter.list_of(len(values) + 1)
    index = position("insert before", at, len(values))
    return [*values[:index], item, *values[index:]]


@LIBRARY.function("remove(list: list, position: number): list", vi="Bỏ phần tử ở vị trí.", en="The list without one.")
def remove(run: Run, values: list[Value], at: Decimal) -> Value:
    run.meter.list_of(len(values))
    index = position("remove", at, len(values))
    return values[:index] + values[index + 1 :]


@LIBRARY.function(
    "list replace(list: list, position: number, newItem: Any): list",
    vi="Thay phần tử ở vị trí.",
    en="The list with the item at a position replaced.",
)
def replace_at(run: Run, values: list[Value], at: Decimal, item: Value) -> Value:
    run.meter.list_of(len(values))
    index = position("list replace", at, len(values))
    return [*values[:index], item, *values[index + 1 :]]


@LIBRARY.function(
    "list replace(list: list, match: function, newItem: Any): list",
    vi="Thay các phần tử mà hàm match cho là đúng.",
    en="The list with every item replaced for which match(item, newItem) is true.",
)
def replace_matching(run: Run, values: list[Value], match: Function, item: Value) -> Value:
    run.meter.list_of(len(values))
    replaced = []
    for value in values:
        found = invoke(match, [value, item], (), run)
        if type(found) is not bool:
            raise Undefined("not-a-boolean", kind=kind(found))
        replaced.append(item if found else value)
    return replaced


@LIBRARY.function("reverse(list: list): list", vi="Đảo ngược.", en="The list backwards.")
def reverse(run: Run, values: list[Value]) -> Value:
    run.meter.list_of(len(values))
    return values[::-1]


@LIBRARY.function(
    "index of(list: list, match: Any): list<number>", vi="Các vị trí của phần tử.", en="The positions of an element."
)
def index_of(run: Run, values: list[Value], match: Value) -> Value:
    run.meter.charge(len(values))
    return [Decimal(at) for at, value in enumerate(values, 1) if _same(value, match)]


def _distinct(values: list[Value], run: Run) -> list[Value]:
    kept: list[Value] = []
    seen: set[tuple[type, Value]] = set()
    for value in values:
        if type(value) in (Decimal, str, bool):
            key = (type(value), value)
            run.meter.charge(1)
            if key not in seen:
                seen.add(key)
                kept.append(value)
        else:
            run.meter.charge(2 * len(kept) + 1)
            if not any(_same(value, other) for other in kept):
                kept.append(value)
    return kept


@LIBRARY.function("distinct values(list: list): list", vi="Bỏ phần tử trùng.", en="The list without repetitions.")
def distinct_values(run: Run, values: list[Value]) -> Value:
    return _distinct(values, run)


@LIBRARY.function("union(list...: list): list", vi="Hợp các danh sách, không trùng.", en="The lists joined, distinct.")
def union(run: Run, lists: list[list[Value]]) -> Value:
    return _distinct([value for values in lists for value in values], run)


@LIBRARY.function("flatten(list: list): list", vi="Trải phẳng danh sách lồng nhau.", en="The list without nesting.")
def flatten(run: Run, values: list[Value]) -> Value:
    flat: list[Value] = []
    waiting = [iter(values)]
    while waiting:
        for value in waiting[-1]:
            run.meter.charge(1)
            if type(value) is list:
                waiting.append(iter(value))
                break
            flat.append(value)
        else:
            waiting.pop()
    run.meter.list_of(len(flat))
    return flat


@LIBRARY.function(
    "sort(list: list, precedes: function): list",
    vi="Sắp xếp; precedes(a, b) đúng khi a đứng trước b.",
    en="The list in order; precedes(a, b) is true when a comes first.",
)
def sort(run: Run, values: list[Value], precedes: Function) -> Value:
    def compare(left: Value, right: Value) -> int:
        if invoke(precedes, [left, right], (), run) is True:
            return -1
        return 1 if invoke(precedes, [right, left], (), run) is True else 0

    run.meter.list_of(len(values))
    return sorted(values, key=cmp_to_key(compare))


@LIBRARY.function("sort(list: list): list", vi="Sắp xếp tăng dần.", en="The list in ascending order.")
def sort_naturally(run: Run, values: list[Value]) -> Value:
    def compare(left: Value, right: Value) -> int:
        run.meter.charge(1)
        return order(left, right)

    run.meter.list_of(len(values))
    return sorted(values, key=cmp_to_key(compare))
