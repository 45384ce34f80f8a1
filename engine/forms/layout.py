"""From a form and its data to the tree of records of ``page``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.forms.condition import Scope, is_required, is_shown, target_path
from engine.forms.form import Condition, Field, FieldError, Form, Kind, Place, UploadedFile, dotted, is_empty, value_at
from engine.forms.message import in_sentence
from engine.forms.origin import origin_label
from engine.forms.page import Choice, ErrorLink, Facts, FileView, Group, Input, Item, Node, Page, Repeat
from engine.forms.shown import shown, shown_size, typed
from engine.forms.validation import is_locked, item_title


def layout(
    form: Form,
    data: Mapping[str, Any],
    *,
    source: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    language: str = "vi",
    files: Mapping[str, UploadedFile] | None = None,
) -> Page:
    """The tree to print.

    Hidden fields are in it with ``visible=False``: a script may reveal them; what is posted for them is dropped.
    """
    drawing = _Drawing(
        source=source or {},
        errors={error.path: error.message.in_(language) for error in reversed(errors)},
        language=language,
        files=files or {},
    )
    nodes = drawing.nodes(form.root, data, (), (), 2)
    fields = tuple(form.fields())
    return Page(
        title=form.title.in_(language),
        hint=form.hint.in_(language) if form.hint else "",
        language=language,
        nodes=nodes,
        errors=tuple(
            ErrorLink(href=f"#{_target(error.path, nodes)}", text=error.message.in_(language)) for error in errors
        ),
        conditional=any(field.show_if for field in fields),
        uploads=any(field.kind is Kind.FILE for field in fields),
    )


def element_id(place: Place | str) -> str:
    """The HTML id of the control for a place."""
    name = place if isinstance(place, str) else dotted(place)
    return "f-" + name.replace(".", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    source: Mapping[str, Any]
    errors: Mapping[str, str]
    language: str
    files: Mapping[str, UploadedFile]

    def nodes(self, field: Field, data: Any, place: Place, above: Scope, level: int) -> tuple[Node, ...]:
        data = data if isinstance(data, Mapping) else {}
        scope = (*above, data)
        found: list[Node] = []
        for child in field.children:
            at = (*place, child.name)
            value = data.get(child.name)
            if child.kind is Kind.GROUP:
                found.append(self._group(child, value, at, scope, level))
            elif child.kind is Kind.LIST:
                found.append(self._repeat(child, value, at, scope, level))
            else:
                found.append(self._input(child, value, at, scope))
        return tuple(found)

    def _group(self, field: Field, value: Any, place: Place, scope: Scope, level: int) -> Group:
        children = self.nodes(field, value, place, scope, level + 1)
        card = bool(children) and all(_is_fact(node) for node in children)
        children = children if card else _gather_facts(children)
        return Group(
            view="group",
            id=element_id(place),
            title=field.title.in_(self.language),
            hint=field.hint.in_(self.language) if field.hint else "",
            level=level,
            children=children,
            card=card,
            origin=origin_label(field.source, self.language) if card else "",
            visible=is_shown(field, scope),
            show_when=_show_when(field.show_if, field, place),
        )

    def _repeat(self, field: Field, value: Any, place: Place, scope: Scope, level: int) -> Repeat:
        items = list(value) if isinstance(value, list) else []
        fixed = field.lock.value != "no"
        items += [{} for _ in range(0 if fixed else field.min_items - len(items))]
        name = dotted(place)
        removable = not fixed and len(items) > field.min_items
        noun = in_sentence((field.item_noun or field.title).in_(self.language))
        return Repeat(
            view="repeat",
            id=element_id(place),
            title=field.title.in_(self.language),
            hint=field.hint.in_(self.language) if field.hint else "",
            noun=noun,
            level=level,
            count_name=f"{name}.count",
            items=tuple(
                Item(
                    id=element_id((*place, n)),
                    title=item_title(field, n).in_(self.language),
                    children=self.nodes(field, item, (*place, n), scope, level + 2),
                    remove=f"del:{name}:{n}" if removable else "",
                )
                for n, item in enumerate(items)
            ),
            add="" if fixed or len(items) >= field.max_items else f"add:{name}",
            error=self.errors.get(name, ""),
            visible=is_shown(field, scope),
            show_when=_show_when(field.show_if, field, place),
        )

    def _input(self, field: Field, value: Any, place: Place, scope: Scope) -> Input:
        name, own_id = dotted(place), element_id(place)
        locked = is_locked(field, place, self.source)
        if locked:
            value = value_at(self.source, place)
        hint = field.hint.in_(self.language) if field.hint else ""
        known = not is_empty(value_at(self.source, place))
        origin = origin_label(field.source, self.language, open_to_change=not locked) if locked or known else ""
        error = self.errors.get(name, "")
        described = [
            f"{own_id}-{part}" for part, text in (("hint", hint), ("origin", origin), ("error", error)) if text
        ]
        if field.kind is Kind.FILE and not locked:
            described.append(f"{own_id}-limit")
        view = "locked" if locked else _view(field)
        return Input(
            view=view,
            id=own_id,
            name=name,
            label=field.title.in_(self.language),
            hint=hint,
            value=typed(field, value) if not isinstance(value, list) else "",
            text=shown(field, value, self.language, self.files),
            options=self._choices(field, value, own_id, view),
            required=is_required(field, scope),
            locked=locked,
            origin=origin,
            error=error,
            described_by=" ".join(described),
            type=_type(field, value),
            inputmode=field.inputmode or {Kind.INTEGER: "numeric", Kind.NUMBER: "decimal"}.get(field.kind, ""),
            autocomplete=field.autocomplete,
            width=_width(field),
            file=self._file(field, value, name) if field.kind is Kind.FILE else None,
            visible=is_shown(field, scope),
            show_when=_show_when(field.show_if, field, place),
        )

    def _choices(self, field: Field, value: Any, own_id: str, view: str) -> tuple[Choice, ...]:
        chosen = value if isinstance(value, list) else [value]
        pairs = [(option.value, option.title.in_(self.language)) for option in field.options]
        if field.kind is Kind.BOOLEAN and view == "radio":
            pairs = [
                (True, "Có" if self.language == "vi" else "Yes"),
                (False, "Không" if self.language == "vi" else "No"),
            ]
        return tuple(
            Choice(
                # The first option carries the field's own id, so that the error summary can link to it.
                id=own_id if n == 0 and view in ("radio", "checkboxes") else f"{own_id}-o{n}",
                value=("true" if option else "false") if isinstance(option, bool) else str(option),
                label=label,
                chosen=any(type(one) is type(option) and one == option for one in chosen),
            )
            for n, (option, label) in enumerate(pairs)
        )

    def _file(self, field: Field, value: Any, name: str) -> FileView:
        known = self.files.get(value) if isinstance(value, str) else None
        return FileView(
            id=value if isinstance(value, str) else "",
            name=known.name if known else (value if isinstance(value, str) else ""),
            size=shown_size(known.size, self.language) if known and known.size else "",
            accept=",".join(field.accept),
            accept_text=", ".join(kind.partition("/")[2].upper() for kind in field.accept),
            limit=shown_size(field.max_bytes, self.language),
            limit_bytes=field.max_bytes,
            clear=f"clear:{name}",
        )


def _is_fact(node: Node) -> bool:
    return isinstance(node, Input) and node.locked and not node.show_when


def _gather_facts(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The same nodes, each run of two or more locked fields made one."""
    found: list[Node] = []
    for known, run in groupby(nodes, key=_is_fact):
        members = list(run)
        facts = tuple(node for node in members if isinstance(node, Input))
        if known and len(facts) > 1:
            origins = {fact.origin for fact in facts}
            origin = origins.pop() if len(origins) == 1 else ""
            found.append(Facts(view="facts", id=f"{facts[0].id}-facts", origin=origin, children=facts))
        else:
            found.extend(members)
    return tuple(found)


def _view(field: Field) -> str:
    match field.kind:
        case Kind.CHOICE:
            if field.widget in ("radio", "select"):
                return field.widget
            return "radio" if len(field.options) <= 5 else "select"
        case Kind.CHOICES:
            return "checkboxes"
        case Kind.BOOLEAN:
            return "radio" if field.widget == "radio" else "checkbox"
        case Kind.FILE:
            return "file"
    return "textarea" if field.widget == "textarea" else "text"


def _type(field: Field, value: Any) -> str:
    if field.kind in (Kind.DATE, Kind.MONTH):
        # A native picker drops what it cannot read; a text that was refused has to stay visible.
        iso = value is None or (isinstance(value, str) and value[:4].isdecimal() and value[4:5] == "-")
        return field.kind.value if iso else "text"
    return field.inputmode if field.inputmode in ("tel", "email", "url") else "text"


def _width(field: Field) -> str:
    if field.kind in (Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.MONTH):
        return "short"
    return "medium" if field.max_length <= 30 or field.inputmode == "tel" else "full"


def _show_when(condition: Condition | None, field: Field, place: Place) -> str:
    if condition is None:
        return ""
    target = target_path(field.path, condition) or ()
    numbers = iter([part for part in place if isinstance(part, int)])
    name = dotted(tuple(next(numbers) if part == "[]" else part for part in target))
    values = [("true" if one else "false") if isinstance(one, bool) else str(one) for one in condition.values]
    return json.dumps({"name": name, "values": values}, ensure_ascii=False, separators=(",", ":"))


def _target(path: str, nodes: tuple[Node, ...]) -> str:
    """The id an error links to: its own control, or the nearest thing around it that is on the page."""
    known = set(_ids(nodes))
    while path and element_id(path) not in known:
        path = path.rpartition(".")[0]
    return element_id(path) if path else "noi-dung"


def _ids(nodes: Sequence[Node]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        found.append(node.id)
        if isinstance(node, Group | Facts):
            found.extend(_ids(node.children))
        elif isinstance(node, Repeat):
            for item in node.items:
                found.append(item.id)
                found.extend(_ids(item.children))
    return found
