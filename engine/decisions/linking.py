"""From read definitions to linked units: imports, references, order, types, compiled logic."""

from __future__ import annotations

import contextlib
import graphlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.decisions import expressions as nodes
from engine.decisions import syntax
from engine.decisions.compiler import Compiler, member_names, result_of
from engine.decisions.problems import finding, problem
from engine.decisions.reader import read
from engine.decisions.running import Node
from engine.decisions.types import TypeTable
from engine.decisions.units import (
    Callee,
    DecisionUnit,
    Input,
    Key,
    KnowledgeUnit,
    Path,
    ServiceUnit,
    Unit,
    evaluation_order,
    set_inputs,
)
from engine.decisions.xml import VERSIONS
from engine.errors import DefinitionRefused, MotcuaError, Problem
from engine.feel import FunctionRegistry

#: Gives the bytes of an imported model by its namespace or location.
Imports = Callable[[str], bytes] | Mapping[str, bytes] | None


@dataclass(slots=True, kw_only=True)
class Linked:
    """One model with everything it refers to resolved."""

    definitions: syntax.Definitions
    types: TypeTable
    imports: dict[str, Linked]
    units: dict[str, Unit] = field(default_factory=dict)  #: by id, or name where there is no id
    problems: list[Problem] = field(default_factory=list)
    tables: list[tuple[str, syntax.Table, Node]] = field(default_factory=list)

    def members(self) -> Iterator[str]:
        """Names that may follow a dot anywhere in this model."""
        waiting, seen = [self], set()
        while waiting:
            linked = waiting.pop()
            if id(linked) not in seen:
                seen.add(id(linked))
                yield from linked.types.member_names()
                yield from member_names(linked.definitions)
                waiting.extend(linked.imports.values())


class Linker:
    """Links a model and, once each, the models it imports."""

    def __init__(self, imports: Imports, functions: FunctionRegistry | None) -> None:
        self._imports, self._functions = imports, functions
        self._done: dict[str, Linked] = {}
        self._under_way: list[str] = []

    def link(self, source: bytes, *, file: str) -> Linked:
        """The linked model. Raises ``DefinitionRefused`` if it is no DMN at all."""
        definitions, problems = read(source, file=file)
        found = list(problems)
        self._under_way.append(definitions.namespace)
        imported = {}
        for wish in definitions.imports:
            linked = self._imported(wish, file, found)
            if linked is not None:
                imported[wish.name] = linked
        self._under_way.pop()
        types = TypeTable(definitions, {name: linked.types for name, linked in imported.items()})
        result = Linked(definitions=definitions, types=types, imports=imported, problems=found)
        _Wiring(result, self._functions).wire()
        found.extend(types.problems)
        self._done[definitions.namespace] = result
        return result

    def _imported(self, wish: syntax.Import, file: str, problems: list[Problem]) -> Linked | None:
        if wish.kind and wish.kind not in VERSIONS and wish.kind.rstrip("/") not in _ROOTS:
            problems.append(problem("dmn-import-kind", file=file, kind=wish.kind))
            return None
        if wish.namespace in self._under_way:
            path = " → ".join([*self._under_way, wish.namespace])
            problems.append(problem("dmn-import-cycle", file=file, path=path))
            return None
        if wish.namespace in self._done:
            return self._done[wish.namespace]
        source = self._bytes_of(wish)
        if source is None:
            facts = {"name": wish.name, "namespace": wish.namespace}
            problems.append(finding("dmn-import-missing", facts, file=file))
            return None
        try:
            linked = self.link(source, file=wish.location or wish.namespace)
        except DefinitionRefused as refused:
            problems.extend(refused.problems)
            return None
        problems.extend(found for found in linked.problems if found.severity == "error")
        return linked

    def _bytes_of(self, wish: syntax.Import) -> bytes | None:
        for key in (wish.namespace, wish.location, wish.name):
            if not key or self._imports is None:
                continue
            try:
                if isinstance(self._imports, Mapping):
                    return self._imports[key]
                return self._imports(key)
            except (LookupError, OSError, MotcuaError):  # try the next key; not found at all is a finding
                continue
        return None


#: Most cycles reported of one model.
_CYCLES_SHOWN = 20
_ROOTS = {namespace.rstrip("/") for namespace in VERSIONS}


class _Wiring:
    """Makes the units of one model and connects them."""

    def __init__(self, linked: Linked, functions: FunctionRegistry | None) -> None:
        self.linked = linked
        self.definitions = linked.definitions
        self.file = linked.definitions.file
        self.compiler = Compiler(
            file=self.file,
            types=linked.types,
            members=linked.members(),
            functions=functions,
            problems=linked.problems,
        )
        self.instances = linked.types.instances()

    def wire(self) -> None:
        """Create, connect, check and compile all units."""
        pairs = [(element, self._unit(element)) for element in self.definitions.elements]
        self._check_names()
        for element, unit in pairs:
            self._connect(element, unit)
        broken = self._cut_cycles(pairs)
        for element, unit in pairs:
            self._compile(element, unit, broken=unit.key in broken)
        set_inputs([unit for _, unit in pairs if isinstance(unit, DecisionUnit)])
        for _, unit in pairs:
            if isinstance(unit, ServiceUnit):
                unit.order = evaluation_order(unit.outputs, {given.key for given in unit.inputs})
        self.linked.tables = self.compiler.tables

    def _report(self, code: str, element: str, **facts: object) -> None:
        self.linked.problems.append(finding(code, facts, file=self.file, element=element))

    def _unit(self, element: syntax.Element) -> Unit:
        identifier = element.id or element.name
        if identifier in self.linked.units:  # reported elsewhere; the order needs a key for each unit
            identifier = f"{identifier}#{len(self.linked.units)}"
        key = (self.definitions.namespace, identifier)
        written = element.variable.type_ref
        kind = self.linked.types.find(written, element=element.variable.id or element.id)
        make = _UNITS[type(element)]
        unit = make(
            key=key,
            name=element.name,
            variable=element.variable.name or element.name,
            kind=kind,
            type_ref=written,
            types=self.instances,
        )
        self.linked.units.setdefault(key[1], unit)
        return unit

    def _check_names(self) -> None:
        seen: set[str] = set()
        for element in self.definitions.elements:
            if element.name and element.name in seen:
                self._report("dmn-name-duplicate", element.id, name=element.name)
            seen.add(element.name)

    # -- references -------------------------------------------------------------------------------------------

    def _find(self, href: str) -> tuple[Path, Unit] | None:
        """The unit behind ``href`` and the names it is reached by."""
        namespace, _, identifier = href.rpartition("#")
        if namespace in ("", self.definitions.namespace):
            unit = self.linked.units.get(identifier)
            return None if unit is None else ((unit.variable,), unit)
        for name, linked in self.linked.imports.items():
            if namespace in (linked.definitions.namespace, linked.definitions.file):
                unit = linked.units.get(identifier)
                if unit is not None:
                    return ((name, unit.variable) if name else (unit.variable,)), unit
        for name, linked in self.linked.imports.items():  # an element of a model that an import imports
            for inner_name, inner in linked.imports.items():
                if namespace == inner.definitions.namespace and identifier in inner.units:
                    unit = inner.units[identifier]
                    return tuple(part for part in (name, inner_name, unit.variable) if part), unit
        return None

    def _needed(self, element: syntax.Element, hrefs: tuple[str, ...]) -> Iterator[tuple[Path, Unit]]:
        for href in hrefs:
            found = self._find(href)
            if found is None:
                self._report("dmn-reference", element.id, name=element.name, href=href)
            else:
                yield found

    def _connect(self, element: syntax.Element, unit: Unit) -> None:
        match element, unit:
            case syntax.Decision(), DecisionUnit():
                unit.needs = tuple(self._values(element, element.needs))
                unit.knowledge = tuple(self._callees(element, element.knowledge))
            case syntax.Knowledge(), KnowledgeUnit():
                unit.knowledge = tuple(self._callees(element, element.knowledge))
            case syntax.Service(), ServiceUnit():
                outputs = [found for _, found in self._values(element, element.outputs)]
                unit.outputs = tuple(found for found in outputs if isinstance(found, DecisionUnit))
                hrefs = (*element.input_data, *element.input_decisions)
                unit.inputs = tuple(found for _, found in self._values(element, hrefs))
                if not unit.outputs:
                    self._report("dmn-no-logic", element.id, name=element.name)

    def _values(self, element: syntax.Element, hrefs: tuple[str, ...]) -> Iterator[tuple[Path, Input | DecisionUnit]]:
        for path, found in self._needed(element, hrefs):
            if isinstance(found, Input | DecisionUnit):
                yield path, found
            else:
                self._report("dmn-reference", element.id, name=element.name, href=found.name)

    def _callees(self, element: syntax.Element, hrefs: tuple[str, ...]) -> Iterator[tuple[Path, Callee]]:
        for path, found in self._needed(element, hrefs):
            if isinstance(found, KnowledgeUnit | ServiceUnit):
                yield path, found
            else:
                self._report("dmn-reference", element.id, name=element.name, href=found.name)

    # -- order ------------------------------------------------------------------------------------------------

    def _cut_cycles(self, pairs: list[tuple[syntax.Element, Unit]]) -> set[Key]:
        """Report cycles of requirements and cut them, so that what is left has an order."""
        units = {unit.key: unit for _, unit in pairs}
        broken: set[Key] = set()
        for _ in range(_CYCLES_SHOWN):
            graph = {key: _requires(unit) for key, unit in units.items()}
            try:
                graphlib.TopologicalSorter(graph).prepare()
            except graphlib.CycleError as error:
                cycle: list[Key] = error.args[1]
                names = [units[key].name if key in units else key[1] for key in reversed(cycle)]
                self._report("dmn-cycle", cycle[0][1], path=" → ".join(names))
            else:
                return broken
            for key in cycle:
                broken.add(key)
                _disconnect(units[key])
        for key in _without_order(units):  # more cycles than anybody reads: cut all that is left
            broken.add(key)
            _disconnect(units[key])
        return broken

    # -- logic ------------------------------------------------------------------------------------------------

    def _compile(self, element: syntax.Element, unit: Unit, *, broken: bool) -> None:
        match element, unit:
            case syntax.Decision(), DecisionUnit():
                names = frozenset(path[0] for path, _ in (*unit.needs, *unit.knowledge))
                if broken:
                    unit.node = nodes.Broken(element.id, "dmn-broken", {})
                elif element.expression is not None:
                    with self.compiler.owned_by(element.name, unit.kind):
                        unit.node = self.compiler.node(element.expression, names)
            case syntax.Knowledge(), KnowledgeUnit() if element.function is not None:
                names = frozenset(path[0] for path, _ in unit.knowledge)
                if element.function.kind != "FEEL":
                    facts: dict[str, object] = {"kind": element.function.kind}
                    unit.node = nodes.Broken(element.id, "dmn-external-function", facts)
                    return
                with self.compiler.owned_by(element.name, result_of(unit.kind)):
                    unit.node = self.compiler.feel_function(
                        element.function, names, name=element.name, result=unit.kind
                    )


_UNITS: dict[type[syntax.Element], type[Unit]] = {
    syntax.InputData: Input,
    syntax.Decision: DecisionUnit,
    syntax.Knowledge: KnowledgeUnit,
    syntax.Service: ServiceUnit,
}


def _requires(unit: Unit) -> list[Key]:
    if isinstance(unit, DecisionUnit):
        return [found.key for _, found in (*unit.needs, *unit.knowledge)]
    if isinstance(unit, KnowledgeUnit):
        return [found.key for _, found in unit.knowledge]
    if isinstance(unit, ServiceUnit):
        return [found.key for found in unit.outputs]
    return []


def _without_order(units: Mapping[Key, Unit]) -> list[Key]:
    """The units that are part of a cycle or need one that is."""
    sorter = graphlib.TopologicalSorter({key: _requires(unit) for key, unit in units.items()})
    with contextlib.suppress(graphlib.CycleError):
        sorter.prepare()
    ordered: set[Key] = set()
    while ready := sorter.get_ready():
        ordered.update(ready)
        sorter.done(*ready)
    return [key for key in units if key not in ordered]


def _disconnect(unit: Unit) -> None:
    if isinstance(unit, DecisionUnit):
        unit.needs, unit.knowledge = (), ()
    elif isinstance(unit, KnowledgeUnit):
        unit.knowledge = ()
    elif isinstance(unit, ServiceUnit):
        unit.outputs = ()
