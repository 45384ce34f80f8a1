"""A dossier's history made ready to be looked at step by step: what happened, the way through the diagram, the data
before and after.

Everything is computed once, in one pass over the journal, so that thousands of events stay quick to walk through.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.bpmn.drawing import drawn
from engine.model.chain import Event
from engine.procedures import Procedure

#: Parts of a body that are shown elsewhere or are no data of the dossier.
_ELSEWHERE = frozenset({"steps", "changes", "state", "data", "result", "variables"})
_PROCESS = re.compile(rb"<(?:[\w.-]+:)?process\b[^>]*?\bid=\"([^\"]+)\"")
#: Longest value shown of one entry; the download has all of it.
_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the dossier's data; ``before`` is None when it is new, ``after`` None when it went."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Something that happened at an element: ``entered``, ``completed``, ``cancelled`` or ``fired``."""

    element: str
    event: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event of the journal."""

    seq: int
    at: datetime
    kind: str
    actor: str
    on_behalf_of: str
    unit: str
    node: str
    hash: str
    body: Mapping[str, Any]
    passed: tuple[Passed, ...]
    flows: tuple[str, ...]  #: ids of the sequence flows taken
    changes: tuple[Change, ...]
    facts: tuple[tuple[str, str], ...]  #: what the event says beside the data


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """One process of the version, with the file that draws it."""

    process: str
    file: str
    xml: str


def recorded(events: Sequence[Event], procedure: Procedure) -> tuple[Recorded, ...]:
    """The events with the way taken and the data before and after each."""
    way, data = _Way(bpmn.loaded_graph(procedure.definition), procedure), _Data()
    told = zip(events, _renamings(events), strict=True)
    return tuple(_recorded(event, way, data, renamed) for event, renamed in told)


def _renamings(events: Sequence[Event]) -> Sequence[Mapping[str, str]]:
    """For each event: what its elements are called in the version that the dossier is on now.

    A dossier moved to another version has passed no step that this version lacks, so its whole way can be shown there.
    """
    found: list[Mapping[str, str]] = []
    names: dict[str, str] = {}
    undone: set[str] = set()
    for event in reversed(events):
        found.append(names)
        if event.kind == "MigrationReverted":
            undone.add(event.content()["plan"])
        elif event.kind == "DossierMigrated" and event.content()["plan"] not in undone:
            names = names | {old: names.get(new, new) for old, new in event.content()["mapping"].items()}
    return found[::-1]


def diagrams(procedure: Procedure) -> tuple[Diagram, ...]:
    """The diagrams of the bound version: the main process first, then those it calls, in order."""
    found: dict[str, tuple[str, bytes]] = {}
    for name, content in procedure.package.files.items():
        if name.endswith(".bpmn"):
            for process in _PROCESS.findall(content):
                found.setdefault(process.decode(), (name, content))
    order = [process for process in _order(procedure) if process in found]
    return tuple(
        Diagram(process=process, file=found[process][0], xml=drawn(found[process][1]).decode("utf-8"))
        for process in order
    )


def called(procedure: Procedure) -> dict[str, str]:
    """Call activity → the process that it calls, as drawn."""
    found: dict[str, str] = {}
    for name, content in procedure.package.files.items():
        if name.endswith(".bpmn"):
            for activity in re.findall(rb"<(?:[\w.-]+:)?callActivity\b[^>]*>", content):
                identity, target = (
                    re.search(rb"\bid=\"([^\"]+)\"", activity),
                    re.search(rb"\bcalledElement=\"([^\"]+)\"", activity),
                )
                if identity and target:
                    found[identity[1].decode()] = target[1].decode()
    return found


def _order(procedure: Procedure) -> list[str]:
    calls, elements = called(procedure), procedure.definition.elements
    order, waiting = [], [procedure.definition.process_id]
    while waiting:
        process = waiting.pop(0)
        if process in order:
            continue
        order.append(process)
        waiting += [target for activity, target in calls.items() if elements[activity].process == process]
    return order


def _recorded(event: Event, way: _Way, data: _Data, renamed: Mapping[str, str]) -> Recorded:
    body = event.content()
    passed = tuple(
        Passed(element=renamed.get(element, element), event=what, at=datetime.fromisoformat(at))
        for element, what, at in body.get("steps", ())
    )
    return Recorded(
        seq=event.seq,
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        on_behalf_of=event.on_behalf_of,
        unit=event.unit,
        node=renamed.get(event.node, event.node),
        hash=event.hash,
        body=body,
        passed=passed,
        flows=way.take(passed),
        changes=data.apply(_changed(event, body)),
        facts=tuple(_flat({name: value for name, value in body.items() if name not in _ELSEWHERE}))
        if event.kind not in {"DossierChanged", "DossierFiled"}
        else (),
    )


def _changed(event: Event, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an event makes different: the process data it names, or columns of the dossier."""
    if event.kind == "DossierFiled":
        return dict(body.get("variables", {})) | dict(body.get("changes", {}))
    if event.kind == "DossierChanged":
        return {"dossier": {name: value for name, value in body.items() if name != "state"}}
    return dict(body.get("changes", {}))


class _Data:
    """The data as known so far, entry by entry."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def apply(self, changes: Mapping[str, Any]) -> tuple[Change, ...]:
        """Take the changes in; what they make different. A process variable is replaced whole, a column alone."""
        found: list[Change] = []
        for name, value in changes.items():
            before = self._known.get(name, {})
            after = dict(_flat({name: value}))
            if name == "dossier":
                after = _columns(before, value) | after
            found += _differences(before, after)
            self._known[name] = after
        return tuple(found)


def _columns(before: Mapping[str, str], value: Mapping[str, Any]) -> dict[str, str]:
    """What is known of the columns that ``value`` does not set."""
    touched = tuple(f"dossier.{column}" for column in value)
    return {
        path: text for path, text in before.items() if not any(path == t or path.startswith(f"{t}.") for t in touched)
    }


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[Change]:
    for path in (*after, *(path for path in before if path not in after)):
        if before.get(path) != after.get(path):
            yield Change(path=path, before=before.get(path), after=after.get(path))


def _flat(value: Any, path: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, entry in value.items():
            yield from _flat(entry, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for number, entry in enumerate(value, start=1):
            yield from _flat(entry, f"{path}.{number}")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


class _Way:
    """Which sequence flows were taken: the journal tells of elements, the diagram says what joins them."""

    def __init__(self, graph: Mapping[str, Mapping[str, Any]], procedure: Procedure) -> None:
        self._into: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for process in graph.values():
            for source, target, flow in process["flows"]:
                self._into[target].append((source, flow))
        kinds = {element.id: element.kind for element in procedure.definition.elements.values()}
        self._one_way = {name for name, kind in kinds.items() if kind in {"exclusiveGateway", "eventBasedGateway"}}
        self._joins = {name for name, kind in kinds.items() if kind in {"parallelGateway", "inclusiveGateway"}}
        self._left: dict[str, int] = {}  #: element → number of its last completion
        self._used: dict[str, int] = {}  #: flow, or one-way gateway → completion that it used up
        self._count = 0

    def take(self, passed: Iterable[Passed]) -> tuple[str, ...]:
        """The flows taken by these steps, in order."""
        taken: list[str] = []
        for step in passed:
            self._count += 1
            if step.event == "entered":
                taken += self._entered(step.element)
            elif step.event in {"completed", "fired"}:
                self._left[step.element] = self._count
        return tuple(taken)

    def _entered(self, element: str) -> list[str]:
        ready = []
        for source, flow in self._into.get(element, ()):
            left = self._left.get(source, 0)
            key = source if source in self._one_way else flow
            if left > self._used.get(key, 0):
                ready.append((left, key, flow))
        if not ready:
            return []
        arrived = ready if element in self._joins else [max(ready)]
        self._used.update({key: left for left, key, _flow in arrived})
        return [flow for _left, _key, flow in arrived]
