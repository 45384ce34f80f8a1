"""What a drawing tool does not give back of a file that it has read: a file is kept whole or refused by name.

Two ways of writing the same thing are no loss: a value that BPMN 2.0 takes when nothing is said, ``1`` for ``true``,
``30.0`` for ``30``, blanks around a name, the prefix of a reference, order. Comments are no part of BPMN.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.errors import InvalidInput, Text

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
#: Values of BPMN 2.0 that hold when the attribute is not there (its XML schema).
_DEFAULTS: Final[Mapping[str, str]] = {
    "startQuantity": "1",
    "completionQuantity": "1",
    "isForCompensation": "false",
    "cancelActivity": "true",
    "isInterrupting": "true",
    "parallelMultiple": "false",
    "isCollection": "false",
    "isClosed": "false",
    "isExecutable": "false",
    "instantiate": "false",
    "triggeredByEvent": "false",
    "isSequential": "false",
    "testBefore": "false",
    "gatewayDirection": "Unspecified",
    "eventGatewayType": "Exclusive",
    "processType": "None",
    "associationDirection": "None",
    "behavior": "All",
    "ordering": "Parallel",
    "cancelRemainingInstances": "true",
    "isUnlimited": "false",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
}
_BOOLEANS: Final = frozenset(name for name, value in _DEFAULTS.items() if value in {"true", "false"})
_NUMBER: Final = re.compile(r"-?\d+\.0+")
_PREFIX: Final = re.compile(r"[A-Za-z_][\w.-]*:(?=[\w])")
#: Texts that name another element.
_NAMING: Final = frozenset({"incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef", "dataInputRefs"})
Fact = tuple[str, str, str]  #: id of the nearest element that has one, what, its value


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that is in the file and not in what the tool wrote."""

    element: str  #: id of the nearest element that has one
    what: str  #: a tag, or ``tag@attribute``
    value: str


def lost(before: bytes, after: bytes) -> tuple[Loss, ...]:
    """Everything of ``before`` that ``after`` lacks, in the order of the file."""
    old, new = Counter(_facts(before)), Counter(_facts(after))
    return tuple(
        Loss(element=owner, what=what, value=value)
        for (owner, what, value), count in old.items()
        if count > new[(owner, what, value)]
    )


def _facts(source: bytes) -> Iterator[Fact]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidInput(what=Text(vi="sơ đồ", en="diagram"), why=str(error)) from error
    owners: dict[etree._Element, str] = {}
    for element in root.iter(etree.Element):
        above = element.getparent()
        owner = _plain(element.get("id", "")) or (owners.get(above, "") if above is not None else "")
        owners[element] = owner
        tag = _name(element.tag)
        yield owner, tag, ""
        for key, value in element.attrib.items():
            yield from _attribute(owner, tag, str(key), str(value))
        text = (element.text or "").strip()
        if text and not len(element):
            yield owner, f"{tag}#", _unprefixed(text) if etree.QName(element).localname in _NAMING else text


def _attribute(owner: str, tag: str, key: str, value: str) -> Iterator[Fact]:
    if key == f"{{{_XSI}}}schemaLocation":
        return
    plain = _plain(value)
    if key in _BOOLEANS:
        plain = {"1": "true", "0": "false"}.get(plain, plain)
    if _DEFAULTS.get(key) == plain:
        return
    if key.endswith("Ref") or key in {"bpmnElement", "default", f"{{{_XSI}}}type"}:
        plain = _unprefixed(plain)
    yield owner, f"{tag}@{_name(key)}", plain


def _plain(value: str) -> str:
    value = value.strip()
    return value.partition(".")[0] if _NUMBER.fullmatch(value) else value


def _unprefixed(value: str) -> str:
    return _PREFIX.sub("", value, count=1) if ":" in value and "/" not in value else value


def _name(clark: str | bytes) -> str:
    """A tag or attribute as people know it; names of other makers keep their namespace."""
    name = clark.decode() if isinstance(clark, bytes) else str(clark)
    if not name.startswith("{"):
        return name
    space, _, local = name[1:].partition("}")
    return local if "www.omg.org/spec/" in space or space == _XSI else name
