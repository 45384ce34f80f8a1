"""What can go wrong with FEEL as a whole; what goes wrong inside an evaluation is a null with a ``Reason``."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import MotcuaError, Text


class FeelSyntaxError(MotcuaError):
    """The expression cannot be read at line {line}, column {column}: {why_en}"""

    code = "feel-syntax"
    vi = "Không đọc được biểu thức ở dòng {line}, cột {column}: {why}"

    def __init__(self, *, line: int, column: int, why: Text) -> None:
        self.line, self.column = line, column
        super().__init__(line=line, column=column, why=why.vi, why_en=why.en)


class FeelBudgetExceeded(MotcuaError):
    """The expression was stopped: it needs more than {limit} {what_en}."""

    code = "feel-budget"
    vi = "Biểu thức bị dừng: cần hơn {limit} {what}."

    def __init__(self, *, limit: float, what: Text) -> None:
        super().__init__(limit=limit, what=what.vi, what_en=what.en)


class FeelValueError(MotcuaError):
    """A value cannot pass between FEEL and JSON: {why_en}"""

    code = "feel-value"
    vi = "Giá trị không chuyển được giữa FEEL và JSON: {why}"

    def __init__(self, *, why: Text) -> None:
        super().__init__(why=why.vi, why_en=why.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why (part of) an evaluation became null, and where: ``line`` and ``column`` count from 1."""

    code: str
    message: Text
    line: int
    column: int


class Undefined(Exception):
    """Raised by a function whose result is undefined; the evaluator turns it into null and a ``Reason``."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)
