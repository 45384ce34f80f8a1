"""Types of a model at run time: who conforms, and the conversions that DMN 1.5 §10.3.2.9.4 makes by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from engine.decisions import syntax
from engine.decisions.problems import problem
from engine.errors import Problem
from engine.feel import (
    DayTimeDuration,
    FarDate,
    FarDateTime,
    FeelBudgetExceeded,
    FeelSyntaxError,
    Function,
    Range,
    UnaryTests,
    Value,
    YearMonthDuration,
    ZonedTime,
    compile_expression,
    compile_unary_tests,
)


class Mismatch:
    """The mark of a value that does not conform, told apart from null."""


MISMATCH: Final = Mismatch()


class Type:
    """A type; ``name`` is what its author calls it."""

    __slots__ = ()
    name: str

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        """Whether ``value`` conforms; null always does. ``loose`` leaves allowed values and constraints aside."""
        raise NotImplementedError

    def convert(self, value: Value) -> Value | Mismatch:
        """``value`` itself, its implicit conversion, or ``MISMATCH``."""
        if value is None or self.accepts(value):
            return value
        if isinstance(value, list) and len(value) == 1 and value[0] is not None and self.accepts(value[0]):
            return value[0]
        return MISMATCH

    def element(self) -> Type:
        """The type of one element: of a list type its element type, else itself."""
        return self


class _Any(Type):
    __slots__ = ()
    name = "Any"

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        return True


ANY: Final[Type] = _Any()


@dataclass(frozen=True, slots=True, eq=False)
class Basic(Type):
    """A built-in type, told by the Python classes of its values."""

    name: str
    classes: tuple[type, ...]
    but_not: tuple[type, ...] = ()

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        if value is None:
            return True
        return isinstance(value, self.classes) and not (self.but_not and isinstance(value, self.but_not))

    def convert(self, value: Value) -> Value | Mismatch:
        converted = Type.convert(self, value)
        if converted is MISMATCH and self.name == "date and time":
            return _midnight(value)
        return converted


def _midnight(value: Value) -> Value | Mismatch:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if isinstance(value, FarDate):
        return FarDateTime(value.year, value.month, value.day, 0, 0, 0, 0, dt.UTC)
    return MISMATCH


NUMBER: Final = Basic("number", (Decimal,))
STRING: Final = Basic("string", (str,))
BOOLEAN: Final = Basic("boolean", (bool,))
DATE: Final = Basic("date", (dt.date, FarDate), (dt.datetime,))
TIME: Final = Basic("time", (dt.time, ZonedTime))
DATE_TIME: Final = Basic("date and time", (dt.datetime, FarDateTime))
DAYS_TIME: Final = Basic("days and time duration", (DayTimeDuration,))
YEARS_MONTHS: Final = Basic("years and months duration", (YearMonthDuration,))

#: Built-in types by every spelling that DMN files use.
BUILT_IN: Final[Mapping[str, Type]] = {
    "Any": ANY,
    "any": ANY,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS_TIME,
    "dayTimeDuration": DAYS_TIME,
    "years and months duration": YEARS_MONTHS,
    "yearMonthDuration": YEARS_MONTHS,
    "duration": Basic("duration", (DayTimeDuration, YearMonthDuration)),
    "context": Basic("context", (dict,)),
    "function": Basic("function", (Function,)),
    "list": Basic("list", (list,)),
    "range": Basic("range", (Range,)),
    # spellings of other vendors and of DMN 1.1, kept because their files carry them
    "integer": NUMBER,
    "long": NUMBER,
    "double": NUMBER,
}


@dataclass(slots=True, eq=False)
class ListOf(Type):
    """A list of one type; ``constraint`` is about the list as a whole."""

    name: str
    inner: Type
    constraint: UnaryTests | None = None

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        if value is None:
            return True
        if not isinstance(value, list):
            return False
        if not all(self.inner.accepts(item, loose=loose) for item in value):
            return False
        return loose or _passes(self.constraint, value)

    def convert(self, value: Value) -> Value | Mismatch:
        if value is None or self.accepts(value):
            return value
        if not isinstance(value, list) and self.accepts([value]):
            return [value]
        return MISMATCH

    def element(self) -> Type:
        return self.inner


@dataclass(slots=True, eq=False)
class Named(Type):
    """An item definition: its base, and what its author allows."""

    name: str
    base: Type = ANY
    allowed: UnaryTests | None = None
    constraint: UnaryTests | None = None
    allowed_cell: syntax.Cell | None = None

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        if value is None:
            return True
        if not self.base.accepts(value, loose=loose):
            return False
        return loose or (_passes(self.allowed, value) and _passes(self.constraint, value))

    def convert(self, value: Value) -> Value | Mismatch:
        if value is None:
            return None
        converted = self.base.convert(value)
        if converted is MISMATCH or not self.accepts(converted):
            return MISMATCH
        return converted

    def element(self) -> Type:
        inner = self.base.element()
        return self if inner is self.base else inner


@dataclass(slots=True, eq=False)
class Structure(Type):
    """A context with declared components; all of them must be there, more may be."""

    name: str
    components: dict[str, Type] = field(default_factory=dict)

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        if value is None:
            return True
        if not isinstance(value, dict):
            return False
        return all(key in value and kind.accepts(value[key], loose=loose) for key, kind in self.components.items())


@dataclass(slots=True, eq=False)
class FunctionType(Type):
    """A function with declared parameters and result."""

    name: str
    parameters: tuple[Type, ...] = ()
    result: Type = ANY

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        if value is None:
            return True
        return isinstance(value, Function) and len(value.parameters) == len(self.parameters)


@dataclass(slots=True, eq=False)
class Written(Type):
    """A FEEL type expression such as ``range<number>``, asked of FEEL itself."""

    name: str
    test: Callable[[Value], bool]

    def accepts(self, value: Value, *, loose: bool = False) -> bool:
        return value is None or self.test(value)


def _passes(tests: UnaryTests | None, value: Value) -> bool:
    if tests is None:
        return True
    try:
        return tests.evaluate(value, {}).value is True
    except FeelBudgetExceeded:  # a constraint that cannot be decided is not met
        return False


class TypeTable:
    """The types of one model and, under their import names, of the models it imports."""

    def __init__(self, definitions: syntax.Definitions, imported: Mapping[str, TypeTable]) -> None:
        self._file = definitions.file
        self._items = {item.name: item for item in definitions.items}
        self._built: dict[str, Named] = {}
        self._imported = imported
        self.problems: list[Problem] = []
        for item in definitions.items:
            self._check_bases(item)
        for item in definitions.items:
            self._named(item.name)

    def find(self, written: str, *, element: str = "") -> Type:
        """The type ``written`` in the model; an unknown one is a finding and becomes ``Any``."""
        if not written:
            return ANY
        if written in self._items:
            return self._named(written)
        found = self._foreign(written) or BUILT_IN.get(written)
        if found is not None:
            return found
        if "<" in written:
            return self._written(written, element)
        self.problems.append(problem("dmn-type-unknown", file=self._file, element=element, type=written))
        return ANY

    def instances(self) -> dict[str, Callable[[Value], bool]]:
        """For ``instance of``: each type name to the test of a value."""
        tests = self._own_instances()
        for alias, table in self._imported.items():
            for name, test in table._own_instances().items():
                tests.setdefault(f"{alias}.{name}" if alias else name, test)
        return tests

    def _own_instances(self) -> dict[str, Callable[[Value], bool]]:
        return {name: _instance_test(self._named(name)) for name in self._items}

    def member_names(self) -> set[str]:
        """Every component name: names that may follow a dot."""
        names: set[str] = set()
        for item in self._items.values():
            _collect(item, names)
        return names

    def _foreign(self, written: str) -> Type | None:
        for alias, table in self._imported.items():
            prefix = f"{alias}." if alias else ""
            local = written[len(prefix) :]
            if written.startswith(prefix) and table.has(local):
                return table.find(local)
        return None

    def has(self, name: str) -> bool:
        """Whether this model, or one it imports, declares ``name``."""
        return name in self._items or self._foreign(name) is not None

    def _written(self, written: str, element: str) -> Type:
        try:
            expression = compile_expression(f"value instance of {written}", names=("value",))
        except FeelSyntaxError:
            self.problems.append(problem("dmn-type-unknown", file=self._file, element=element, type=written))
            return ANY
        return Written(written, lambda value: expression.evaluate({"value": value}).value is True)

    def _check_bases(self, item: syntax.ItemDefinition) -> None:
        seen = [item.name]
        current = item
        while not current.components and current.function is None and current.type_ref in self._items:
            if current.type_ref in seen:
                self.problems.append(problem("dmn-type-cycle", file=self._file, element=item.id, type=item.name))
                self._items[item.name] = syntax.ItemDefinition(id=item.id, name=item.name)
                return
            seen.append(current.type_ref)
            current = self._items[current.type_ref]

    def _named(self, name: str) -> Named:
        if name not in self._built:
            self._built[name] = Named(name)  # first, so that a type may hold itself in a component
            self._fill(self._built[name], self._items[name])
        return self._built[name]

    def _fill(self, named: Named, item: syntax.ItemDefinition) -> None:
        base = self._base(item)
        allowed = self._tests(item.allowed)
        if item.is_collection:
            inner = Named(f"{item.name} element", base, allowed, allowed_cell=item.allowed) if allowed else base
            named.base = ListOf(item.name, inner, self._tests(item.constraint))
        else:
            named.base, named.allowed, named.constraint = base, allowed, self._tests(item.constraint)
        named.allowed_cell = item.allowed or (None if item.is_collection else item.constraint)

    def _base(self, item: syntax.ItemDefinition) -> Type:
        if item.components:
            structure = Structure(item.name)
            for component in item.components:
                inner = Named(component.name)
                self._fill(inner, component)
                structure.components[component.name] = inner
            return structure
        if item.function is not None:
            parameters = tuple(self.find(parameter.type_ref, element=item.id) for parameter in item.function.parameters)
            return FunctionType(item.name, parameters, self.find(item.function.result, element=item.id))
        return self.find(item.type_ref, element=item.id)

    def _tests(self, cell: syntax.Cell | None) -> UnaryTests | None:
        if cell is None:
            return None
        try:
            return compile_unary_tests(cell.text)
        except FeelSyntaxError as error:
            self.problems.append(
                problem(
                    "dmn-feel-syntax",
                    file=self._file,
                    element=cell.id,
                    source=cell.text,
                    why=error.message("vi"),
                    why_en=error.message("en"),
                )
            )
            return None


def _instance_test(kind: Type) -> Callable[[Value], bool]:
    """The type alone counts for ``instance of``, as the conformance kit has it; allowed values do not."""
    return lambda value: value is not None and kind.accepts(value, loose=True)


def _collect(item: syntax.ItemDefinition, names: set[str]) -> None:
    for component in item.components:
        names.add(component.name)
        _collect(component, names)
