"""Two versions of a procedure side by side: what was added, removed and changed, in words and by element."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from lxml import etree

from engine.definitions.skeleton import is_shared
from engine.errors import InvalidInput, Text

_DRAWN: Final = frozenset({"BPMNDiagram", "DMNDI", "DMNDiagram"})
_MAX: Final = 5 * 1024 * 1024
#: Longest text shown of one side.
_SHOWN: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementChange:
    """One element of a diagram or of a table that differs."""

    id: str
    name: str
    kind: str  #: tag
    change: str  #: added, removed or changed
    what: tuple[tuple[str, str, str], ...] = ()  #: attribute or part, before, after


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One place of a JSON file that differs; '' stands for nothing there."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that differs."""

    name: str
    change: str  #: added, removed or changed
    elements: tuple[ElementChange, ...] = ()
    values: tuple[ValueChange, ...] = ()
    lines: tuple[str, ...] = ()  #: unified difference of a text file
    shared: bool = False


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """Every file that differs; the procedure's own files first, the manifest first of all."""
    names = sorted(set(before) | set(after), key=lambda name: (is_shared(name), name != "procedure.json", name))
    changes = []
    for name in names:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            changes.append(FileChange(name=name, change="added" if old is None else "removed", shared=is_shared(name)))
        else:
            changes.append(_file(name, old, new))
    return tuple(change for change in changes if change is not None)


def elements_changed(before: bytes, after: bytes) -> tuple[ElementChange, ...]:
    """The elements of two BPMN or DMN files that differ; the drawing itself (positions) does not count."""
    old, new = _elements(before), _elements(after)
    found = []
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            found.append(_whole(key, old[key], "removed"))
        elif key not in old:
            found.append(_whole(key, new[key], "added"))
        elif old[key] != new[key]:
            names = [*old[key], *(name for name in new[key] if name not in old[key])]
            what = tuple(
                (name, old[key].get(name, "")[:_SHOWN], new[key].get(name, "")[:_SHOWN])
                for name in names
                if old[key].get(name) != new[key].get(name) and name != "#tag"
            )
            found.append(
                ElementChange(id=key, name=new[key].get("name", ""), kind=new[key]["#tag"], change="changed", what=what)
            )
    return tuple(found)


def values_changed(before: Any, after: Any) -> tuple[ValueChange, ...]:
    """The places of two JSON values that differ; items of lists are told apart by ``code``, ``id`` or ``item``."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    places = [*old, *(place for place in new if place not in old)]
    return tuple(
        ValueChange(place=place, before=old.get(place, "")[:_SHOWN], after=new.get(place, "")[:_SHOWN])
        for place in places
        if old.get(place) != new.get(place)
    )


def _file(name: str, old: bytes, new: bytes) -> FileChange:
    if name.endswith((".bpmn", ".dmn")):
        elements = elements_changed(old, new)
        return FileChange(
            name=name, change="changed" if elements else "redrawn", elements=elements, shared=is_shared(name)
        )
    if name.endswith(".json"):
        try:
            values = values_changed(orjson.loads(old), orjson.loads(new))
        except orjson.JSONDecodeError:
            values = ()
        return FileChange(name=name, change="changed" if values else "rewritten", values=values, shared=is_shared(name))
    lines = difflib.unified_diff(
        old.decode("utf-8", "replace").splitlines(), new.decode("utf-8", "replace").splitlines(), lineterm="", n=2
    )
    return FileChange(name=name, change="changed", lines=tuple(list(lines)[2:402]), shared=is_shared(name))


def _elements(source: bytes) -> dict[str, dict[str, str]]:
    """Elements by id: their tag, attributes and the text of what is inside without an id of its own."""
    if len(source) > _MAX:
        raise InvalidInput(
            what=Text(vi="so sánh", en="comparison"), why=Text(vi="tệp quá lớn", en="the file is too large")
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidInput(
            what=Text(vi="so sánh", en="comparison"),
            why=Text(vi=f"tệp không phải XML: {error}", en=f"not XML: {error}"),
        ) from error
    found: dict[str, dict[str, str]] = {}
    stack: list[tuple[etree._Element, str]] = [(root, "")]
    while stack:
        element, owner = stack.pop()
        tag = _local(element)
        if tag in _DRAWN or not tag:
            continue
        if tag in {"incoming", "outgoing"}:
            continue
        key = element.get("id") or ""
        if key and key not in found:
            found[key] = {"#tag": tag} | {
                _plain(name): str(value) for name, value in element.attrib.items() if name != "id"
            }
            owner = key
        elif owner:
            _inside(found[owner], tag, element)
        text = (element.text or "").strip()
        if text and owner:
            part = "text" if key else _part(element, tag)
            found[owner][part] = f"{found[owner].get(part, '')}\n{text}".strip()
        stack += [(child, owner) for child in reversed(element)]
    return found


def _inside(owner: dict[str, str], tag: str, element: etree._Element) -> None:
    for name, value in element.attrib.items():
        if _plain(name) not in {"type", "name"}:
            owner[f"{tag}.{_plain(name)}"] = str(value)


def _part(element: etree._Element, tag: str) -> str:
    name = element.get("name")
    return f"{tag} {name}" if name else tag


def _whole(key: str, parts: Mapping[str, str], change: str) -> ElementChange:
    return ElementChange(id=key, name=parts.get("name", ""), kind=parts["#tag"], change=change)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _plain(name: str | bytes) -> str:
    return str(name).rpartition("}")[2]


def _leaves(value: Any, place: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            name = (
                next((str(entry[key]) for key in ("code", "id", "item") if key in entry), "")
                if isinstance(entry, dict)
                else ""
            )
            yield from _leaves(entry, f"{place}[{name or number}]")
    else:
        yield place, "" if value is None else str(value)
