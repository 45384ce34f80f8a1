"""Strict reading of BPMN files, and the names of their vocabularies. Everything that reads a diagram starts here.

The product's own extensions are attributes and elements of the namespace ``MOTCUA``:

* on tasks ``form``, ``role``, ``unit``, ``timeLimit``, ``operation``, ``decision`` (or ``decisionRef``), ``result``
  (or ``resultVariable``);
* on call activities ``passes``: what goes in and out beside the declared inputs and outputs: ``both`` (when nothing is
  declared), ``none`` (when anything is), ``in`` or ``out``;
* on ``multiInstanceLoopCharacteristics`` ``collection`` (FEEL), ``elementVariable``, ``outputCollection``,
  ``outputElement`` (FEEL);
* in ``extensionElements`` any number of ``<input name="x">FEEL</input>`` (or ``<input source="FEEL" target="x"/>``)
  and ``<output …>``, in order; on receiving elements ``<correlation name="x">FEEL</correlation>``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.rules_catalogue import finding
from engine.errors import DefinitionRefused

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
MOTCUA: Final = "urn:motcua:bpmn:1.0"

#: Attributes that the product itself puts on BPMN elements, by local name.
MOTCUA_ATTRIBUTES: Final = frozenset(
    {
        "form", "role", "operation", "decisionRef", "resultVariable", "instructions", "workingHours",
        "collection", "elementVariable", "outputCollection", "outputElement",
        "decision", "result", "unit", "timeLimit", "differentFrom", "passes",
    }
)  # fmt: skip

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 60_000


def bpmn(name: str) -> str:
    """The qualified tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def motcua(name: str) -> str:
    """The qualified name of one of our own attributes or elements."""
    return f"{{{MOTCUA}}}{name}"


def local(element: etree._Element) -> str:
    """The tag without its namespace; empty for what is no element (a comment, an instruction)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    """The namespace of the tag; empty when it has none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def is_bpmn(element: etree._Element) -> bool:
    """Whether the element belongs to BPMN 2.0 proper."""
    return namespace(element) == BPMN


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The child elements of BPMN 2.0 proper, in document order."""
    return (child for child in element if is_bpmn(child))


def text_of(element: etree._Element | None) -> str:
    """All text below ``element`` without outer white space. (SpiffWorkflow reads only up to the first child.)"""
    return "" if element is None else str(element.xpath("string()")).strip()


def parse(source: bytes, *, file: str = "") -> etree._Element:
    """The root of a BPMN file.

    Holds afterwards: at most 5 MB, no document type, no entity, no comment or instruction inside, at most 100 levels
    and 60,000 elements, the root is ``definitions`` of BPMN 2.0. Anything else raises ``DefinitionRefused``.
    """
    if len(source) > MAX_BYTES:
        raise _refused("bpmn-file-too-large", file, size=len(source), limit=MAX_BYTES)
    if not source.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _refused("bpmn-file-empty", file)
    root = _tree(source, file)
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # absent from the stubs
        raise _refused("bpmn-doctype", file)
    _check_size(root, file)
    if root.tag != bpmn("definitions"):
        raise _refused("bpmn-not-bpmn", file, root=f"{local(root)} ({namespace(root) or 'không tên miền'})"[:200])
    return root


def _tree(source: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        return etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
            raise _refused("bpmn-doctype", file) from error
        line, column = error.position
        raise _refused("bpmn-not-xml", file, line=line, column=column) from error


def _check_size(root: etree._Element, file: str) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if isinstance(element, etree._Entity):
            raise _refused("bpmn-doctype", file)
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise _refused("bpmn-too-deep" if depth > MAX_DEPTH else "bpmn-too-many-elements", file)


def serialise(root: etree._Element) -> bytes:
    """The bytes of a tree: UTF-8 with declaration; equal trees give equal bytes."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _refused(code: str, file: str, **facts: str | int) -> DefinitionRefused:
    return DefinitionRefused(problems=(finding(code, file=file, facts=facts),))
