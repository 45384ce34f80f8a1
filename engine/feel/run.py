"""One evaluation: what it has used, what it met, and what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from engine.feel.budget import Budget, Meter
from engine.feel.errors import Reason, Undefined
from engine.feel.nodes import Place
from engine.feel.reasons import sentence
from engine.feel.values import Function, Value

#: More reasons than these tell nobody more.
MAX_REASONS = 50

DEFAULT_BUDGET = Budget()


class Finder(Protocol):
    """Finds product functions by name."""

    def find(self, name: str) -> Function | None:
        """The function, if there is one."""
        ...


#: Named types of the caller (item definitions): whether a value is an instance.
Types = Mapping[str, Callable[[Value], bool]]


class Run:
    """The state shared by everything in one evaluation; not shared between threads."""

    __slots__ = ("functions", "meter", "now", "reasons", "seen", "types")

    def __init__(
        self,
        budget: Budget | None = None,
        functions: Finder | None = None,
        now: datetime | None = None,
        types: Types | None = None,
    ) -> None:
        self.meter = Meter(budget or DEFAULT_BUDGET)
        self.functions, self.now, self.types = functions, now, types
        self.reasons: list[Reason] = []
        self.seen: set[tuple[str, Place]] | None = None

    def note(self, undefined: Undefined, at: Place) -> None:
        """Record once, for this place, why something became null; returns that null."""
        key = (undefined.code, at)
        if self.seen is None:
            self.seen = set()
        if key in self.seen or len(self.reasons) >= MAX_REASONS:
            return
        self.seen.add(key)
        message = sentence(undefined.code, undefined.facts)
        self.reasons.append(Reason(code=undefined.code, message=message, line=at[0], column=at[1]))


class Env:
    """The names an expression sees: ``globals`` of the caller, ``locals`` of the expression."""

    __slots__ = ("globals", "locals", "run")

    def __init__(self, variables: Mapping[str, Value], inner: Mapping[str, Value], run: Run) -> None:
        self.globals, self.locals, self.run = variables, inner, run

    def with_locals(self, more: Mapping[str, Value]) -> Env:
        """The same with ``more`` names in front."""
        return Env(self.globals, {**self.locals, **more}, self.run)


#: A compiled node.
Code = Callable[[Env], Value]
