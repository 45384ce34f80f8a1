"""Boxed expressions of DMN: XML elements to their read form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from engine.decisions import syntax
from engine.decisions.problems import finding, problem
from engine.errors import Problem

#: What an ``expressionLanguage`` may be: FEEL of any version.
_FEEL = (
    "feel",
    "http://www.omg.org/spec/feel/20140401",
    "http://www.omg.org/spec/dmn/20180521/feel/",
    "https://www.omg.org/spec/dmn/20191111/feel/",
    "https://www.omg.org/spec/dmn/20211108/feel/",
    "https://www.omg.org/spec/dmn/20230324/feel/",
)


class BoxedReader:
    """Reads the expressions of one file and appends what is wrong to ``problems``."""

    def __init__(self, namespace: str, file: str, problems: list[Problem]) -> None:
        self.namespace, self.file, self.problems = namespace, file, problems
        self._kinds: dict[str, Callable[[etree._Element], syntax.Boxed]] = {
            "literalExpression": self._literal,
            "context": self._context,
            "invocation": self._invocation,
            "functionDefinition": self.function,
            "list": self._list,
            "relation": self._relation,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "every": self._iteration,
            "some": self._iteration,
            "decisionTable": self._table,
        }

    # -- small parts ------------------------------------------------------------------------------------------

    def report(self, code: str, node: etree._Element, **facts: object) -> None:
        """Record a finding about ``node``."""
        self.problems.append(finding(code, facts, file=self.file, element=_identity(node)))

    def name(self, node: etree._Element, *, required: bool = True) -> str:
        """The name of ``node`` with its blanks made single."""
        name = " ".join((node.get("name") or "").split())
        if not name and required:
            self.report("dmn-name-missing", node, element_name=etree.QName(node).localname)
        return name

    def typed(self, node: etree._Element, *, required: bool = True) -> syntax.Typed:
        """Name and type of a variable, parameter or column."""
        return syntax.Typed(
            name=self.name(node, required=required), type_ref=self.type_ref(node), id=node.get("id", "")
        )

    def type_ref(self, node: etree._Element) -> str:
        """The type of ``node``, from its attribute or, in item definitions, its child."""
        written = node.get("typeRef")
        if written is None:
            child = next(self._named(node, "typeRef"), None)
            written = "" if child is None else _text(child)
        return self.local_type(written, node)

    def local_type(self, written: str, node: etree._Element) -> str:
        """``written`` without an XML prefix (``feel:string`` of DMN 1.1)."""
        name = " ".join(written.split())
        prefix, colon, local = name.partition(":")
        if colon and prefix in node.nsmap:
            return local
        if name.startswith("{"):  # written as an XML qualified name
            return name.rpartition("}")[2]
        return name

    def cell(self, node: etree._Element, name: str) -> syntax.Cell | None:
        """The text of the child ``name``, if there is one with text."""
        child = next(self._named(node, name), None)
        if child is None:
            return None
        cell = self._cell(child)
        return cell if cell.text else None

    def check_language(self, language: str, element: str) -> None:
        """Record an expression language that is not FEEL."""
        if language and language.strip().lower() not in _FEEL:
            self.problems.append(problem("dmn-language", file=self.file, element=element, language=language))

    def _cell(self, node: etree._Element) -> syntax.Cell:
        self.check_language(node.get("expressionLanguage", ""), _identity(node))
        text = next(self._named(node, "text"), None)
        return syntax.Cell(text="" if text is None else _text(text), id=_identity(node))

    def _children(self, node: etree._Element) -> Iterator[etree._Element]:
        return node.iterchildren(f"{{{self.namespace}}}*")

    def _named(self, node: etree._Element, name: str) -> Iterator[etree._Element]:
        return node.iterchildren(f"{{{self.namespace}}}{name}")

    # -- expressions ------------------------------------------------------------------------------------------

    def only(self, node: etree._Element) -> syntax.Boxed | None:
        """The one expression among the children of ``node``."""
        for child in self._children(node):
            reader = self._kinds.get(etree.QName(child).localname)
            if reader is not None:
                return reader(child)
        return None

    def required(self, node: etree._Element, name: str = "") -> syntax.Boxed | None:
        """The expression inside ``node`` or its child ``name``; a missing one is a finding."""
        holder = next(self._named(node, name), None) if name else node
        expression = None if holder is None else self.only(holder)
        if expression is None:
            self.report(
                "dmn-expression-missing",
                node if holder is None else holder,
                element_name=name or etree.QName(node).localname,
            )
        return expression

    def _literal(self, node: etree._Element) -> syntax.Boxed:
        self.check_language(node.get("expressionLanguage", ""), _identity(node))
        text = next(self._named(node, "text"), None)
        return syntax.Literal(
            id=_identity(node), text="" if text is None else _text(text), type_ref=self.type_ref(node)
        )

    def _context(self, node: etree._Element) -> syntax.Boxed:
        entries = []
        for child in self._named(node, "contextEntry"):
            variable = next(self._named(child, "variable"), None)
            typed = None if variable is None else self.typed(variable, required=False)
            entries.append(
                syntax.Entry(variable=typed if typed and typed.name else None, expression=self.required(child))
            )
        return syntax.Context(id=_identity(node), entries=tuple(entries), type_ref=self.type_ref(node))

    def _invocation(self, node: etree._Element) -> syntax.Boxed:
        bindings = []
        for child in self._named(node, "binding"):
            parameter = next(self._named(child, "parameter"), None)
            typed = syntax.Typed(name="") if parameter is None else self.typed(parameter)
            bindings.append((typed, self.only(child)))
        return syntax.Invocation(
            id=_identity(node),
            callee=self.required(node),
            bindings=tuple(bindings),
            type_ref=self.type_ref(node),
        )

    def function(self, node: etree._Element) -> syntax.FunctionDefinition:
        """A boxed function; one of Java or PMML is a finding."""
        kind = node.get("kind", "FEEL").strip() or "FEEL"
        if kind.upper() != "FEEL":
            self.report("dmn-external-function", node, kind=kind)
        return syntax.FunctionDefinition(
            id=_identity(node),
            kind=kind.upper(),
            parameters=tuple(self.typed(child) for child in self._named(node, "formalParameter")),
            body=self.required(node),
            type_ref=self.type_ref(node),
        )

    def _list(self, node: etree._Element) -> syntax.Boxed:
        return syntax.BoxedList(id=_identity(node), items=self._row(node), type_ref=self.type_ref(node))

    def _row(self, node: etree._Element) -> tuple[syntax.Boxed, ...]:
        readers = ((self._kinds.get(etree.QName(child).localname), child) for child in self._children(node))
        return tuple(reader(child) for reader, child in readers if reader is not None)

    def _relation(self, node: etree._Element) -> syntax.Boxed:
        columns = tuple(self.typed(child) for child in self._named(node, "column"))
        rows = []
        for child in self._named(node, "row"):
            row = self._row(child)
            if len(row) != len(columns):
                self.report("dmn-expression-missing", child, element_name="row")
            rows.append(row)
        return syntax.Relation(id=_identity(node), columns=columns, rows=tuple(rows), type_ref=self.type_ref(node))

    def _conditional(self, node: etree._Element) -> syntax.Boxed:
        return syntax.Conditional(
            id=_identity(node),
            condition=self.required(node, "if"),
            then=self.required(node, "then"),
            otherwise=self.required(node, "else"),
            type_ref=self.type_ref(node),
        )

    def _filter(self, node: etree._Element) -> syntax.Boxed:
        return syntax.Filter(
            id=_identity(node),
            source=self.required(node, "in"),
            match=self.required(node, "match"),
            type_ref=self.type_ref(node),
        )

    def _iteration(self, node: etree._Element) -> syntax.Boxed:
        kind = etree.QName(node).localname
        name = " ".join((node.get("iteratorVariable") or "").split())
        if not name:
            self.report("dmn-name-missing", node, element_name=f"{kind} iteratorVariable")
        source = next(self._named(node, "in"), None)
        written = "" if source is None else source.get("typeRef", "")
        return syntax.Iteration(
            id=_identity(node),
            kind=kind,
            variable=syntax.Typed(name=name, type_ref=self.local_type(written, node)),
            source=self.required(node, "in"),
            body=self.required(node, "return" if kind == "for" else "satisfies"),
            type_ref=self.type_ref(node),
        )

    # -- decision tables --------------------------------------------------------------------------------------

    def _table(self, node: etree._Element) -> syntax.Boxed:
        return syntax.Table(
            id=_identity(node),
            hit_policy=" ".join(node.get("hitPolicy", "UNIQUE").split()).upper() or "UNIQUE",
            aggregation=node.get("aggregation", "").strip().upper(),
            inputs=tuple(self._input(child) for child in self._named(node, "input")),
            outputs=tuple(self._output(child) for child in self._named(node, "output")),
            rules=tuple(self._rule(child) for child in self._named(node, "rule")),
            type_ref=self.type_ref(node),
            output_label=node.get("outputLabel", ""),
        )

    def _input(self, node: etree._Element) -> syntax.TableInput:
        expression = next(self._named(node, "inputExpression"), None)
        if expression is None:
            self.report("dmn-expression-missing", node, element_name="input")
        return syntax.TableInput(
            id=_identity(node),
            label=node.get("label", ""),
            expression=syntax.Cell(text="") if expression is None else self._cell(expression),
            type_ref="" if expression is None else self.type_ref(expression),
            values=self.cell(node, "inputValues"),
        )

    def _output(self, node: etree._Element) -> syntax.TableOutput:
        return syntax.TableOutput(
            id=_identity(node),
            name=self.name(node, required=False),
            label=node.get("label", ""),
            type_ref=self.type_ref(node),
            values=self.cell(node, "outputValues"),
            default=self.cell(node, "defaultOutputEntry"),
        )

    def _rule(self, node: etree._Element) -> syntax.Rule:
        description = next(self._named(node, "description"), None)
        return syntax.Rule(
            id=node.get("id", ""),
            tests=tuple(self._cell(child) for child in self._named(node, "inputEntry")),
            results=tuple(self._cell(child) for child in self._named(node, "outputEntry")),
            description="" if description is None else _text(description),
        )


def _identity(node: etree._Element) -> str:
    """The id of ``node``, or of the nearest element around it that has one."""
    current: etree._Element | None = node
    while current is not None:
        identifier = current.get("id")
        if identifier:
            return identifier
        current = current.getparent()
    return ""


def _text(node: etree._Element) -> str:
    """All text below ``node``: an XML comment inside must not cut it short."""
    return "".join(str(part) for part in node.itertext()).strip()
