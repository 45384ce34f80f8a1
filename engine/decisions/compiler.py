"""Boxed expressions from their read form to nodes. Everything is compiled here, once."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from engine.decisions import expressions as nodes
from engine.decisions import syntax
from engine.decisions.cells import constant
from engine.decisions.problems import finding
from engine.decisions.running import Node
from engine.decisions.table_compiler import TableCompiler
from engine.decisions.types import ANY, FunctionType, Named, Type, TypeTable
from engine.errors import Problem
from engine.feel import (
    Expression,
    FeelSyntaxError,
    FunctionRegistry,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
    unknown_names,
)
from engine.feel.nodes import FunctionLiteral

Names = frozenset[str]
_WORDS = re.compile(r"[^\W\d]\w*( \w+)*")


class Compiler:
    """Compiles the expressions of one model; findings are appended to ``problems``."""

    def __init__(
        self,
        *,
        file: str,
        types: TypeTable,
        members: Iterable[str],
        functions: FunctionRegistry | None,
        problems: list[Problem],
    ) -> None:
        self.file, self.types, self.problems = file, types, problems
        #: only names with marks need to be known after a dot; words are read as far as they go
        self.members = frozenset(name for name in members if not _WORDS.fullmatch(name))
        self._used: set[str] = set()  #: names that the expressions compiled so far use
        self._loose = 0  #: inside how many filters, where members of the items are names too
        self._functions = frozenset() if functions is None else functions.names()
        self._tables = TableCompiler(self)
        self.tables: list[tuple[str, syntax.Table, Node]] = []
        self.owner = ""
        self._kinds: Mapping[type, Callable[[Any, Names], Node]] = {
            syntax.Literal: self._literal,
            syntax.Context: self._context,
            syntax.Invocation: self._invocation,
            syntax.FunctionDefinition: self.function,
            syntax.BoxedList: self._list,
            syntax.Relation: self._relation,
            syntax.Conditional: self._conditional,
            syntax.Filter: self._filter,
            syntax.Iteration: self._iteration,
            syntax.Table: self._table,
        }

    @contextmanager
    def owned_by(self, name: str, kind: Type = ANY) -> Iterator[None]:
        """Compile for the element ``name`` whose result is of ``kind``."""
        before, self.owner = self.owner, name
        self._tables.result_kind = kind
        try:
            yield
        finally:
            self.owner = before
            self._tables.result_kind = ANY

    def report(self, code: str, element: str, *, severity: str = "error", **facts: object) -> None:
        """Record a finding."""
        self.problems.append(finding(code, facts, file=self.file, element=element, severity=severity))

    def node(self, boxed: syntax.Boxed | None, names: Names) -> Node:
        """The node of ``boxed`` where ``names`` are in scope; a missing or broken one is null with a reason."""
        if boxed is None:
            return nodes.Broken("", "dmn-broken", {})
        return self._kinds[type(boxed)](boxed, names)

    # -- FEEL -------------------------------------------------------------------------------------------------

    def feel(self, text: str, names: Names, element: str) -> Node:
        """The node of a FEEL expression, with short cuts for names and constants."""
        stripped = " ".join(text.split())
        if stripped in names:
            self._used.add(stripped)
            return nodes.Lookup(stripped)
        if (known := constant(text)) is not None:
            return nodes.Constant(known[0])
        compiled = self.expression(text, names, element)
        if isinstance(compiled, nodes.Broken):
            return compiled
        return nodes.Feel(compiled, element)

    def expression(self, text: str, names: Names, element: str) -> Expression | nodes.Broken:
        """``text`` compiled, or the node that says why it could not be."""
        try:
            compiled = compile_expression(text, names=names | self.members | self._functions)
        except FeelSyntaxError as error:
            return self._broken(error, text, element)
        self._check_names(compiled, names, element)
        return compiled

    def tests(self, text: str, names: Names, element: str) -> UnaryTests | None:
        """Unary tests compiled, or ``None`` after a finding."""
        try:
            compiled = compile_unary_tests(text, names=names | self.members | self._functions)
        except FeelSyntaxError as error:
            self._broken(error, text, element)
            return None
        self._check_names(compiled, names, element)
        return compiled

    def _broken(self, error: FeelSyntaxError, text: str, element: str) -> nodes.Broken:
        why, why_en = error.message("vi"), error.message("en")
        self.report("dmn-feel-syntax", element, source=text, why=why, why_en=why_en)
        return nodes.Broken(element, "dmn-not-compiled", {"why": why, "why_en": why_en})

    def _check_names(self, compiled: Expression | UnaryTests, names: Names, element: str) -> None:
        self._used |= compiled.free_names
        self._check_external(compiled, element)
        unknown = unknown_names(compiled, names | self._functions | {"?", "item", "partial"})
        if unknown and not self._loose:
            self.report("dmn-feel-name", element, names=", ".join(unknown))

    def _check_external(self, compiled: Expression | UnaryTests, element: str) -> None:
        if "external" in compiled.source and any(_external(node) for node in walk(compiled.tree)):
            self.report("dmn-external-function", element, kind="Java/PMML")

    # -- boxed expressions ------------------------------------------------------------------------------------

    def _literal(self, boxed: syntax.Literal, names: Names) -> Node:
        if not boxed.text.strip():
            self.report("dmn-expression-missing", boxed.id, element_name="text")
            return nodes.Broken(boxed.id, "dmn-broken", {})
        return self.feel(boxed.text, names, boxed.id)

    def _context(self, boxed: syntax.Context, names: Names) -> Node:
        """Entries see one another whatever their order, unless a name of the outer scope comes first."""
        own = [entry.variable.name for entry in boxed.entries if entry.variable is not None]
        if len(set(own)) < len(own):
            self.report("dmn-name-duplicate", boxed.id, name=next(name for name in own if own.count(name) > 1))
        seen, later = names, frozenset(own) - names
        entries: list[nodes.ContextEntry] = []
        uses: dict[str, set[str]] = {}
        result: Node | None = None
        for entry in boxed.entries:
            if entry.variable is None:
                result = self.node(entry.expression, names | frozenset(own))
                continue
            name, element = entry.variable.name, entry.variable.id or boxed.id
            with self._noting_uses() as used:
                node = self._named_function(entry.expression, name, (seen | later) - ({name} - names))
            kind = self.types.find(entry.variable.type_ref, element=element)
            entries.append(nodes.ContextEntry(name, kind, node, element))
            uses[name] = used & (set(own) - {name})
            seen |= {name}
        return self._ordered(boxed, entries, uses, names, result)

    def _ordered(
        self,
        boxed: syntax.Context,
        entries: list[nodes.ContextEntry],
        uses: Mapping[str, set[str]],
        names: Names,
        result: Node | None,
    ) -> Node:
        """The context with its entries after those they use; as written where that is an order already."""
        places = {entry.name: place for place, entry in enumerate(entries)}
        graph = {
            name: {used for used in wanted if places[used] < places[name] or used not in names}
            for name, wanted in uses.items()
        }
        if any(places[used] > places[name] for name, wanted in graph.items() for used in wanted):
            try:
                order = list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError as error:
                self.report("dmn-cycle", boxed.id, path=" → ".join(error.args[1]))
                return nodes.Broken(boxed.id, "dmn-broken", {})
            entries = sorted(entries, key=lambda entry: order.index(entry.name))
        return nodes.ContextNode(tuple(entries), result, tuple(places))

    @contextmanager
    def _noting_uses(self) -> Iterator[set[str]]:
        before, self._used = self._used, set()
        used = self._used
        try:
            yield used
        finally:
            before |= used
            self._used = before

    def _named_function(self, boxed: syntax.Boxed | None, name: str, names: Names) -> Node:
        node = self.node(boxed, names)
        if isinstance(node, nodes.FunctionNode):
            node.name = name
        return node

    def _invocation(self, boxed: syntax.Invocation, names: Names) -> Node:
        aliases = [f"_binding{position}" for position in range(len(boxed.bindings))]
        arguments = ", ".join(
            f"{parameter.name}: {alias}" for (parameter, _), alias in zip(boxed.bindings, aliases, strict=True)
        )
        callee: Node | None = None
        target = "_callee"
        if isinstance(boxed.callee, syntax.Literal):
            target = boxed.callee.text
        else:
            callee = self.node(boxed.callee, names)
        inner = names | set(aliases) | {"_callee"} | {parameter.name for parameter, _ in boxed.bindings}
        call = self.expression(f"{target}({arguments})", inner, boxed.id)
        if isinstance(call, nodes.Broken):
            return call
        bindings = tuple(
            (
                alias,
                parameter.name,
                self.types.find(parameter.type_ref, element=parameter.id or boxed.id),
                self.node(expression, names) if expression is not None else nodes.Constant(None),
            )
            for alias, (parameter, expression) in zip(aliases, boxed.bindings, strict=True)
        )
        return nodes.InvocationNode(callee, bindings, call, boxed.id)

    def function(self, boxed: syntax.FunctionDefinition, names: Names) -> Node:
        """A boxed function; one that is not FEEL is null with a reason."""
        if boxed.kind != "FEEL":
            return nodes.Broken(boxed.id, "dmn-external-function", {"kind": boxed.kind})
        return self.feel_function(boxed, names)

    def feel_function(
        self, boxed: syntax.FunctionDefinition, names: Names, *, name: str = "", result: Type = ANY
    ) -> nodes.FunctionNode:
        """The function node of a boxed function in FEEL."""
        parameters = tuple(
            (parameter.name, self.types.find(parameter.type_ref, element=parameter.id or boxed.id))
            for parameter in boxed.parameters
        )
        with self._noting_uses() as used:
            body = self.node(boxed.body, names | {name for name, _ in parameters})
            used -= {name for name, _ in parameters}
        return nodes.FunctionNode(name, parameters, body, result_of(result), boxed.id)

    def _list(self, boxed: syntax.BoxedList, names: Names) -> Node:
        return nodes.ListNode(tuple(self.node(item, names) for item in boxed.items))

    def _relation(self, boxed: syntax.Relation, names: Names) -> Node:
        columns = tuple(
            (column.name, self.types.find(column.type_ref, element=column.id or boxed.id)) for column in boxed.columns
        )
        rows = tuple(tuple(self.node(cell, names) for cell in row) for row in boxed.rows)
        return nodes.RelationNode(columns, rows, boxed.id)

    def _conditional(self, boxed: syntax.Conditional, names: Names) -> Node:
        condition, then, otherwise = (self.node(part, names) for part in (boxed.condition, boxed.then, boxed.otherwise))
        return nodes.ConditionalNode(condition, then, otherwise, boxed.id)

    def _filter(self, boxed: syntax.Filter, names: Names) -> Node:
        self._loose += 1
        match = self.node(boxed.match, names | {"item"})
        self._loose -= 1
        return nodes.FilterNode(self.node(boxed.source, names), match, boxed.id)

    def _iteration(self, boxed: syntax.Iteration, names: Names) -> Node:
        partial = boxed.kind == "for" and any("partial" in text for text in texts(boxed.body))
        inner = names | {boxed.variable.name} | ({"partial"} if partial else frozenset())
        return nodes.IterationNode(
            boxed.kind,
            boxed.variable.name,
            self.types.find(boxed.variable.type_ref, element=boxed.id).element(),
            self.node(boxed.source, names),
            self.node(boxed.body, inner),
            boxed.id,
            partial,
        )

    def _table(self, boxed: syntax.Table, names: Names) -> Node:
        node = self._tables.compile(boxed, names)
        if not isinstance(node, nodes.Broken):
            self.tables.append((self.owner, boxed, node))
        return node


def walk(tree: object) -> Iterator[object]:
    """Every part of a tree of dataclasses: of FEEL, or of a read definition."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif is_dataclass(node) and not isinstance(node, type):
            yield node
            waiting.extend(getattr(node, field.name) for field in fields(node))


def _external(node: object) -> bool:
    return isinstance(node, FunctionLiteral) and node.external


def result_of(kind: Type) -> Type:
    """What an invocation gives: the result of a function type, else the type itself."""
    inner = kind.base if isinstance(kind, Named) else kind
    return inner.result if isinstance(inner, FunctionType) else kind


def texts(boxed: syntax.Boxed | None) -> Iterator[str]:
    """Every FEEL text inside a boxed expression."""
    return (part.text for part in walk(boxed) if isinstance(part, syntax.Literal | syntax.Cell))


def member_names(definitions: syntax.Definitions) -> Iterator[str]:
    """Names that may follow a dot: elements, entries, columns, outputs, parameters."""
    for part in walk(definitions.elements):
        if isinstance(part, syntax.Typed | syntax.TableOutput) and part.name:
            yield part.name
