"""Inputs and outputs stand only where they are read: elsewhere they would be dropped, and the data would be others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.diagram import ACTIVITIES
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.rules_elements import owner
from engine.bpmn.xml import bpmn, is_bpmn, local, motcua
from engine.errors import Problem

_THROWN: Final = (
    "messageEventDefinition",
    "signalEventDefinition",
    "escalationEventDefinition",
    "errorEventDefinition",
)
_CAUGHT: Final = (*_THROWN, "timerEventDefinition", "conditionalEventDefinition")
#: Direction → element that may have it → event definitions of which it needs one; none = needs no event.
_READ: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "input": {**dict.fromkeys(ACTIVITIES, ()), "intermediateThrowEvent": _THROWN, "endEvent": _THROWN},
    "output": {
        **dict.fromkeys(ACTIVITIES, ()),
        "startEvent": _CAUGHT,
        "intermediateCatchEvent": _CAUGHT,
        "boundaryEvent": _CAUGHT,
    },
}


def check(root: etree._Element, *, file: str) -> Iterator[Problem]:
    """Problems of the mappings of the executable processes."""
    for process in root.iterfind(bpmn("process")):
        if process.get("isExecutable") != "true":
            continue
        for direction, read in _READ.items():
            for mapping in process.iter(motcua(direction)):
                extension = mapping.getparent()
                holder = None if extension is None else extension.getparent()
                if holder is not None and not _is_read(holder, read):
                    target = mapping.get("target") or mapping.get("name") or ""
                    facts = {"mapping": f"{direction} {target}", "kind": local(holder)}
                    yield finding("bpmn-mapping-misplaced", file=file, element=owner(holder), facts=facts)


def _is_read(holder: etree._Element, read: dict[str, tuple[str, ...]]) -> bool:
    wanted = read.get(local(holder)) if is_bpmn(holder) else None
    if not wanted:
        return wanted is not None
    return any(holder.find(bpmn(definition)) is not None for definition in wanted)
