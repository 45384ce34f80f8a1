"""Extensions of Camunda 8 in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from engine.bpmn.foreign import text_literal, to_feel
from engine.bpmn.foreign_rewriting import (
    HINT_DATA,
    HINT_DRAW,
    Adopted,
    extension_of,
    map_own,
    set_own,
    unsupported,
)
from engine.bpmn.foreign_steering import ZEEBE
from engine.bpmn.xml import bpmn, local, motcua


def _zeebe_value(text: str) -> str:
    return to_feel(text) if text.lstrip().startswith("=") else text_literal(text)


def _zeebe_io(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    extension = element.find(bpmn("extensionElements"))
    if extension is None:
        return
    for parameter in child:
        if local(parameter) in {"input", "output"}:
            source = _zeebe_value(parameter.get("source", ""))
            yield owner, *map_own(extension, local(parameter), source, parameter.get("target", ""))


def _zeebe_loop(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    collection = child.get("inputCollection", "")
    if collection and not collection.lstrip().startswith("="):
        yield unsupported(owner, file, f"inputCollection={collection}", HINT_DATA)
        return
    values = {
        "collection": to_feel(collection),
        "elementVariable": child.get("inputElement", ""),
        "outputCollection": child.get("outputCollection", ""),
        "outputElement": _zeebe_value(child.get("outputElement", "")) if child.get("outputElement") else "",
    }
    for name, value in values.items():
        if set_own(element, name, value):
            yield owner, "zeebe:loopCharacteristics", f"motcua:{name}={value}"


def _named(attribute: str, ours: str) -> Callable[..., Iterator[Adopted]]:
    def take(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
        value = child.get(attribute, "")
        if value.lstrip().startswith("="):
            yield unsupported(owner, file, f"{local(child)} {attribute}={value}", HINT_DRAW)
        elif set_own(element, ours, value):
            yield owner, f"zeebe:{local(child)}", f"motcua:{ours}={value}"

    return take


def _zeebe_decision(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    yield from _named("decisionId", "decisionRef")(element, child, owner, file)
    yield from _named("resultVariable", "resultVariable")(element, child, owner, file)


def _zeebe_called(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    process = child.get("processId", "")
    if process and not element.get("calledElement"):
        element.set("calledElement", process)
        yield owner, "zeebe:calledElement", f"calledElement={process}"
    mapped = element.find(f"{bpmn('extensionElements')}/{{{ZEEBE}}}ioMapping/{{{ZEEBE}}}output") is not None
    mapped = mapped or element.find(f"{bpmn('extensionElements')}/{motcua('output')}") is not None
    inward = child.get("propagateAllParentVariables", "true").strip() != "false"
    outward = child.get("propagateAllChildVariables", "true").strip() != "false" and not mapped
    passes = {(True, True): "both", (True, False): "in", (False, True): "out", (False, False): "none"}[inward, outward]
    if set_own(element, "passes", passes):
        yield owner, "zeebe:calledElement", f"motcua:passes={passes}"


def _zeebe_form(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    for attribute in ("formId", "formKey", "externalReference"):
        yield from _named(attribute, "form")(element, child, owner, file)


def _zeebe_subscription(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    key = child.get("correlationKey", "")
    if key:
        correlation = etree.SubElement(extension_of(element), motcua("correlation"), {"name": "correlationKey"})
        correlation.text = _zeebe_value(key)
        yield owner, "zeebe:subscription", f"motcua:correlation correlationKey = {correlation.text}"


TRANSLATED: Final[dict[str, Callable[[etree._Element, etree._Element, str, str], Iterator[Adopted]]]] = {
    "ioMapping": _zeebe_io,
    "loopCharacteristics": _zeebe_loop,
    "calledDecision": _zeebe_decision,
    "calledElement": _zeebe_called,
    "formDefinition": _zeebe_form,
    "taskDefinition": _named("type", "operation"),
    "assignmentDefinition": _named("candidateGroups", "role"),
    "subscription": _zeebe_subscription,
}
