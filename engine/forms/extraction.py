"""The map between papers and fields: what the text reader looks for, and what it should find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Text
from engine.forms.condition import Scope, is_shown
from engine.forms.form import Extract, Field, Form, Kind, Place, dotted, value_at
from engine.forms.message import in_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFile:
    """One uploaded paper of a dossier."""

    paper: str  #: the field's ``x-paper``, empty when the paper is not read
    path: str  #: dotted place of the file field
    file: str  #: file id
    title: Text  #: what it is, with the item's number in a repeated group


def paper_files(form: Form, data: Mapping[str, Any]) -> tuple[PaperFile, ...]:
    """Every file in ``data``, in the order of the form."""
    return tuple(_files(form.root, data, ()))


def asked_files(form: Form, data: Mapping[str, Any]) -> tuple[tuple[str, Field], ...]:
    """Every file field that is part of the form for ``data``, given or not, by its dotted place."""
    return tuple(_asked(form.root, data, (), ()))


def extraction_rules(form: Form, paper: str, *, at: str = "") -> tuple[dict[str, Any], ...]:
    """What to look for on ``paper``: dicts with ``key``, ``labels``, ``pattern``, ``kind`` of a ``FieldRule``.

    ``at`` is the path of the file (``giay_to.1.tep_quet``): a field of the same item gets that item's number. A key
    is the dotted place of the field, or ``<file path>#<key>`` for something printed but not asked for.
    """
    return tuple(
        {"key": key, "labels": rule.labels, "pattern": rule.pattern, "kind": rule.kind}
        for key, rule, _ in _rules(form, paper, at)
    )


def expected_values(form: Form, paper: str, data: Mapping[str, Any], *, at: str = "") -> dict[str, str]:
    """Key of each rule → the text that the form claims, ready to compare with what was read; unknown ones left out."""
    found: dict[str, str] = {}
    for key, _, field in _rules(form, paper, at):
        value = None if "#" in key else value_at(data, _place(key))
        if value is None or value == "" or isinstance(value, list):
            continue
        titles = {option.value: option.title.vi for option in field.options}
        found[key] = titles.get(value, str(value)) if not isinstance(value, bool) else str(value).lower()
    return found


def rule_title(form: Form, paper: str, key: str, *, at: str = "") -> Text:
    """The wording of an extracted key; with its group's where the paper has another field of the same wording."""
    titles = {known: (rule.title or field.title, field) for known, rule, field in _rules(form, paper, at)}
    if key not in titles:
        return Text(vi=key, en=key)
    title, field = titles[key]
    group = _group_title(form, field)
    if group is None or [found.vi for found, _field in titles.values()].count(title.vi) < 2:
        return title
    return Text(vi=f"{title.vi} ({in_sentence(group.vi)})", en=f"{title.en} ({in_sentence(group.en)})")


def _group_title(form: Form, field: Field) -> Text | None:
    """The title of the nearest group around the field that has one."""
    for end in range(len(field.path) - 1, 0, -1):
        group = form.field(*field.path[:end])
        if group is not None and group.title.vi:
            return group.title
    return None


def _rules(form: Form, paper: str, at: str) -> Iterator[tuple[str, Extract, Field]]:
    numbers = [part for part in _place(at) if isinstance(part, int)] if at else []
    for field in form.fields():
        for rule in field.extract:
            if rule.paper != paper or field.path.count("[]") > len(numbers):
                continue
            left = iter(numbers)
            place: Place = tuple(next(left) if part == "[]" else part for part in field.path)
            yield (f"{dotted(place)}#{rule.key}" if rule.key else dotted(place)), rule, field


def _place(name: str) -> Place:
    return tuple(int(part) if part.isdecimal() else part for part in name.split("."))


def _files(field: Field, data: Any, place: Place) -> Iterator[PaperFile]:
    if not isinstance(data, Mapping):
        return
    for child in field.children:
        at = (*place, child.name)
        value = data.get(child.name)
        if child.kind is Kind.GROUP:
            yield from _files(child, value, at)
        elif child.kind is Kind.LIST:
            for n, item in enumerate(value if isinstance(value, list) else []):
                yield from _files(child, item, (*at, n))
        elif child.kind is Kind.FILE and isinstance(value, str):
            yield PaperFile(paper=child.paper, path=dotted(at), file=value, title=_title(child, at))


def _asked(field: Field, data: Mapping[str, Any], place: Place, above: Scope) -> Iterator[tuple[str, Field]]:
    scope = (*above, data)
    for child in field.children:
        at, value = (*place, child.name), data.get(child.name)
        if not is_shown(child, scope):
            continue
        if child.kind is Kind.GROUP:
            yield from _asked(child, value if isinstance(value, Mapping) else {}, at, scope)
        elif child.kind is Kind.LIST:
            for n, item in enumerate(value if isinstance(value, list) else []):
                yield from _asked(child, item, (*at, n), scope)
        elif child.kind is Kind.FILE:
            yield dotted(at), child


def _title(field: Field, place: Place) -> Text:
    number = next((part for part in reversed(place) if isinstance(part, int)), None)
    if number is None:
        return field.title
    return Text(vi=f"{field.title.vi} {number + 1}", en=f"{field.title.en} {number + 1}")
