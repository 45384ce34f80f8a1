"""G5: every element and attribute of an executable process is on the allow-list, or is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.rules_catalogue import finding
from engine.bpmn.rules_vocabulary import ATTRIBUTES, CHILDREN, DESCRIPTIVE, REFUSED, VALUES
from engine.bpmn.xml import BPMN, BPMNDI, DC, MOTCUA, MOTCUA_ATTRIBUTES, XSI, bpmn, is_bpmn, local, motcua, namespace
from engine.errors import Problem

_COMPENSATION: Final = "isForCompensation"


def check(root: etree._Element, *, file: str) -> Iterator[Problem]:
    """Problems of the elements below ``root``; processes that do not run are only looked through for names."""
    yield from _coordinates(root, file)
    pending = [root]
    while pending:
        parent = pending.pop()
        for child in parent:
            problem = _element(parent, child, file)
            if problem is not None:
                yield problem
                continue
            if not is_bpmn(child) or local(child) in DESCRIPTIVE or _sleeps(child):
                continue
            yield from _attributes(child, file)
            yield from _timers(child, file)
            pending.append(child)
        yield from _extensions(parent, file)


def _sleeps(element: etree._Element) -> bool:
    return local(element) == "process" and element.get("isExecutable") != "true"


def owner(element: etree._Element) -> str:
    """The id of the element or of the nearest one around it that has one."""
    outer = element
    while not outer.get("id"):
        parent = outer.getparent()
        if parent is None:
            return ""
        outer = parent
    return str(outer.get("id"))


def _element(parent: etree._Element, child: etree._Element, file: str) -> Problem | None:
    space, tag = namespace(child), local(child)
    where = owner(child) or tag
    if space != BPMN:
        outside = parent.tag == bpmn("definitions") or space == MOTCUA
        if outside and space != MOTCUA:
            return None  # BPMNDI and the like
        return finding("bpmn-element-unknown", file=file, element=where, facts={"tag": tag})
    if tag in REFUSED:
        return finding(REFUSED[tag], file=file, element=where, facts={"tag": tag, "what": tag})
    allowed = CHILDREN.get(local(parent))
    if allowed is None or tag in allowed:
        return None
    known = tag in CHILDREN or tag in DESCRIPTIVE or tag.endswith("EventDefinition") or tag == "eventDefinitionRef"
    code = "bpmn-element-unsupported" if known else "bpmn-element-unknown"
    return finding(code, file=file, element=where, facts={"tag": tag})


def _attributes(element: etree._Element, file: str) -> Iterator[Problem]:
    tag = local(element)
    allowed = ATTRIBUTES.get(tag)
    for key, raw in element.attrib.items():
        name, value = etree.QName(str(key)), str(raw)
        space = name.namespace or ""
        facts = {"attribute": name.localname, "value": value, "tag": tag}
        if space == XSI:
            continue
        if space == MOTCUA:
            if name.localname not in MOTCUA_ATTRIBUTES:
                yield finding("bpmn-attribute-unsupported", file=file, element=owner(element), facts=facts)
            continue
        if space or allowed is None:
            if space == BPMN:
                yield finding("bpmn-attribute-unsupported", file=file, element=owner(element), facts=facts)
            continue
        if name.localname in allowed and value in VALUES.get(name.localname, (value,)):
            continue
        yield finding(_code(name.localname), file=file, element=owner(element), facts=facts)


def _timers(element: etree._Element, file: str) -> Iterator[Problem]:
    times = [child for child in element if local(child) in {"timeDate", "timeDuration", "timeCycle"}]
    if local(element) == "timerEventDefinition" and len(times) > 1:
        yield finding("bpmn-timer-ambiguous", file=file, element=owner(element))


def _code(attribute: str) -> str:
    return {
        _COMPENSATION: "bpmn-compensation",
        "instantiate": "bpmn-instantiate",
        "parallelMultiple": "bpmn-multiple-event",
    }.get(attribute, "bpmn-attribute-unsupported")


def _extensions(element: etree._Element, file: str) -> Iterator[Problem]:
    """Our own extension elements, and extensions that a file declares as a must."""
    if element.tag == bpmn("definitions"):
        for extension in element.iterfind(bpmn("extension")):
            if extension.get("mustUnderstand", "").strip() in {"true", "1"}:
                facts = {"extension": extension.get("definition", "")}
                yield finding("bpmn-must-understand", file=file, element=owner(element), facts=facts)
    holder = element.find(bpmn("extensionElements"))
    if holder is None:
        return
    for child in holder:
        if namespace(child) == MOTCUA and child.tag not in {motcua("input"), motcua("output"), motcua("correlation")}:
            facts = {"tag": f"motcua:{local(child)}"}
            yield finding("bpmn-element-unknown", file=file, element=owner(element), facts=facts)


def _coordinates(root: etree._Element, file: str) -> Iterator[Problem]:
    """The engine orders branches by where they are drawn, so a shape must be somewhere."""
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None and not all(_number(bounds.get(axis, "0")) for axis in ("x", "y", "width", "height")):
            yield finding("bpmn-diagram-broken", file=file, element=shape.get("bpmnElement", ""))


def _number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
