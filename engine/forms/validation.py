"""Judging a whole form: in the order of its fields, hidden ones not asked for, unknown ones refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import Text
from engine.forms.condition import Scope, is_required, is_shown
from engine.forms.form import Field, FieldError, Form, Kind, Lock, Place, dotted, is_empty, value_at
from engine.forms.leaf import leaf_fault
from engine.forms.message import message_for, unknown_message


def validate(
    form: Form, data: Mapping[str, Any], *, today: date, files: Collection[str] | None = None
) -> tuple[FieldError, ...]:
    """Every mistake in ``data``, in the order of the form; none means the form may be accepted.

    ``files`` are the ids of the files bound to the draft; when given, any other id is a mistake. A shown group counts
    as present even when its object is missing, so that each mistake lands on a field a person can see.
    """
    judge = _Judge(today=today, files=files)
    return tuple(judge.group(form.root, data, (), (), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    today: date
    files: Collection[str] | None

    def group(self, field: Field, value: Any, place: Place, above: Scope, where: Text | None) -> Iterator[FieldError]:
        if not isinstance(value, Mapping):
            if value is not None:
                yield _error(field, place, "type", where)
            value = {}
        scope = (*above, value)
        for child in field.children:
            at = (*place, child.name)
            given = value.get(child.name)
            if not is_shown(child, scope):
                if child.name in value:
                    yield _error(child, at, "hidden", where)
            elif child.kind is Kind.GROUP:
                yield from self.group(child, given, at, scope, child.title)
            elif child.kind is Kind.LIST:
                yield from self._list(child, given, at, scope)
            else:
                yield from self._leaf(child, given, at, scope, where)
        known = {child.name for child in field.children}
        for name in sorted(str(key) for key in value if key not in known):
            yield FieldError(
                path=dotted((*place, name)), code="unknown", message=unknown_message(dotted((*place, name)))
            )

    def _list(self, field: Field, value: Any, place: Place, scope: Scope) -> Iterator[FieldError]:
        if value is None:
            value = []
        if not isinstance(value, list):
            yield _error(field, place, "type", None)
            return
        least = max(field.min_items, 1 if is_required(field, scope) else 0)
        if len(value) < least:
            yield _error(field, place, "required" if field.min_items == 0 else "min-items", None)
        if len(value) > field.max_items:
            yield _error(field, place, "max-items", None)
            return
        for n, item in enumerate(value):
            if item is None:
                yield _error(field, (*place, n), "type", item_title(field, n))
            yield from self.group(field, item, (*place, n), scope, item_title(field, n))

    def _leaf(self, field: Field, value: Any, place: Place, scope: Scope, where: Text | None) -> Iterator[FieldError]:
        if is_empty(value):
            if is_required(field, scope):
                yield _error(field, place, "source-missing" if field.lock is Lock.YES else "required", where)
            elif field.kind is Kind.CHOICES and field.min_items and value is not None:
                yield _error(field, place, "min-items", where)
            return
        code = leaf_fault(field, value, today=self.today)
        if not code and field.kind is Kind.FILE and self.files is not None and value not in self.files:
            code = "file"
        if code == "const" and field.kind is Kind.BOOLEAN:
            code = "required"  # an unticked declaration is one that was not made
        if code == "required" and not is_required(field, scope):
            return
        if code:
            yield _error(field, place, code, where)


def check_locked(form: Form, data: Mapping[str, Any], source: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """The locked fields whose value in ``data`` is not the one of ``source``: each is a forgery, named.

    A locked value that is simply absent is no forgery; ``fill_locked`` puts it in.
    """
    return tuple(_forged(form.root, data, source, (), ()))


def _forged(field: Field, data: Any, source: Mapping[str, Any], place: Place, above: Scope) -> Iterator[FieldError]:
    if not isinstance(data, Mapping):
        return
    scope = (*above, data)
    for child in field.children:
        at = (*place, child.name)
        given = data.get(child.name)
        if given is None:
            continue
        if child.kind is Kind.GROUP:
            yield from _forged(child, given, source, at, scope)
        elif child.kind is Kind.LIST:
            known = value_at(source, at)
            if child.lock is not Lock.NO and isinstance(given, list) and len(given) != len(known or []):
                yield _error(child, at, "locked", None)
            for n, item in enumerate(given if isinstance(given, list) else []):
                yield from _forged(child, item, source, (*at, n), scope)
        elif is_locked(child, at, source) and given != value_at(source, at):
            yield _error(child, at, "locked", None)


def is_locked(field: Field, place: Place, source: Mapping[str, Any]) -> bool:
    """Whether the value at ``place`` is taken from ``source`` and closed to the request."""
    if field.lock is Lock.KNOWN:
        return not is_empty(value_at(source, place))
    return field.lock is Lock.YES


def item_title(field: Field, n: int) -> Text:
    """The name of the item numbered ``n`` from 0: "Giấy tờ 1"."""
    noun = field.item_noun or field.title
    return Text(vi=f"{noun.vi} {n + 1}", en=f"{noun.en} {n + 1}")


def _error(field: Field, place: Place, code: str, where: Text | None) -> FieldError:
    message = message_for(field, code, where=where if field.ambiguous else None)
    return FieldError(path=dotted(place), code=code, message=message)
