"""G6 to G8: every condition, timer, mapping and loop expression is FEEL that compiles, or a valid ISO 8601 literal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from engine.bpmn.diagram import Diagram, Event, Flow, Loop, Node, Process
from engine.bpmn.foreign import is_foreign
from engine.bpmn.incidents import ExpressionFailed
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.schedule import duration, schedule
from engine.errors import Problem, Text
from engine.feel import FeelBudgetExceeded, FeelSyntaxError, compile_expression
from engine.feel.declared import DECLARED

_NAME: Final = re.compile(r"[^\W\d]\w*")
_LITERAL: Final = re.compile(r"-?P.*|R\d*/.*|\d{4}-\d.*|[+-]\d{4,}-.*", re.DOTALL)
#: Moments and intervals in a spelling that is not read here and that FEEL would take for names and differences.
_MISSPELT: Final = re.compile(
    r"(?i)-?p(\d+[ymwd])*(t(\d+[hms])+)?|r-?\d*/.*|\d{4}-?w\d{2}(-?\d)?|\d{8}t\d{4,6}z?", re.DOTALL
)
_NAIVE: Final = re.compile(r"\d{4}-\d{2}-\d{2}T[^Z+]*?(?<![+-]\d{2}:\d{2})")
_CRON: Final = re.compile(r"(\S+\s+){4,6}\S+|@\w+")
_FEEL: Final = re.compile(r"(?i)feel|https?://www\.omg\.org/spec/(dmn|feel)/\S*|\S*/feel/?")
#: Languages that a file may declare for all its expressions and in which a condition means something else than in FEEL.
#: (XPath is what BPMN 2.0 assumes and what most tools write without meaning it.)
_PROGRAM: Final = re.compile(r"(?i)java|mvel|groovy|python|ruby|drools|c#|vbscript|ecma")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_CALLED: Final = re.compile(r"([^\W\d]\w*)\s*\(")
#: A fixed moment to try literals on; only whether it works is asked.
_TRIAL: Final = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS: Final = {
    "date": ("thời điểm", "date and time"),
    "duration": ("thời hạn", "duration"),
    "cycle": ("chu kỳ", "repeating interval"),
}
_UNTRANSLATED: Final = {
    "hint_vi": "Chỉ so sánh đơn giản giữa biến và giá trị mới tự dịch được.",
    "hint_en": "Only plain comparisons of variables and values are translated.",
}


def check(process: Process, diagram: Diagram) -> Iterator[Problem]:
    """Problems of every expression of ``process``."""
    file = diagram.file
    for flow in process.flows:
        yield from _condition(flow, diagram)
    for node in process.nodes:
        for event in node.events:
            yield from _event(node, event, file)
        if node.loop is not None:
            yield from _loop(node, node.loop, file)
        for mapping in node.mappings:
            yield from feel(mapping.source, node.id, file, what=f"{mapping.direction} {mapping.target}")
            yield from _variable(mapping.target, node, file)
        result = node.attributes.get("motcua:resultVariable")
        if result is not None:
            yield from _variable(result, node, file)


def feel(text: str, element: str, file: str, *, what: str, language: str = "") -> Iterator[Problem]:
    """Problems of one FEEL expression; ``what`` names it for a person."""
    if not text.strip():
        yield finding("bpmn-expression-empty", file=file, element=element, facts={"what": what})
        return
    if is_foreign(text):
        facts: Mapping[str, object] = {"text": text, **_UNTRANSLATED}
        yield finding("bpmn-expression-foreign", file=file, element=element, facts=facts)
        return
    if language and not _FEEL.fullmatch(language.strip()):
        yield finding("bpmn-expression-language", file=file, element=element, facts={"language": language})
        return
    for why in _mistakes(text):
        facts = {"text": text, "why_vi": why.vi.rstrip("."), "why_en": why.en.rstrip(".")}
        yield finding("bpmn-expression-invalid", file=file, element=element, facts=facts)


def _mistakes(text: str) -> Iterator[Text]:
    """Why ``text`` cannot be meant as FEEL over process data, whose keys are plain names."""
    try:
        expression = compile_expression(text)
    except (FeelSyntaxError, FeelBudgetExceeded) as error:
        yield Text(vi=error.message("vi"), en=error.message("en"))
        return
    called = set(_CALLED.findall(_STRING.sub('""', text)))
    for name in sorted(expression.free_names - DECLARED.keys()):
        if not _NAME.fullmatch(name):  # FEEL reads "not x" and "x is None" as names with blanks
            yield Text(vi=f"“{name}” không phải tên biến", en=f"“{name}” is no name of a variable")
        elif name in called:
            yield Text(vi=f"không có hàm “{name}”", en=f"there is no function “{name}”")


def _condition(flow: Flow, diagram: Diagram) -> Iterator[Problem]:
    if flow.condition is not None:
        language = flow.language or (diagram.language if _PROGRAM.search(diagram.language) else "")
        yield from feel(flow.condition, flow.id, diagram.file, what="condition", language=language)


def _event(node: Node, event: Event, file: str) -> Iterator[Problem]:
    if event.kind == "conditional":
        yield from feel(event.text, node.id, file, what="condition", language=event.language)
    elif event.kind == "timer":
        yield from _timer(node, event, file)


def _timer(node: Node, event: Event, file: str) -> Iterator[Problem]:
    text = event.text
    if not event.timer or not text:
        yield finding("bpmn-timer-missing", file=file, element=node.id)
        return
    literal = _LITERAL.fullmatch(text) or (_MISSPELT.fullmatch(text) and len(text) > 1)
    if not literal and not (event.timer == "cycle" and _CRON.fullmatch(text)):
        yield from feel(text, node.id, file, what="timer", language=event.language)
        return
    vi, en = _KINDS[event.timer]
    facts = {"text": text, "what_vi": vi, "what_en": en}
    if event.timer == "date" and _NAIVE.fullmatch(text):
        yield finding("bpmn-timer-naive", file=file, element=node.id, facts=facts)
    elif event.timer == "cycle" and _endless(text):
        yield finding("bpmn-timer-endless", file=file, element=node.id, facts=facts)
    elif not _fires(text, event.timer):
        yield finding("bpmn-timer-invalid", file=file, element=node.id, facts=facts)


def _endless(text: str) -> bool:
    period = duration(text.rpartition("/")[2])
    return period is not None and not period.months and not period.microseconds


def _fires(text: str, kind: str) -> bool:
    """Whether the runtime can make a schedule of the literal, within a century."""
    if len(text) > 100:
        return False
    if kind == "duration" and text.startswith("-"):
        return False
    try:
        found = schedule(text, kind, now=_TRIAL, element="")
        return found.first.astimezone(UTC).year < _TRIAL.year + 100
    except (ExpressionFailed, OverflowError, ValueError):
        return False


def _loop(node: Node, loop: Loop, file: str) -> Iterator[Problem]:
    if loop.kind == "standard":
        if not loop.condition and not loop.maximum:
            yield finding("bpmn-loop-bound", file=file, element=node.id)
        if loop.condition:
            yield from feel(loop.condition, node.id, file, what="loopCondition")
        if loop.maximum and not re.fullmatch(r"\d{1,6}", loop.maximum):
            facts = {"what": f"loopMaximum={loop.maximum}"}
            yield finding("bpmn-loop-unsupported", file=file, element=node.id, facts=facts)
        return
    if not loop.cardinality and not loop.collection:
        yield finding("bpmn-loop-bound", file=file, element=node.id)
    if loop.cardinality and loop.collection:
        yield finding("bpmn-loop-ambiguous", file=file, element=node.id)
    for text, what in (
        (loop.cardinality, "loopCardinality"),
        (loop.collection, "collection"),
        (loop.completion, "completionCondition"),
        (loop.output_element, "outputElement"),
    ):
        if text:
            yield from feel(text, node.id, file, what=what)
    for name in (loop.element, loop.output_collection):
        if name:
            yield from _variable(name, node, file)


def _variable(name: str, node: Node, file: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield finding("bpmn-variable-name", file=file, element=node.id, facts={"name": name})
