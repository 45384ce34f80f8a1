"""Conditions: reading them from a schema, and judging them against data while it is being read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.forms.form import Condition, Field, Kind, Scalar


class ConditionFault(Exception):
    """An ``if``/``then`` outside the subset, at ``pointer`` below its object."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        super().__init__(pointer)


def read_condition(path: str, wanted: list[Scalar]) -> Condition:
    """The condition of ``x-show-if``."""
    parts = tuple(path.split("/"))
    return Condition(path=("/", *parts[1:]) if parts[0] == "" else parts, values=tuple(wanted))


def read_required_if(schema: dict[str, Any]) -> dict[str, tuple[tuple[Condition, ...], ...]]:
    """Field name → the conjunctions that make it required, from ``if``/``then`` here and in ``allOf``."""
    found: dict[str, tuple[tuple[Condition, ...], ...]] = {}
    rules: list[tuple[str, Any]] = [(f"/allOf/{n}", rule) for n, rule in enumerate(schema.get("allOf", []))]
    if "if" in schema or "then" in schema:
        rules.append(("", {key: schema[key] for key in ("if", "then") if key in schema}))
    for pointer, rule in rules:
        names, conjunction = _rule(rule, pointer)
        for name in names:
            found[name] = (*found.get(name, ()), conjunction)
    return found


def _rule(rule: Any, pointer: str) -> tuple[list[str], tuple[Condition, ...]]:
    if not isinstance(rule, dict) or set(rule) != {"if", "then"}:
        raise ConditionFault(pointer)
    when, then = rule["if"], rule["then"]
    if (
        not isinstance(when, dict)
        or set(when) != {"properties", "required"}
        or not isinstance(when["properties"], dict)
    ):
        raise ConditionFault(f"{pointer}/if")
    # Without "required" an absent property would satisfy the condition: never what an author means.
    if (
        not when["properties"]
        or not isinstance(when["required"], list)
        or set(map(str, when["required"])) != set(when["properties"])
    ):
        raise ConditionFault(f"{pointer}/if/required")
    if not isinstance(then, dict) or set(then) != {"required"} or not isinstance(then["required"], list):
        raise ConditionFault(f"{pointer}/then")
    if not all(isinstance(name, str) for name in then["required"]):
        raise ConditionFault(f"{pointer}/then/required")
    return then["required"], tuple(_property(name, test, pointer) for name, test in when["properties"].items())


def _property(name: str, test: Any, pointer: str) -> Condition:
    if isinstance(test, dict) and set(test) == {"const"} and isinstance(test["const"], str | int | float | bool):
        return Condition(path=(name,), values=(test["const"],))
    if isinstance(test, dict) and set(test) == {"enum"} and isinstance(test["enum"], list) and test["enum"]:
        if not all(isinstance(item, str | int | float | bool) for item in test["enum"]):
            raise ConditionFault(f"{pointer}/if/properties/{name}/enum")
        return Condition(path=(name,), values=tuple(test["enum"]))
    raise ConditionFault(f"{pointer}/if/properties/{name}")


#: The objects around a field, from the root to the one that holds it.
Scope = tuple[Mapping[str, Any], ...]


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether ``condition`` is true within ``scope``. An absent or hidden value equals nothing."""
    around = list(scope)
    path = list(condition.path)
    if path and path[0] == "/":
        around, path = around[:1], path[1:]
    while path and path[0] == "..":
        path = path[1:]
        around.pop()
        if not around:
            return False
    value: Any = around[-1]
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    return any(_same(item, wanted) for item in values for wanted in condition.values)


def is_shown(field: Field, scope: Scope) -> bool:
    """Whether the field is part of the form for this data (its parents being shown)."""
    return field.show_if is None or holds(field.show_if, scope)


def is_required(field: Field, scope: Scope) -> bool:
    """Whether a shown field must be answered."""
    return field.required or any(all(holds(each, scope) for each in rule) for rule in field.required_if)


def _same(value: Any, wanted: Scalar) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)


def target_path(field_path: tuple[str, ...], condition: Condition) -> tuple[str, ...] | None:
    """The schema path that a field's condition reads, None when it climbs above the root.

    The scope of a field is the chain of objects: the root, each group, each item. ``[]`` therefore counts with its
    list as one object.
    """
    objects: list[tuple[str, ...]] = [()]
    holder = field_path[:-1]
    for n, part in enumerate(holder):
        if part == "[]":
            objects[-1] = holder[: n + 1]
        else:
            objects.append(holder[: n + 1])
    path = condition.path
    if path and path[0] == "/":
        return path[1:]
    climbed = 0
    while climbed < len(path) and path[climbed] == "..":
        climbed += 1
    if climbed >= len(objects):
        return None
    return (*objects[len(objects) - 1 - climbed], *path[climbed:])


def controls(kind: Kind) -> bool:
    """Whether a condition may read a field of this kind."""
    return kind in (Kind.CHOICE, Kind.CHOICES, Kind.BOOLEAN, Kind.TEXT, Kind.INTEGER)
