"""A filled form as label and value: for "check your answers", the official's page and letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.forms.condition import Scope, is_shown
from engine.forms.form import Field, Form, Kind, Place, UploadedFile, dotted, is_empty
from engine.forms.origin import origin_label
from engine.forms.shown import shown
from engine.forms.validation import is_locked, item_title


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One answer. ``group`` changes where a new heading begins."""

    path: str
    group: str
    label: str
    value: str
    kind: Kind
    file: str = ""  #: file id, for a link
    origin: str = ""  #: "Lấy từ …" for a locked value


def summary(
    form: Form,
    data: Mapping[str, Any],
    language: str,
    *,
    source: Mapping[str, Any] | None = None,
    files: Mapping[str, UploadedFile] | None = None,
    blank: bool = False,
) -> tuple[SummaryRow, ...]:
    """The answers in the order of the form; hidden fields never, unanswered ones only with ``blank``."""
    walk = _Walk(language=language, source=source or {}, files=files or {}, blank=blank)
    return tuple(walk.rows(form.root, data, (), (), "Thông tin chung" if language == "vi" else "General"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    language: str
    source: Mapping[str, Any]
    files: Mapping[str, UploadedFile]
    blank: bool

    def rows(self, field: Field, data: Any, place: Place, above: Scope, group: str) -> Iterator[SummaryRow]:
        data = data if isinstance(data, Mapping) else {}
        scope = (*above, data)
        for child in field.children:
            if not is_shown(child, scope):
                continue
            at = (*place, child.name)
            value = data.get(child.name)
            title = child.title.in_(self.language)
            if child.kind is Kind.GROUP:
                yield from self.rows(child, value, at, scope, f"{group} – {title}" if len(place) else title)
            elif child.kind is Kind.LIST:
                for n, item in enumerate(value if isinstance(value, list) else []):
                    yield from self.rows(child, item, (*at, n), scope, item_title(child, n).in_(self.language))
            elif self.blank or not is_empty(value):
                yield self._row(child, value, at, group)

    def _row(self, field: Field, value: Any, place: Place, group: str) -> SummaryRow:
        locked = is_locked(field, place, self.source)
        return SummaryRow(
            path=dotted(place),
            group=group,
            label=field.title.in_(self.language),
            value=shown(field, value, self.language, self.files),
            kind=field.kind,
            file=value if field.kind is Kind.FILE and isinstance(value, str) else "",
            origin=origin_label(field.source, self.language) if locked else "",
        )
