"""What changed between two fillings of a form, in the words of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.forms.form import Form, UploadedFile
from engine.forms.summary import SummaryRow, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field whose value is not the same; an empty text stands for "not given"."""

    path: str
    group: str
    label: str
    before: str
    after: str


def diff(
    form: Form,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    language: str = "vi",
    files: Mapping[str, UploadedFile] | None = None,
) -> tuple[Change, ...]:
    """The changed fields in the order of the form; an item added or removed changes each of its fields."""
    old = {row.path: row for row in summary(form, before, language, files=files)}
    new = {row.path: row for row in summary(form, after, language, files=files)}
    found = []
    for path in _in_order(old, new):
        was, now = old.get(path), new.get(path)
        shown = now or was
        if shown is None or (was and now and _same(was, now)):
            continue
        found.append(
            Change(
                path=path,
                group=shown.group,
                label=shown.label,
                before=was.value if was else "",
                after=now.value if now else "",
            )
        )
    return tuple(found)


def _same(was: SummaryRow, now: SummaryRow) -> bool:
    return was.value == now.value and was.file == now.file


def _in_order(old: Mapping[str, SummaryRow], new: Mapping[str, SummaryRow]) -> list[str]:
    """Paths of both: the order of ``new``, each removed path after the one it used to follow."""
    order = list(new)
    known = set(new)
    previous: str | None = None
    for path in old:
        if path not in known:
            order.insert(order.index(previous) + 1 if previous else 0, path)
            known.add(path)
        previous = path
    return order
