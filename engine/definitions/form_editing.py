"""Editing an e-form field by field: pure changes of its JSON, so that a page needs no script.

A place is the property names from the root, joined by ``/``; ``[]`` stands for the items of a repeated group:
``giay_to/[]/ten``. Every change returns a new document and leaves the old one alone. Whether the result is a valid form
is judged by ``load_form``, not here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import InvalidInput, NotFound, Text

Json = dict[str, Any]

#: What may be added, with a name for people.
PALETTE: Final[Mapping[str, Text]] = {
    "text": Text(vi="Chữ, một dòng", en="Text, one line"),
    "textarea": Text(vi="Chữ, nhiều dòng", en="Text, several lines"),
    "radio": Text(vi="Chọn một (nút tròn)", en="Choose one (radio)"),
    "select": Text(vi="Chọn một (danh sách)", en="Choose one (list)"),
    "choices": Text(vi="Chọn nhiều", en="Choose several"),
    "boolean": Text(vi="Ô đánh dấu", en="Tick box"),
    "declaration": Text(vi="Cam đoan (phải đánh dấu)", en="Declaration (must be ticked)"),
    "date": Text(vi="Ngày", en="Date"),
    "integer": Text(vi="Số nguyên", en="Whole number"),
    "number": Text(vi="Số", en="Number"),
    "file": Text(vi="Tệp giấy tờ", en="File of a paper"),
    "group": Text(vi="Nhóm", en="Group"),
    "list": Text(vi="Nhóm lặp lại", en="Repeated group"),
}
_OPTIONS: Final = (
    {"const": "mot", "title": "Lựa chọn một", "x-i18n": {"en": {"title": "First option"}}},
    {"const": "hai", "title": "Lựa chọn hai", "x-i18n": {"en": {"title": "Second option"}}},
)
_SHAPES: Final[Mapping[str, Json]] = {
    "text": {"type": "string", "maxLength": 200},
    "textarea": {"type": "string", "maxLength": 2000, "x-widget": "textarea"},
    "radio": {"type": "string", "x-widget": "radio", "oneOf": list(_OPTIONS)},
    "select": {"type": "string", "x-widget": "select", "oneOf": list(_OPTIONS)},
    "boolean": {"type": "boolean"},
    "declaration": {"type": "boolean", "const": True},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer", "minimum": 0},
    "number": {"type": "number", "minimum": 0},
    "file": {"type": "string", "format": "x-file"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field in the editor's list."""

    place: str
    name: str
    depth: int
    kind: str  #: a key of ``PALETTE``, or ``fragment``
    title: str
    required: bool
    reference: str = ""
    condition: str = ""
    locked: bool = False
    paper: str = ""
    container: bool = False  #: fields may be added inside


def rows(document: Json) -> tuple[Row, ...]:
    """Every field in the order of the form."""
    return tuple(_rows(document, "", 0))


def _rows(holder: Json, prefix: str, depth: int) -> Iterator[Row]:
    needed = holder.get("required") if isinstance(holder.get("required"), list) else []
    properties = holder.get("properties") if isinstance(holder.get("properties"), dict) else {}
    for name, node in (properties or {}).items():
        if not isinstance(node, dict):
            continue
        place = f"{prefix}{name}"
        kind = kind_of(node)
        shown = node.get("x-show-if")
        yield Row(
            place=place,
            name=name,
            depth=depth,
            kind=kind,
            title=str(node.get("title") or ""),
            required=name in (needed or []),
            reference=str(node.get("$ref") or ""),
            condition=f"{shown[0]} = {_plain(shown[1])}" if isinstance(shown, list) and len(shown) == 2 else "",
            locked=bool(node.get("x-locked")),
            paper=str(node.get("x-paper") or ""),
            container=kind in {"group", "list"},
        )
        if kind == "group":
            yield from _rows(node, f"{place}/", depth + 1)
        elif kind == "list":
            yield from _rows(node["items"], f"{place}/[]/", depth + 1)


def kind_of(node: Mapping[str, Any]) -> str:
    """What an analyst would call the field: a key of ``PALETTE``, or ``fragment``."""
    if "$ref" in node:
        return "fragment"
    kind, widget = node.get("type"), node.get("x-widget")
    if kind == "object":
        return "group"
    if kind == "array":
        return "list" if isinstance(node.get("items"), dict) and node["items"].get("type") == "object" else "choices"
    if kind == "boolean":
        return "declaration" if node.get("const") is True else "boolean"
    if kind in {"integer", "number"}:
        return str(kind)
    if node.get("format") in {"date", "x-file"}:
        return "date" if node["format"] == "date" else "file"
    if "oneOf" in node or "enum" in node:
        return "radio" if widget == "radio" else "select"
    return "textarea" if widget == "textarea" else "text"


def field_at(document: Json, place: str) -> Json:
    """The node at a place, or ``NotFound``."""
    holder, name = _holder(document, place)
    found = holder["properties"][name]
    if not isinstance(found, dict):
        raise NotFound(what=place)
    return found


def add_field(document: Json, inside: str, kind: str, name: str, title: str) -> Json:
    """A new field at the end of the form or of a group; ``inside`` is '' or the place of a group."""
    if kind not in PALETTE:
        raise InvalidInput(what=Text(vi="loại trường", en="kind"), why=kind[:40])
    if not title.strip():
        raise InvalidInput(what=Text(vi="tên trường", en="title"), why=Text(vi="phải có", en="required"))
    whole, words = copy.deepcopy(document), {"title": title.strip(), "x-i18n": {"en": {"title": title.strip()}}}
    if kind in {"group", "list"}:
        inner: Json = (
            {"type": "object"} | copy.deepcopy(words) | {"properties": {"noi_dung": _text("Nội dung", "Content")}}
        )
        node = inner if kind == "group" else {"type": "array"} | words | {"maxItems": 20, "items": inner}
    elif kind == "choices":
        options = {"type": "string"} | copy.deepcopy(words) | {"oneOf": list(_OPTIONS)}
        node = {"type": "array"} | words | {"x-widget": "checkboxes", "items": options}
    else:
        node = {"type": _SHAPES[kind]["type"]} | words | copy.deepcopy(dict(_SHAPES[kind]))
    _put(_container(whole, inside), name, node)
    if kind == "declaration":
        _need(_container(whole, inside), name, needed=True)
    return whole


def add_fragment(document: Json, inside: str, name: str, reference: str) -> Json:
    """A shared fragment as a field."""
    whole = copy.deepcopy(document)
    _put(_container(whole, inside), name, {"$ref": reference})
    return whole


def move(document: Json, place: str, step: int) -> Json:
    """The field one up (-1) or down (1) among its siblings."""
    whole = copy.deepcopy(document)
    holder, name = _holder(whole, place)
    names = list(holder["properties"])
    at = names.index(name)
    to = min(max(at + step, 0), len(names) - 1)
    names.insert(to, names.pop(at))
    holder["properties"] = {key: holder["properties"][key] for key in names}
    return whole


def remove(document: Json, place: str) -> Json:
    """The document without the field."""
    whole = copy.deepcopy(document)
    holder, name = _holder(whole, place)
    del holder["properties"][name]
    _need(holder, name, needed=False)
    return whole


def replace_field(document: Json, place: str, node: Json, *, name: str, required: bool) -> Json:
    """The field with other content, perhaps under another name, in the same order."""
    whole = copy.deepcopy(document)
    holder, old = _holder(whole, place)
    if name != old and name in holder["properties"]:
        raise InvalidInput(what=name, why=Text(vi="đã có trường này", en="there is such a field"))
    if not name:
        raise InvalidInput(what=Text(vi="mã trường", en="name"), why=Text(vi="phải có", en="required"))
    _need(holder, old, needed=False)
    holder["properties"] = {
        (name if key == old else key): (node if key == old else value) for key, value in holder["properties"].items()
    }
    _need(holder, name, needed=required)
    return whole


def _container(document: Json, inside: str) -> Json:
    if not inside:
        return document
    node = field_at(document, inside.removesuffix("/[]"))
    holder = node.get("items") if node.get("type") == "array" else node
    if not isinstance(holder, dict) or holder.get("type") != "object":
        raise InvalidInput(what=inside, why=Text(vi="không phải nhóm", en="no group"))
    return holder


def _holder(document: Json, place: str) -> tuple[Json, str]:
    *way, name = place.split("/")
    holder: Any = document
    for part in way:
        holder = holder.get("items") if part == "[]" else (holder.get("properties") or {}).get(part)
        if not isinstance(holder, dict):
            raise NotFound(what=place[:120])
    if name not in (holder.get("properties") or {}):
        raise NotFound(what=place[:120])
    return holder, name


def _put(holder: Json, name: str, node: Json) -> None:
    properties = holder.setdefault("properties", {})
    if not name or name in properties:
        raise InvalidInput(
            what=name or Text(vi="mã trường", en="name"), why=Text(vi="trống hoặc đã có", en="empty or taken")
        )
    properties[name] = node


def _need(holder: Json, name: str, *, needed: bool) -> None:
    names = [entry for entry in holder.get("required", []) if entry != name] + ([name] if needed else [])
    if names:
        holder["required"] = names
    else:
        holder.pop("required", None)


def _text(vi: str, en: str) -> Json:
    return {"type": "string", "title": vi, "x-i18n": {"en": {"title": en}}, "maxLength": 500}


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
