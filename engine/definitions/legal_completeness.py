"""Does a procedure do what its manifest promises: papers, fees, results, a refusal with its reason, the time it takes?

Everything here is read off the drawing and the forms; that each path really ends with a result is shown by scenarios.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from engine.definitions.manifest import FILE, Manifest
from engine.errors import Problem, Text
from engine.model.duration import Duration, Limit, LimitInvalid

#: Operations after which a dossier may end, and those among them that end it without a result.
_ISSUE: Final = "result.issue"
_STOPS: Final = frozenset({"dossier.decline", "dossier.stop"})
_LITERAL: Final = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
#: How many working hours a quantity is worth where terms are added up.
_HOURS: Final = {
    "HOUR": Decimal(1),
    "WORKING_DAY": Decimal(8),
    "SAME_DAY": Decimal(8),
    "DAY": Decimal(8) * 5 / 7,
    "MONTH": Decimal(8) * 21,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node as drawn."""

    id: str
    name: str
    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)  #: FEEL by name
    called: str = ""
    follows: tuple[str, ...] = ()  #: nodes reached next, boundary events included


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The processes of a package by id; ``main`` is the one that a dossier starts."""

    main: str
    processes: Mapping[str, Mapping[str, Step]]


def completeness(manifest: Manifest, drawing: Drawing, papers: frozenset[str]) -> Iterator[Problem]:
    """What the manifest promises and the drawing or the forms (with the ``papers`` they ask for) do not keep."""
    reached = _reached(drawing)
    steps = [step for process in sorted(reached) for step in drawing.processes[process].values()]
    yield from _papers(manifest, papers)
    yield from _fees(manifest, steps)
    yield from _results(manifest, drawing, steps)
    yield from _refusal(steps)
    yield from _time(manifest, drawing)
    yield from _english(manifest)


def _reached(drawing: Drawing) -> set[str]:
    found: set[str] = set()
    waiting = [drawing.main]
    while waiting:
        process = waiting.pop()
        if process in found or process not in drawing.processes:
            continue
        found.add(process)
        waiting += [step.called for step in drawing.processes[process].values() if step.called]
    return found


def _papers(manifest: Manifest, papers: frozenset[str]) -> Iterator[Problem]:
    for paper in manifest.papers:
        if paper.code not in papers:
            yield _problem(
                "legal-paper-unused",
                f"papers.{paper.code}",
                (f"Không biểu mẫu nào nhận giấy tờ “{paper.name.vi}”.", f"No form takes the paper “{paper.name.en}”."),
                ("Thêm trường tệp có x-paper là mã giấy tờ này.", "Add a file field whose x-paper is this code."),
                severity="error" if paper.required else "warning",
            )
    for code in sorted(papers - {paper.code for paper in manifest.papers}):
        yield _problem(
            "legal-paper-unlisted",
            f"papers.{code}",
            (
                f"Biểu mẫu đòi giấy tờ {code} mà thủ tục không quy định.",
                f"A form asks for {code}, which is not listed.",
            ),
            ("Khai giấy tờ này trong thông tin thủ tục.", "List this paper in the manifest."),
            severity="warning",
        )


def _fees(manifest: Manifest, steps: list[Step]) -> Iterator[Problem]:
    charging = any(step.attributes.get("operation") == "fee.charge" for step in steps)
    asked = {
        value
        for step in steps
        if step.attributes.get("operation") == "fee.charge" or step.called
        for value in _literals(step)
    }
    for fee in manifest.fees:
        if not charging or fee.code not in asked:
            yield _problem(
                "legal-fee-unused",
                f"fees.{fee.code}",
                (f"Không bước nào thu khoản “{fee.name.vi}”.", f"No step demands “{fee.name.en}”."),
                (f'Gọi tiếp nhận với fee_item = "{fee.code}".', f'Call the intake with fee_item = "{fee.code}".'),
            )


def _literals(step: Step) -> Iterator[str]:
    for expression in step.inputs.values():
        match = _LITERAL.fullmatch(expression)
        if match:
            yield match[1]


def _results(manifest: Manifest, drawing: Drawing, steps: list[Step]) -> Iterator[Problem]:
    if not any(step.attributes.get("operation") == _ISSUE for step in steps):
        yield _problem(
            "legal-no-result",
            drawing.main,
            ("Không đường nào ban hành kết quả.", "No path issues a result."),
            (
                "Gọi quy trình dùng chung “settle” trước khi kết thúc.",
                "Call the shared process “settle” before the end.",
            ),
        )
    settling = _settling(drawing)
    main = drawing.processes.get(drawing.main, {})
    for step in _unsettled_ends(main, settling):
        yield _problem(
            "legal-end-unsettled",
            step.id,
            (
                f"Có đường tới “{step.name or step.id}” mà không ban hành kết quả, từ chối hay dừng hồ sơ.",
                f"A path leads to “{step.name or step.id}” without a result, a refusal or a stop.",
            ),
            ("Cho đường này qua bước ký và trả kết quả.", "Lead this path through signing and issuing."),
        )
    known = {result.code for result in manifest.results}
    used = {kind for step in steps for kind in [_kind(step)] if kind}
    for code in sorted(used - known):
        yield _problem(
            "legal-result-unlisted",
            next(step.id for step in steps if _kind(step) == code),
            (f"Loại kết quả {code} không có trong thông tin thủ tục.", f"Result type {code} is not in the manifest."),
            ("Khai loại kết quả này hoặc sửa mã.", "List this type or correct the code."),
        )
    for code in sorted(known - used):
        yield _problem(
            "legal-result-unused",
            f"results.{code}",
            (f"Không đường nào trả kết quả {code}.", f"No path gives the result {code}."),
            ("Thêm đường trả kết quả này hoặc bỏ khỏi thông tin.", "Add such a path or remove the type."),
            severity="warning",
        )


def _kind(step: Step) -> str:
    signs = step.attributes.get("operation") == "result.sign" or step.called
    match = _LITERAL.fullmatch(step.inputs.get("kind", "")) if signs else None
    return match[1] if match else ""


def _settling(drawing: Drawing) -> frozenset[str]:
    """The processes in which a dossier can be settled, directly or in what they call."""
    found: set[str] = set()
    while True:
        more = {
            process
            for process, steps in drawing.processes.items()
            if process not in found and any(_ends(step) or step.called in found for step in steps.values())
        }
        if not more:
            return frozenset(found)
        found |= more


def _ends(step: Step) -> bool:
    operation = step.attributes.get("operation", "")
    return operation == _ISSUE or operation in _STOPS


def _unsettled_ends(steps: Mapping[str, Step], settling: frozenset[str]) -> Iterator[Step]:
    """The end events that can be reached without passing anything that settles."""
    targets = {target for step in steps.values() for target in step.follows}
    waiting = [step.id for step in steps.values() if step.id not in targets and step.kind != "boundaryEvent"]
    seen: set[str] = set()
    while waiting:
        step = steps.get(waiting.pop())
        if step is None or step.id in seen or _ends(step) or step.called in settling:
            continue
        seen.add(step.id)
        if step.kind == "endEvent":
            yield step
        waiting += step.follows


def _refusal(steps: list[Step]) -> Iterator[Problem]:
    refusing = [step for step in steps if step.attributes.get("operation") in _STOPS]
    if not refusing:
        yield _problem(
            "legal-no-refusal",
            "",
            ("Không có đường từ chối hay dừng hồ sơ.", "There is no path that declines or stops."),
            (
                "Gọi quy trình dùng chung “intake”, có nhánh từ chối.",
                "Call the shared process “intake”, which can decline.",
            ),
        )
    for step in refusing:
        reason = step.inputs.get("reason", "")
        if not reason.strip() or reason.strip() == '""':
            yield _problem(
                "legal-refusal-reason",
                step.id,
                (
                    f"Bước “{step.name or step.id}” từ chối mà không nêu lý do.",
                    f"“{step.name or step.id}” gives no reason.",
                ),
                ("Lấy lý do từ biểu mẫu của cán bộ.", "Take the reason from the officer's form."),
            )


def _time(manifest: Manifest, drawing: Drawing) -> Iterator[Problem]:
    main = drawing.processes.get(drawing.main, {})
    spent: dict[str, Decimal] = {}
    for step in main.values():
        text = step.attributes.get("timeLimit", "")
        if not text:
            continue
        try:
            spent[step.id] = step_hours(text)
        except LimitInvalid as error:
            yield _problem(
                "legal-step-limit",
                step.id,
                (
                    f"Thời hạn bước {text!r} không đúng: {error.facts['why_vi']}.",
                    f"Step limit {text!r}: {error.facts['why']}.",
                ),
                ("Viết như “4 HOUR” hoặc “1 WORKING_DAY”.", "Write it like “4 HOUR” or “1 WORKING_DAY”."),
            )
    allowed = _allowed(manifest)
    longest = _longest(main, spent)
    if allowed is not None and longest > allowed:
        yield _problem(
            "legal-steps-too-long",
            drawing.main,
            (
                f"Các bước cộng lại {longest:.2f} giờ làm việc, quá thời hạn của thủ tục ({allowed:.2f} giờ).",
                f"The steps add up to {longest:.2f} working hours; the procedure has {allowed:.2f}.",
            ),
            ("Rút ngắn thời hạn từng bước.", "Shorten the steps' limits."),
        )


def step_hours(text: str) -> Decimal:
    """Working hours of a step's limit such as ``4 HOUR`` or ``1.5 WORKING_DAY``; ``LimitInvalid`` otherwise."""
    quantity, _, unit = text.strip().partition(" ")
    duration = Duration.from_json({"qty": quantity, "unit": unit.strip()})
    return duration.qty * _HOURS[duration.unit.value]


def _allowed(manifest: Manifest) -> Decimal | None:
    """The shortest term of the manifest in working hours; None where it states none that can be read."""
    terms = []
    for data in manifest.limits:
        try:
            limit = Limit.from_json(data)
        except LimitInvalid:
            continue
        terms.append(sum((part.qty * _HOURS[part.unit.value] for part in limit.parts), Decimal(0)))
    return min(terms, default=None)


def _longest(steps: Mapping[str, Step], spent: Mapping[str, Decimal]) -> Decimal:
    """The most that any path without going back spends."""
    best: dict[str, Decimal] = {}
    for start in steps:
        stack: list[tuple[str, bool]] = [(start, False)]
        open_now: set[str] = set()
        while stack:
            node, leaving = stack.pop()
            if leaving:
                after = [best.get(target, Decimal(0)) for target in steps[node].follows if target not in open_now]
                best[node] = spent.get(node, Decimal(0)) + max(after, default=Decimal(0))
                open_now.discard(node)
            elif node in steps and node not in best and node not in open_now:
                open_now.add(node)
                stack.append((node, True))
                stack += [(target, False) for target in steps[node].follows]
    return max(best.values(), default=Decimal(0))


def _english(manifest: Manifest) -> Iterator[Problem]:
    same = [
        name
        for name, text in (("name", manifest.name), ("short_name", manifest.short_name), ("field", manifest.field.name))
        if text.vi == text.en
    ]
    if same:
        yield _problem(
            "manifest-english",
            same[0],
            (f"Chưa có tên tiếng Anh ({', '.join(same)}).", f"English names are missing ({', '.join(same)})."),
            ("Dịch các tên này trong thông tin thủ tục.", "Translate these in the manifest."),
            severity="warning",
        )


def _problem(
    code: str, element: str, message: tuple[str, str], remedy: tuple[str, str], *, severity: str = "error"
) -> Problem:
    return Problem(
        code=code,
        file=FILE if "." in element or element in {"name", "short_name", "field"} else "process.bpmn",
        element=element,
        message=Text(vi=message[0], en=message[1]),
        remedy=Text(vi=remedy[0], en=remedy[1]),
        severity=severity,
    )
