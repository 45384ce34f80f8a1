"""The deploy gate's second step: one deterministic rewriting that changes how a diagram is written, never what it says.

Why at all: elements may lack an id (SpiffWorkflow drops such flows and boundary events), references may carry prefixes,
booleans may be ``1``, and other engines write conditions and extensions of their own. The author's bytes are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml import etree

from engine.bpmn import variables
from engine.bpmn.diagram import NODES
from engine.bpmn.foreign import NotPlain, is_foreign, to_feel
from engine.bpmn.foreign_extensions import adopt
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import bpmn, is_bpmn, local, namespace, parse, serialise, text_of
from engine.errors import Problem

#: Raised whenever the same source would give other bytes than before; part of every bundle's version.
VERSION: Final = 1

_IDENTIFIED: Final = NODES | {
    "process", "sequenceFlow", "lane", "laneSet", "dataObject", "dataObjectReference", "dataStore",
    "dataStoreReference", "message", "signal", "error", "escalation", "collaboration", "participant", "messageFlow",
    "association", "textAnnotation", "group", "dataInput", "dataOutput", "category", "categoryValue",
}  # fmt: skip
_REF_ATTRIBUTES: Final = frozenset(
    {
        "sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef", "errorRef", "escalationRef",
        "dataObjectRef", "dataStoreRef", "processRef", "calledElement", "bpmnElement", "itemSubjectRef", "itemRef",
        "correlationPropertyRef",
        "categoryValueRef", "activityRef", "operationRef", "partitionElementRef", "collaborationRef",
    }
)  # fmt: skip
_REF_ELEMENTS: Final = frozenset(
    {
        "incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef", "dataInputRefs", "dataOutputRefs",
        "loopDataInputRef", "loopDataOutputRef", "source", "target", "eventDefinitionRef",
    }
)  # fmt: skip
_BOOLEANS: Final = frozenset(
    {
        "isExecutable", "isClosed", "cancelActivity", "isInterrupting", "parallelMultiple", "triggeredByEvent",
        "isForCompensation", "isSequential", "testBefore", "instantiate", "isCollection", "isImmediate",
        "cancelRemainingInstances", "waitForCompletion", "isUnlimited",
    }
)  # fmt: skip
#: Elements whose text is an expression.
_EXPRESSIONS: Final = frozenset(
    {
        "conditionExpression", "condition", "timeDate", "timeDuration", "timeCycle", "loopCardinality",
        "completionCondition", "loopCondition",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rewriting: what was done to which element (its id afterwards)."""

    what: str
    element: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """The rewritten file. No id that the author wrote is ever changed."""

    xml: bytes
    changes: tuple[Change, ...] = ()
    #: What could not be rewritten without changing its meaning; the guard refuses for them.
    problems: tuple[Problem, ...] = ()


def normalise(source: bytes, *, file: str = "") -> Normalised:
    """Rewrite ``source``; equal bytes give equal bytes, and rewriting the result again changes nothing.

    Raises ``DefinitionRefused`` when the file cannot be read at all.
    """
    return _kept(source, file) if len(source) <= _KEPT_BYTES else _rewrite(source, file)


def _rewrite(source: bytes, file: str) -> Normalised:
    return _Rewriting(parse(source, file=file), file).run()


#: Files up to this size are rewritten once: the check and the loading want the same bytes.
_KEPT_BYTES = 256 * 1024
_kept = lru_cache(maxsize=96)(_rewrite)


class _Rewriting:
    def __init__(self, root: etree._Element, file: str) -> None:
        self._root = root
        self._file = file
        self._changes: list[Change] = []
        self._problems: list[Problem] = []

    def run(self) -> Normalised:
        self._tidy()
        self._resolve_prefixes()
        self._place_definitions()
        self._identify()
        for adopted in (*adopt(self._root, file=self._file), *variables.name(self._root, file=self._file)):
            if isinstance(adopted, Problem):
                self._problems.append(adopted)
            else:
                self._changed("extension", *adopted)
        self._mark_executable()
        self._free_defaults()
        self._translate()
        etree.cleanup_namespaces(self._root, keep_ns_prefixes=sorted(k for k in self._root.nsmap if k))
        return Normalised(
            xml=serialise(self._root),
            changes=tuple(self._changes),
            problems=tuple(self._problems),
        )

    def _changed(self, what: str, element: str, before: str = "", after: str = "") -> None:
        self._changes.append(Change(what=what, element=element, before=before, after=after))

    def _elements(self) -> Iterator[etree._Element]:
        return (element for element in self._root.iter(etree.Element) if is_bpmn(element))

    def _tidy(self) -> None:
        """Collapse white space around ids and references and spell booleans out, as XML Schema reads them."""
        for element in self._root.iter(etree.Element):
            for name in ("id", *_REF_ATTRIBUTES):
                value = element.get(name)
                if value is not None and value != value.strip():
                    element.set(name, value.strip())
            if not is_bpmn(element):
                continue
            direction = element.get("gatewayDirection")
            if direction is not None:
                element.set("gatewayDirection", direction.strip().capitalize())
            for name in _BOOLEANS & set(map(str, element.attrib)):
                value = str(element.get(name)).strip()
                element.set(name, {"1": "true", "0": "false"}.get(value, value))
            if local(element) in _REF_ELEMENTS and not len(element):
                element.text = text_of(element)

    def _resolve_prefixes(self) -> None:
        """``tns:Message_1`` names ``Message_1`` where no element carries the longer name itself."""
        known = {str(element.get("id")) for element in self._root.iter(etree.Element) if element.get("id")}

        def bare(value: str, element: etree._Element) -> str:
            prefix, colon, rest = value.partition(":")
            resolves = bool(colon) and value not in known and prefix in element.nsmap
            return rest if resolves and (rest in known or local(element) == "callActivity") else value

        for element in self._root.iter(etree.Element):
            for name in _REF_ATTRIBUTES & set(map(str, element.attrib)):
                element.set(name, bare(str(element.get(name)), element))
            if is_bpmn(element) and local(element) in _REF_ELEMENTS and element.text:
                element.text = bare(element.text, element)

    def _place_definitions(self) -> None:
        """An event definition that stands by itself is put where an event refers to it."""
        shared = {e.get("id"): e for e in self._root if is_bpmn(e) and local(e).endswith("EventDefinition")}
        for reference in list(self._root.iter(bpmn("eventDefinitionRef"))) if shared else ():
            event, definition = reference.getparent(), shared.get(text_of(reference))
            if event is None or definition is None:
                continue
            placed = deepcopy(definition)
            del placed.attrib["id"]
            event.replace(reference, placed)
            self._changed("event-definition", event.get("id", ""), text_of(reference), local(definition))
        for definition in shared.values():
            self._root.remove(definition)

    def _identify(self) -> None:
        """Give an id to everything of BPMN that may carry one and does not."""
        names = _Names(self._root)
        for element in self._elements():
            if element.get("id") or local(element) not in _IDENTIFIED:
                continue
            new = names.free(_stem(element))
            element.set("id", new)
            self._changed("id", new)

    def _mark_executable(self) -> None:
        """A tool that never writes ``isExecutable`` means every process; one that does means what it says, and what
        it calls runs, too."""
        processes = list(self._root.iterfind(bpmn("process")))
        silent = [process for process in processes if process.get("isExecutable") is None]
        says_so = any(process.get("isExecutable") == "true" for process in processes)
        called = {str(call.get("calledElement")) for call in self._root.iter(bpmn("callActivity"))}
        for process in silent:
            meant = not says_so or process.get("id") in called
            process.set("isExecutable", "true" if meant else "false")
            self._changed("executable", process.get("id", ""), "", process.get("isExecutable", ""))

    def _free_defaults(self) -> None:
        """BPMN 2.0, table 10.3: the condition of a default flow is ignored."""
        conditions = list(self._root.iter(bpmn("conditionExpression")))
        if not conditions:
            return
        defaults = {str(element.get("default")) for element in self._elements() if element.get("default")}
        for condition in conditions:
            flow = condition.getparent()
            if flow is None or flow.get("id") not in defaults or not text_of(condition):
                continue
            self._problems.append(
                finding("bpmn-condition-on-default", file=self._file, element=flow.get("id", ""), severity="warning")
            )
            self._changed("default-condition", flow.get("id", ""), text_of(condition))
            _drop(condition)

    def _translate(self) -> None:
        for element in list(self._elements()):
            if local(element) not in _EXPRESSIONS:
                continue
            text, owner = text_of(element), _owner(element) or local(element)
            if local(element) == "conditionExpression" and not text and not element.attrib.get("language"):
                _drop(element)  # Bizagi and Signavio write one on every flow
                self._changed("empty-condition", owner)
                continue
            if len(element):
                self._problems.append(
                    finding(
                        "bpmn-element-unknown",
                        file=self._file,
                        element=owner,
                        facts={"tag": local(element[0]) or namespace(element[0])},
                    )
                )
                continue
            try:
                feel = to_feel(text)
            except NotPlain:
                continue  # the guard names it
            if feel != (element.text or ""):
                element.text = feel
            if feel != text:
                self._changed("expression", owner, text, feel)
                if is_foreign(text):
                    element.attrib.pop("language", "")


class _Names:
    """The ids of a file, so that a new one can never collide."""

    def __init__(self, root: etree._Element) -> None:
        self._taken = {str(element.get("id")) for element in root.iter(etree.Element) if element.get("id")}
        self._numbers: dict[str, int] = {}

    def free(self, stem: str) -> str:
        """``stem`` itself or with the first number that makes it new; the result counts as taken."""
        new = stem
        while new in self._taken:
            self._numbers[stem] = self._numbers.get(stem, 1) + 1
            new = f"{stem}_{self._numbers[stem]}"
        self._taken.add(new)
        return new


def _stem(element: etree._Element) -> str:
    kind = local(element)
    if kind == "sequenceFlow":
        ends = f"{element.get('sourceRef', '')}_{element.get('targetRef', '')}"
        return "Flow_" + re.sub(r"[^\w-]+", "_", ends)[:120]
    return kind[0].upper() + kind[1:] + "_auto"


def _owner(element: etree._Element) -> str:
    """The id of the nearest step or flow around ``element``."""
    for outer in (element, *element.iterancestors()):
        if local(outer) in _IDENTIFIED and outer.get("id"):
            return str(outer.get("id"))
    return ""


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
