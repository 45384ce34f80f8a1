"""How an extension of another modeller is rewritten: our attributes and mappings set, what cannot be said refused."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import bpmn, local, motcua
from engine.errors import Problem

#: A change (element id, before, after) or a problem.
Adopted = tuple[str, str, str] | Problem

HINT_DATA: Final = {
    "hint_vi": "Dùng motcua:input hoặc motcua:output với biểu thức FEEL.",
    "hint_en": "Use motcua:input or motcua:output with a FEEL expression.",
}
HINT_DRAW: Final = {
    "hint_vi": "Vẽ hành vi này bằng phần tử BPMN chuẩn.",
    "hint_en": "Draw this behaviour with standard BPMN elements.",
}


def unsupported(owner: str, file: str, extension: str, hint: dict[str, str]) -> Problem:
    """The extension changes the run and cannot be said here."""
    facts = {"extension": extension, **hint}
    return finding("bpmn-extension-unsupported", file=file, element=owner, facts=facts)


def ignored(owner: str, file: str, extension: str) -> Problem:
    """A warning: the extension has no effect here."""
    return finding(
        "bpmn-extension-ignored", file=file, element=owner, severity="warning", facts={"extension": extension}
    )


def set_own(element: etree._Element, attribute: str, value: str) -> bool:
    """Set our attribute unless the author did; whether it was set."""
    if element.get(motcua(attribute)) is not None or not value:
        return False
    element.set(motcua(attribute), value)
    return True


def map_own(extension: etree._Element, direction: str, source: str, target: str) -> tuple[str, str]:
    """Add ``motcua:input`` or ``motcua:output``; what is told of it."""
    etree.SubElement(extension, motcua(direction), {"source": source, "target": target})
    return f"{direction} {target}", source


def step_of(element: etree._Element) -> etree._Element:
    """The step that an event definition belongs to; every other element itself."""
    parent = element.getparent()
    return parent if local(element).endswith("EventDefinition") and parent is not None else element


def extension_of(step: etree._Element) -> etree._Element:
    """The ``extensionElements`` of ``step``, made if it has none."""
    extension = step.find(bpmn("extensionElements"))
    if extension is None:
        extension = etree.Element(bpmn("extensionElements"))
        step.insert(0, extension)
    return extension
