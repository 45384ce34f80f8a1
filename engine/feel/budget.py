"""How much one evaluation may use. Every count is deterministic but the time of one regular expression."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text
from engine.feel.errors import FeelBudgetExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of one ``evaluate``; passing one raises ``FeelBudgetExceeded``."""

    steps: int = 400_000  #: nodes visited inside iterations and calls, elements touched by built-ins
    list_length: int = 100_000  #: elements of one list made by the expression
    string_length: int = 200_000  #: characters of one string made by the expression
    depth: int = 700  #: nested nodes over all active function calls
    regex_seconds: float = 0.25  #: time of all regular expressions together


_STEPS = Text(vi="bước tính", en="steps")
_ITEMS = Text(vi="phần tử trong một danh sách", en="elements in one list")
_CHARACTERS = Text(vi="ký tự trong một chuỗi", en="characters in one string")
_DEPTH = Text(vi="tầng gọi lồng nhau", en="nested levels of calls")
_REGEX = Text(vi="giây cho biểu thức chính quy", en="seconds of regular expressions")


class Meter:
    """Counts what one evaluation has used."""

    __slots__ = ("budget", "depth", "regex_left", "steps_left")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps_left = budget.steps
        self.regex_left = budget.regex_seconds
        self.depth = 0

    def charge(self, steps: int) -> None:
        """Use up ``steps``."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise FeelBudgetExceeded(limit=self.budget.steps, what=_STEPS)

    def list_of(self, length: int) -> None:
        """A list of ``length`` elements is made; also charges a step for each."""
        if length > self.budget.list_length:
            raise FeelBudgetExceeded(limit=self.budget.list_length, what=_ITEMS)
        self.charge(length)

    def string_of(self, length: int) -> None:
        """A string of ``length`` characters is made; charges a step per 64 characters."""
        if length > self.budget.string_length:
            raise FeelBudgetExceeded(limit=self.budget.string_length, what=_CHARACTERS)
        self.charge(length >> 6)

    def enter(self, levels: int) -> None:
        """A function whose body is ``levels`` deep is entered; pair with ``leave``."""
        self.depth += levels
        if self.depth > self.budget.depth:
            raise self.too_deep()

    def leave(self, levels: int) -> None:
        """The function is left."""
        self.depth -= levels

    def too_deep(self) -> FeelBudgetExceeded:
        """The error for calls that nest too deeply."""
        return FeelBudgetExceeded(limit=self.budget.depth, what=_DEPTH)

    def regex_used(self, seconds: float) -> None:
        """A regular expression took ``seconds``."""
        self.regex_left -= seconds
        if self.regex_left <= 0:
            raise FeelBudgetExceeded(limit=self.budget.regex_seconds, what=_REGEX)
