"""One run of a decision: what is shared by everything that is evaluated for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.decisions.reasons import DecisionReason, FiredRule
from engine.errors import Text
from engine.feel import Budget, Expression, FeelBudgetExceeded, FunctionRegistry, Reason, UnaryTests, Value
from engine.feel.budget import Meter
from engine.feel.calling import CURRENT
from engine.feel.run import Run as FeelRun

#: Most reasons kept of one run; a loop over a thousand bad rows tells nothing more.
MAX_REASONS = 200
#: Most fired rows kept of one run.
MAX_FIRED = 10_000
#: Deepest nesting of knowledge models and services that call one another.
MAX_DEPTH = 24

_SENTENCES: dict[str, tuple[str, str]] = {
    "dmn-no-rule": (
        "Không dòng nào của bảng đúng với dữ liệu: {inputs}.",
        "No row of the table holds for the data: {inputs}.",
    ),
    "dmn-not-unique": (
        "Các dòng {rows} cùng đúng trong bảng chỉ cho phép một dòng.",
        "Rows {rows} hold together in a table that allows one.",
    ),
    "dmn-not-same": (
        "Các dòng {rows} cùng đúng nhưng cho kết quả khác nhau.",
        "Rows {rows} hold together but give different results.",
    ),
    "dmn-input-value": (
        "Giá trị {value} của “{name}” không nằm trong các giá trị cho phép.",
        'The value {value} of "{name}" is not among the allowed values.',
    ),
    "dmn-output-value": (
        "Kết quả {value} của “{name}” không nằm trong các giá trị cho phép.",
        'The result {value} of "{name}" is not among the allowed values.',
    ),
    "dmn-type-mismatch": (
        "Giá trị {value} của “{name}” không thuộc kiểu {type}.",
        'The value {value} of "{name}" is not of type {type}.',
    ),
    "dmn-input-type": (
        "Dữ liệu vào “{name}” là {value}, không thuộc kiểu {type}.",
        'The input "{name}" is {value}, which is not of type {type}.',
    ),
    "dmn-aggregation": (
        "Không gộp được các kết quả {value} bằng {aggregation}.",
        "The results {value} cannot be aggregated by {aggregation}.",
    ),
    "dmn-no-logic": (
        "“{name}” không có biểu thức.",
        '"{name}" has no expression.',
    ),
    "dmn-external-function": (
        "Hàm ngoài loại {kind} không được phép chạy.",
        "External functions of kind {kind} are not run.",
    ),
    "dmn-not-compiled": (
        "Biểu thức sai cú pháp: {why}",
        "The expression cannot be read: {why_en}",
    ),
    "dmn-not-boolean": (
        "Điều kiện cho {value}, không phải đúng hoặc sai.",
        "The condition gave {value}, not true or false.",
    ),
    "dmn-not-list": (
        "Cần một danh sách nhưng gặp {value}.",
        "A list is needed, but the value is {value}.",
    ),
    "dmn-too-deep": (
        "Các mô hình tri thức gọi nhau quá {limit} tầng.",
        "Knowledge models call one another more than {limit} levels deep.",
    ),
    "dmn-broken": (
        "Phần này của mô hình có lỗi nên không chạy được.",
        "This part of the model has an error and cannot run.",
    ),
}
_LEVELS = Text(vi="tầng mô hình tri thức", en="levels of knowledge models")


class Node(Protocol):
    """A compiled boxed expression."""

    def evaluate(self, scope: Mapping[str, Value], run: Run) -> Value:
        """The value in ``scope``; nulls leave their reasons in ``run``."""


@dataclass(slots=True)
class Run:
    """State of one run. ``owner`` is the name of the decision or knowledge model now at work."""

    functions: FunctionRegistry | None
    now: datetime | None
    meter: Meter
    types: Mapping[str, Any] = field(default_factory=dict)
    reasons: list[DecisionReason] = field(default_factory=list)
    fired: list[FiredRule] = field(default_factory=list)
    functions_made: dict[Any, Any] = field(default_factory=dict)  #: function values of this run by key
    owner: str = ""
    depth: int = 0

    def note(self, code: str, *, element: str = "", **facts: object) -> None:
        """Record why a value became null."""
        vi, en = _SENTENCES[code]
        shown = {key: shown_value(value) for key, value in facts.items()}
        self._keep(
            DecisionReason(
                code=code,
                message=Text(vi=vi.format_map(shown), en=en.format_map(shown)),
                decision=self.owner,
                element=element,
            )
        )

    def feel(self, expression: Expression, scope: Mapping[str, Value], element: str) -> Value:
        """The value of a FEEL expression; its reasons are kept with ``element``."""
        outcome = expression.evaluate(scope, functions=self.functions, now=self.now, types=self.types)
        if outcome.reasons:
            self.keep(outcome.reasons, element)
        return outcome.value

    def test(self, tests: UnaryTests, value: Value, scope: Mapping[str, Value], *, keep: str | None = None) -> bool:
        """Whether ``value`` passes; the reasons of a null are kept only for the element ``keep``."""
        outcome = tests.evaluate(value, scope, functions=self.functions, now=self.now, types=self.types)
        if keep is not None and outcome.value is None:
            self.keep(outcome.reasons, keep)
        return outcome.value is True

    def keep(self, reasons: tuple[Reason, ...], element: str) -> None:
        """Take over reasons of FEEL."""
        for reason in reasons:
            self._keep(
                DecisionReason(
                    code=reason.code,
                    message=reason.message,
                    decision=self.owner,
                    element=element,
                    place=f"{reason.line}:{reason.column}",
                )
            )

    @contextmanager
    def inside(self, owner: str, types: Mapping[str, Any]) -> Iterator[None]:
        """Work for ``owner``, one level deeper; too many levels end the run as an exceeded budget."""
        before, self.owner = self.owner, owner
        types_before, self.types = self.types, types
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                raise FeelBudgetExceeded(limit=MAX_DEPTH, what=_LEVELS)
            yield
        finally:
            self.depth -= 1
            self.owner, self.types = before, types_before

    def _keep(self, reason: DecisionReason) -> None:
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(reason)


def shown_value(value: object) -> str:
    """``value`` as an analyst reads it, cut to a bearable length."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _cut("{" + ", ".join(f"{key}: {shown_value(inner)}" for key, inner in list(value.items())[:12]) + "}")
    if isinstance(value, list):
        return _cut("[" + ", ".join(shown_value(inner) for inner in value[:12]) + "]")
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "…"


@contextmanager
def started(*, functions: FunctionRegistry | None, now: datetime | None, budget: Budget | None) -> Iterator[Run]:
    """A run whose FEEL evaluations share one budget: a new one, or that of the FEEL function it runs in."""
    outer = CURRENT.get()
    shared = FeelRun(budget, functions, now)
    if outer is not None:
        shared.meter = outer.meter
    token = CURRENT.set(shared)
    try:
        yield Run(functions=functions, now=now, meter=shared.meter)
    finally:
        CURRENT.reset(token)
