"""Context functions."""

from __future__ import annotations

from engine.feel.errors import Undefined
from engine.feel.kinds import kind
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import Value

LIBRARY = Library()


@LIBRARY.function("get value(m: context, key: string): Any", vi="Giá trị của khóa.", en="The value of the key.")
def get_value(run: Run, m: dict[str, Value], key: str) -> Value:
    if key not in m:
        raise Undefined("no-key", key=key[:60])
    return m[key]


@LIBRARY.function("get value(m: context, key: list): Any", vi="Giá trị theo đường khóa.", en="The value along keys.")
def get_value_along(run: Run, m: dict[str, Value], keys: list[Value]) -> Value:
    value: Value = m
    for key in keys:
        if type(value) is not dict or type(key) is not str or key not in value:
            raise Undefined("no-key", key=str(key)[:60])
        value = value[key]
    if not keys:
        raise Undefined("no-key", key="[]")
    return value


@LIBRARY.function(
    "get entries(m: context): list<context>", vi="Danh sách {key, value}.", en="The entries as {key, value}."
)
def get_entries(run: Run, m: dict[str, Value]) -> Value:
    run.meter.list_of(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@LIBRARY.function("context(entries: list): context", vi="Ngữ cảnh từ {key, value}.", en="A context of {key, value}.")
def context(run: Run, entries: list[Value]) -> Value:
    run.meter.list_of(len(entries))
    built: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Undefined("element-type", name="context", kind=kind(entry))
        if entry["key"] in built:
            raise Undefined("duplicate-key", key=entry["key"][:60])
        built[entry["key"]] = entry["value"]
    return built


@LIBRARY.function(
    "context put(context: context, key: string, value: Any): context",
    vi="Ngữ cảnh có thêm hoặc thay một mục.",
    en="The context with one entry set.",
)
def context_put(run: Run, target: dict[str, Value], key: str, value: Value) -> Value:
    run.meter.list_of(len(target) + 1)
    return {**target, key: value}


@LIBRARY.function(
    "context put(context: context, keys: list, value: Any): context",
    vi="Ngữ cảnh có mục được thay theo đường khóa.",
    en="The context with the entry along keys set.",
)
def context_put_along(run: Run, target: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or any(type(key) is not str for key in keys):
        raise Undefined("argument-value", name="context put", argument="keys", value=f"[{len(keys)}]")
    run.meter.charge(len(keys))
    levels: list[dict[str, Value]] = [target]
    for key in keys[:-1]:
        below = levels[-1].get(key)
        if type(below) is not dict:
            raise Undefined("no-key", key=key[:60])
        levels.append(below)
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        run.meter.list_of(len(level) + 1)
        value = {**level, key: value}
    return value


@LIBRARY.function(
    "context merge(contexts: list): context",
    vi="Gộp các ngữ cảnh, cái sau thắng.",
    en="The contexts together; the later wins.",
)
def context_merge(run: Run, contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for entry in contexts:
        if type(entry) is not dict:
            raise Undefined("element-type", name="context merge", kind=kind(entry))
        merged.update(entry)
        run.meter.list_of(len(entry))
    return merged
