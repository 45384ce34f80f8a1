"""The deploy gate: a bundle of diagrams runs exactly as drawn, or is refused with code, element and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from engine.bpmn import (
    rules_calls,
    rules_correlation,
    rules_elements,
    rules_events,
    rules_expressions,
    rules_flows,
    rules_mappings,
    soundness,
)
from engine.bpmn.diagram import Diagram
from engine.bpmn.diagram_reader import read
from engine.bpmn.normalise import normalise
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import parse
from engine.errors import DefinitionRefused, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the gate found, and the diagrams it read (of the files that could be read)."""

    problems: tuple[Problem, ...]
    diagrams: tuple[Diagram, ...]

    @property
    def refused(self) -> bool:
        """Whether any finding is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def check_files(files: Mapping[str, bytes], *, process: str | None = None) -> tuple[Problem, ...]:
    """Every finding about ``files`` (name → bytes), errors first; empty when all may run.

    ``process`` asks that this process is there and executable. Never raises for anything the files contain.
    """
    return inspect(files, process=process).problems


def inspect(files: Mapping[str, bytes], *, process: str | None = None) -> Checked:
    """As ``check_files``, with the diagrams."""
    problems: list[Problem] = []
    diagrams: list[Diagram] = []
    for name, source in sorted(files.items()):
        judged = _kept(source, name) if len(source) <= _KEPT_BYTES else _judge(source, name)
        problems.extend(judged.problems)
        diagrams.extend(judged.diagrams)
    problems.extend(rules_calls.check(diagrams))
    problems.extend(_selection(files, diagrams, process))
    unique = dict.fromkeys(problems)
    return Checked(
        problems=tuple(sorted(unique, key=lambda problem: problem.severity != "error")),
        diagrams=tuple(diagrams),
    )


def _judge(source: bytes, name: str) -> Checked:
    """What one file says by itself; no diagram when it cannot be read."""
    try:
        normalised = normalise(source, file=name)
        root = parse(normalised.xml, file=name)
    except DefinitionRefused as refusal:
        return Checked(problems=refusal.problems, diagrams=())
    diagram = read(root, file=name)
    return Checked(problems=(*normalised.problems, *_file(root, diagram)), diagrams=(diagram,))


#: Files up to this size are judged once: an editor saves one of many, and a version is checked before it is loaded.
_KEPT_BYTES = 256 * 1024
_kept = lru_cache(maxsize=96)(_judge)


def _file(root: etree._Element, diagram: Diagram) -> Iterator[Problem]:
    file = diagram.file
    if not diagram.processes:
        yield finding("bpmn-no-process", file=file)
    doubled = tuple(rules_flows.check_ids(root, file=file))
    yield from doubled
    yield from rules_elements.check(root, file=file)
    if doubled:  # with two steps of one id, no other finding would say what it means
        return
    yield from rules_flows.check_lists(root, diagram)
    yield from rules_correlation.check(root, diagram)
    yield from rules_mappings.check(root, file=file)
    for process in diagram.processes:
        if not process.executable:
            continue
        yield from rules_flows.check(process, diagram)
        yield from rules_events.check(process, diagram)
        yield from rules_expressions.check(process, diagram)
        yield from soundness.check(process, file=file)


def _selection(files: Mapping[str, bytes], diagrams: list[Diagram], process: str | None) -> Iterator[Problem]:
    executable = [item.id for diagram in diagrams for item in diagram.processes if item.executable]
    if process is not None and process not in executable:
        facts = {"process": process, "known": ", ".join(executable) or "–"}
        yield finding("bpmn-process-unknown", element=process, facts=facts)
    elif not executable and any(diagram.processes for diagram in diagrams):
        first = next(item.id for diagram in diagrams for item in diagram.processes)
        yield finding("bpmn-not-executable", file=next(iter(sorted(files)), ""), element=first)
