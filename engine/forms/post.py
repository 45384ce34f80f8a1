"""Reading a posted form. The schema is walked, never the request: what the form does not ask for cannot arrive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from engine.forms.condition import Scope, is_shown
from engine.forms.form import Field, Form, Kind, Lock, Place, Scalar, dotted, is_empty, value_at
from engine.forms.validation import is_locked

Post = Mapping[str, Sequence[str]]
_INTEGER: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}([.,]\d{1,9})?", re.ASCII)
#: "1.000" is a thousand to a Vietnamese reader and one to others: never guessed, left as text.
_AMBIGUOUS: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})+", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
_MONTH: Final = re.compile(r"(\d{1,2})[/.\-](\d{4})", re.ASCII)
#: Longer answers are cut before any work is done on them; validation still reports them as too long.
_MAX_TEXT: Final = 20_001


def read_post(
    form: Form,
    post: Post,
    *,
    source: Mapping[str, Any],
    uploads: Collection[str],
    previous: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The data of a post: hidden → absent, locked → from ``source``, empty → absent, unknown names dropped.

    ``uploads`` are the ids of every file bound to this draft; a new upload is stored first and its id posted under
    the field's name. An id that is not among them is dropped. ``previous`` is the draft before this post: a file is
    kept when the post does not mention its field at all. A number or date that cannot be read stays text, so that
    ``validate`` names it. ``act`` may add, remove or clear (see ``action``).
    """
    reader = _Reader(post, source, uploads, previous or {})
    data = reader.group(form.root, (), ())
    for act in post.get("act", ())[:1]:
        _perform(form, data, act)
    return data


def file_field(form: Form, name: str) -> Field | None:
    """The file field that a posted upload's ``name`` belongs to, None for anything else: do not store it."""
    field = form.field(*("[]" if part.isdecimal() else part for part in name[:400].split(".")))
    return field if field is not None and field.kind is Kind.FILE and field.lock is not Lock.YES else None


def initial(form: Form, *, source: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a form nobody has filled in: defaults, and the values of ``source``, locked or merely proposed."""
    return _start(form.root, source, (), ())


class _Reader:
    def __init__(
        self, post: Post, source: Mapping[str, Any], uploads: Collection[str], previous: Mapping[str, Any]
    ) -> None:
        self._post = post
        self._source = source
        self._uploads = uploads
        self._previous = previous

    def group(self, field: Field, place: Place, above: Scope) -> dict[str, Any]:
        """One object. It is filled in order, so a condition sees exactly the fields before it."""
        data: dict[str, Any] = {}
        scope = (*above, data)
        for child in field.children:
            at = (*place, child.name)
            if not is_shown(child, scope):
                continue
            if child.kind is Kind.GROUP:
                data[child.name] = self.group(child, at, scope)
            elif child.kind is Kind.LIST:
                data[child.name] = [self.group(child, (*at, n), scope) for n in range(self._count(child, at))]
            else:
                value = self._leaf(child, at)
                if not is_empty(value):
                    data[child.name] = value
        return data

    def _count(self, field: Field, place: Place) -> int:
        if field.lock is not Lock.NO:
            known = value_at(self._source, place)
            return min(len(known), field.max_items) if isinstance(known, list) else 0
        text = self._first(f"{dotted(place)}.count")
        if text is None or not re.fullmatch(r"\d{1,4}", text.strip(), re.ASCII):
            return field.min_items
        return min(int(text), field.max_items)

    def _leaf(self, field: Field, place: Place) -> Any:
        if is_locked(field, place, self._source):
            return value_at(self._source, place)
        name = dotted(place)
        if field.kind is Kind.CHOICES:
            known = [option.value for option in field.options]
            posted = list(dict.fromkeys(text.strip() for text in self._post.get(name, ())[:500]))
            return sorted(posted, key=lambda text: known.index(text) if text in known else len(known))
        if field.kind is Kind.FILE:
            return self._file(name, place)
        text = self._first(name)
        if field.kind is Kind.BOOLEAN:
            return _boolean(field, text)
        return None if text is None else read_text(field, text)

    def _file(self, name: str, place: Place) -> str | None:
        posted = [text for text in self._post.get(name, ()) if text]
        if name in self._post:
            # The newest comes last: the hidden id of the kept file, then the one stored for this request.
            return posted[-1] if posted and posted[-1] in self._uploads else None
        kept = value_at(self._previous, place)
        return kept if isinstance(kept, str) and kept in self._uploads else None

    def _first(self, name: str) -> str | None:
        values = self._post.get(name)
        return values[0] if values else None


def read_text(field: Field, text: str) -> Scalar | None:
    """The value a typed text stands for, None when it is blank; unreadable numbers and dates stay text."""
    text = unicodedata.normalize("NFC", text[:_MAX_TEXT]).replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip() if field.widget == "textarea" else " ".join(text.split())
    if not text:
        return None
    match field.kind:
        case Kind.INTEGER:
            return int(text) if _INTEGER.fullmatch(text) else text
        case Kind.NUMBER:
            return _decimal(text)
        case Kind.DATE:
            found = _DAY.fullmatch(text)
            return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text
        case Kind.MONTH:
            found = _MONTH.fullmatch(text)
            return f"{found[2]}-{int(found[1]):02}" if found else text
        case Kind.CHOICE:
            return next((option.value for option in field.options if str(option.value) == text), text)
    return text


def _decimal(text: str) -> Scalar:
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS.fullmatch(text):
        return text
    plain = text.replace(",", ".")
    return float(plain) if "." in plain else int(plain)


def _boolean(field: Field, text: str | None) -> bool | None:
    if field.widget == "radio":
        return {"true": True, "false": False}.get(text or "")
    # A tick box says something even when it is empty.
    return text in ("true", "on", "1")


def _perform(form: Form, data: dict[str, Any], act: str) -> None:
    """``add:PLACE`` and ``del:PLACE:N`` on a repeated group, ``clear:PLACE`` on a file; anything else is ignored."""
    verb, _, rest = act[:400].partition(":")
    name, _, number = rest.partition(":")
    place: Place = tuple(int(part) if re.fullmatch(r"\d{1,4}", part, re.ASCII) else part for part in name.split("."))
    field = form.field(*("[]" if isinstance(part, int) else part for part in place))
    if field is None or field.lock is not Lock.NO:
        return
    if verb == "clear" and field.kind is Kind.FILE:
        holder = value_at(data, place[:-1])
        if isinstance(holder, dict):
            holder.pop(field.name, None)
        return
    items = value_at(data, place)
    if field.kind is not Kind.LIST or not isinstance(items, list):
        return
    if verb == "add" and len(items) < field.max_items:
        items.append(_start(field, {}, (), ()))
    elif verb == "del" and re.fullmatch(r"\d{1,4}", number, re.ASCII) and int(number) < len(items):
        del items[int(number)]


def _start(field: Field, source: Mapping[str, Any], place: Place, above: Scope) -> dict[str, Any]:
    data: dict[str, Any] = {}
    scope = (*above, data)
    for child in field.children:
        at = (*place, child.name)
        if not is_shown(child, scope):
            continue
        known = value_at(source, at)
        if child.kind is Kind.GROUP:
            data[child.name] = _start(child, source, at, scope)
        elif child.kind is Kind.LIST:
            count = len(known) if isinstance(known, list) else child.min_items
            data[child.name] = [_start(child, source, (*at, n), scope) for n in range(min(count, child.max_items))]
        elif not is_empty(known):
            data[child.name] = known
        elif child.default is not None:
            data[child.name] = child.default
        elif child.kind is Kind.BOOLEAN and child.widget != "radio":
            data[child.name] = False
    return data
