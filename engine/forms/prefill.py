"""From answers of registers to the values a form is opened with, and the locked ones put back into data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.forms.condition import Scope, is_shown
from engine.forms.form import Field, Form, Kind, Lock, Place, is_empty, value_at
from engine.forms.leaf import leaf_fault
from engine.forms.validation import is_locked


def prefill(form: Form, registers: Mapping[str, Mapping[str, Any]], *, today: date) -> dict[str, Any]:
    """The source of the form: data-shaped values taken along each field's ``x-prefill`` path.

    The first name of a path is a key of ``registers`` (``requester``, ``mother``, ``dossier`` …), the rest leads into
    that answer. A value that the form would refuse is left out where a person may type instead (lock ``known`` or
    none) and kept where it is locked for good, so that nobody is left to guess.
    """
    return _group(form.root, registers, 0, today)


def fill_locked(form: Form, data: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``data`` with the locked values of ``source`` put in where the form shows them."""
    return _fill(form.root, data, source, (), ())


def _group(field: Field, answers: Any, cut: int, today: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in field.children:
        if child.kind is Kind.GROUP:
            inner = _group(child, answers, cut, today)
            if inner:
                found[child.name] = inner
        elif child.prefill:
            value = value_at(answers, child.prefill[cut:])
            if child.kind is Kind.LIST:
                items = value[: child.max_items] if isinstance(value, list) else []
                if items:
                    found[child.name] = [_group(child, item, len(child.prefill), today) for item in items]
            else:
                value = _value(child, value)
                if not is_empty(value) and (child.lock is Lock.YES or not leaf_fault(child, value, today=today)):
                    found[child.name] = value
    return found


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if field.kind is Kind.CHOICE and isinstance(value, str):
        # Registers answer in words or in codes; the form stores its own code.
        for option in field.options:
            if value == option.value or value.casefold() == option.title.vi.casefold():
                return option.value
    if field.kind is Kind.TEXT and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str | int | float | bool | list) else None


def _fill(field: Field, data: Any, source: Mapping[str, Any], place: Place, above: Scope) -> dict[str, Any]:
    given = data if isinstance(data, Mapping) else {}
    # Names the form does not know stay, so that validation can name them.
    filled: dict[str, Any] = dict(given)
    scope = (*above, filled)
    for child in field.children:
        at = (*place, child.name)
        if not is_shown(child, scope):
            continue
        value = given.get(child.name)
        if child.kind is Kind.GROUP and (value is None or isinstance(value, Mapping)):
            filled[child.name] = _fill(child, value, source, at, scope)
        elif child.kind is Kind.LIST:
            known = value_at(source, at)
            if value is None and child.lock is not Lock.NO and isinstance(known, list):
                value = [{} for _ in known]
            if isinstance(value, list):
                filled[child.name] = [
                    _fill(child, item, source, (*at, n), scope) if isinstance(item, Mapping) else item
                    for n, item in enumerate(value)
                ]
        elif child.is_leaf and is_locked(child, at, source):
            known = value_at(source, at)
            if is_empty(known):
                filled.pop(child.name, None)
            else:
                filled[child.name] = known
    return filled
