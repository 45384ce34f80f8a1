"""Which variables the standard's own data elements mean: associations of activities and collections of repeated ones.

Data objects drawn beside a task describe; their meaning at run time is that of ``engine.bpmn.activities``. Where a file
says more, namely which property of the process an input or output of an activity or event is, that becomes
``motcua:input`` and ``motcua:output``. The collection of a repeated activity is found behind the input that names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.diagram import ACTIVITIES, EVENTS
from engine.bpmn.foreign import NotPlain, is_foreign, plain_name, to_feel
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import bpmn, children, local, motcua, text_of
from engine.errors import Problem

#: A change: element id, before, after.
Named = tuple[str, str, str]

_NAME: Final = re.compile(r"[^\W\d]\w*")
_BY_NAME: Final = frozenset({"property", "dataInput", "dataOutput", "inputDataItem", "outputDataItem"})
_OBJECTS: Final = frozenset({"dataObject", "dataObjectReference"})
_NAMED: Final = tuple(bpmn(tag) for tag in sorted(_BY_NAME | _OBJECTS))
_STEPS: Final = tuple(bpmn(tag) for tag in sorted(ACTIVITIES | EVENTS))
#: Without any of these there is nothing to name.
_TELLING: Final = tuple(
    bpmn(tag) for tag in ("dataInputAssociation", "dataOutputAssociation", "loopDataInputRef", "loopDataOutputRef")
)
_SIDES: Final = (
    ("input", "dataInputAssociation", "dataInput", "loopDataInputRef"),
    ("output", "dataOutputAssociation", "dataOutput", "loopDataOutputRef"),
)


def name(root: etree._Element, *, file: str = "") -> Iterator[Named | Problem]:
    """Write the variables into our own attributes and elements below ``root``, telling each change and each problem."""
    if next(root.iter(*_TELLING), None) is None:
        return
    known = {str(e.get("id")): e for e in root.iter(*_NAMED) if e.get("id")}
    for activity in list(root.iter(*_STEPS)):
        for side, association, parameter, collection in _SIDES:
            pairs = dict(_pairs(activity, side, association))
            loop = activity.find(f"{bpmn('multiInstanceLoopCharacteristics')}/{bpmn(collection)}")
            repeated = text_of(loop)
            if loop is not None and repeated:
                yield from _repeated(activity, loop, variable(known, pairs.get(repeated, repeated)), side, file)
            yield from _mapped(activity, side, parameter, {k: v for k, v in pairs.items() if k != repeated}, known)


def variable(known: dict[str, etree._Element], ref: str) -> str:
    """The name under which process data hold what ``ref`` points to; a data object is known by its id."""
    element = known.get(ref)
    if element is None:
        return ref
    if local(element) == "dataObjectReference":
        return element.get("dataObjectRef", "") or ref
    told = element.get("name", "").strip()
    return told if local(element) in _BY_NAME and _NAME.fullmatch(told) else ref


def _pairs(activity: etree._Element, side: str, association: str) -> Iterator[tuple[str, str]]:
    """(the activity's own parameter, what lies outside) of each plain association of ``activity``."""
    for item in activity.iterfind(bpmn(association)):
        sources, target = [text_of(ref) for ref in item.iterfind(bpmn("sourceRef"))], item.find(bpmn("targetRef"))
        plain = not any(local(child) in {"assignment", "transformation"} for child in children(item))
        if plain and len(sources) == 1 and target is not None:
            ends = (text_of(target), sources[0])
            yield ends if side == "input" else (ends[1], ends[0])


def _repeated(
    activity: etree._Element, loop: etree._Element, found: str, side: str, file: str
) -> Iterator[Named | Problem]:
    holder = loop.getparent()
    key = motcua("collection" if side == "input" else "outputCollection")
    if holder is None or holder.get(key):
        return
    try:
        told = to_feel(found) if side == "input" and is_foreign(found) else plain_name(found)
    except NotPlain:
        yield finding("bpmn-variable-name", file=file, element=activity.get("id", ""), facts={"name": found})
        return
    holder.set(key, told)
    yield activity.get("id", ""), f"{local(loop)} {text_of(loop)}", told


def _mapped(
    activity: etree._Element, side: str, parameter: str, pairs: dict[str, str], known: dict[str, etree._Element]
) -> Iterator[Named]:
    held = (*activity.iterfind(f"{bpmn('ioSpecification')}/{bpmn(parameter)}"), *activity.iterfind(bpmn(parameter)))
    declared = {str(e.get("id")) for e in held}
    outer_kinds = {"property", "inputDataItem"} | (_OBJECTS if local(activity) == "callActivity" else frozenset())
    for own, outer in pairs.items():
        if own not in declared or outer not in known or local(known[outer]) not in outer_kinds:
            continue
        here, there = variable(known, own), variable(known, outer)
        source, target = (there, here) if side == "input" else (here, there)
        if _NAME.fullmatch(source) and _NAME.fullmatch(target) and _add(activity, side, source, target):
            yield activity.get("id", ""), f"{parameter} {own}", f"motcua:{side} {target} = {source}"


def _add(activity: etree._Element, side: str, source: str, target: str) -> bool:
    extension = activity.find(bpmn("extensionElements"))
    if extension is None:
        extension = etree.Element(bpmn("extensionElements"))
        activity.insert(0, extension)
    tag = motcua(side)
    if any(target in {item.get("target"), item.get("name")} for item in extension.iterfind(tag)):
        return False
    etree.SubElement(extension, tag, {"source": source, "target": target})
    return True
