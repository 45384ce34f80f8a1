"""Correlation compares what a message says with what a process knows: all of it is FEEL that compiles, under a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.diagram import Diagram
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.rules_elements import owner
from engine.bpmn.rules_expressions import feel
from engine.bpmn.xml import bpmn, motcua, text_of
from engine.errors import Problem

_PROPERTY: Final = {"what_vi": "thuộc tính đối chiếu (correlation property)", "what_en": "correlation property"}


def check(root: etree._Element, diagram: Diagram) -> Iterator[Problem]:
    """Problems of the correlation of the executable processes and of the messages that they use."""
    running = [process for process in root.iterfind(bpmn("process")) if process.get("isExecutable") == "true"]
    used = {
        event.ref for process in diagram.processes if process.executable for n in process.nodes for event in n.events
    }
    messages = [message for message in root.iterfind(bpmn("message")) if message.get("id") in used]
    for holder in (*running, *messages):
        for own in holder.iter(motcua("correlation")):
            yield from _own(own, diagram.file)
    known = {item.get("id", "") for item in root.iterfind(bpmn("correlationProperty"))}
    for retrieval in root.iterfind(f"{bpmn('correlationProperty')}/{bpmn('correlationPropertyRetrievalExpression')}"):
        if retrieval.get("messageRef") in used:
            yield from _path(retrieval, diagram.file, what="messagePath")
    for process in running:
        for binding in process.iter(bpmn("correlationPropertyBinding")):
            yield from _path(binding, diagram.file, what="dataPath")
            ref = binding.get("correlationPropertyRef", "")
            if ref not in known:
                facts = {"attribute": "correlationPropertyRef", "ref": ref, **_PROPERTY}
                yield finding("bpmn-reference-unknown", file=diagram.file, element=owner(binding), facts=facts)


def _own(element: etree._Element, file: str) -> Iterator[Problem]:
    if not element.get("name", "").strip():
        facts = {"attribute": "name", **_PROPERTY}
        yield finding("bpmn-reference-missing", file=file, element=owner(element), facts=facts)
    yield from feel(text_of(element).removeprefix("="), owner(element), file, what="correlation")


def _path(holder: etree._Element, file: str, *, what: str) -> Iterator[Problem]:
    language = next((str(item.get("language")) for item in holder.iter(etree.Element) if item.get("language")), "")
    yield from feel(text_of(holder).removeprefix("="), owner(holder), file, what=what, language=language)
