"""The XML tree to the read form of ``engine.decisions.syntax``; vendor attributes and elements are passed over."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.decisions import syntax
from engine.decisions.boxed_reader import BoxedReader
from engine.decisions.problems import finding
from engine.decisions.xml import VERSIONS, parse
from engine.errors import Problem


def read(source: bytes, *, file: str = "") -> tuple[syntax.Definitions, tuple[Problem, ...]]:
    """The read form of ``source`` and what is wrong with its shape. Raises ``DefinitionRefused`` if it is no DMN."""
    reader = _Reader(parse(source, file=file), file)
    definitions = reader.definitions()
    return definitions, tuple(reader.problems)


class _Reader:
    def __init__(self, root: etree._Element, file: str) -> None:
        self.root, self.file = root, file
        self.problems: list[Problem] = []
        self.namespace = etree.QName(root).namespace or ""
        self.boxed = BoxedReader(self.namespace, file, self.problems)

    def definitions(self) -> syntax.Definitions:
        root = self.root
        self._check_ids()
        language = root.get("expressionLanguage", "")
        self.boxed.check_language(language, root.get("id", ""))
        elements = [element for child in self._children(root) if (element := self._element(child))]
        return syntax.Definitions(
            file=self.file,
            name=root.get("name", ""),
            namespace=root.get("namespace", ""),
            version=VERSIONS[self.namespace],
            imports=tuple(self._import(child) for child in self._named(root, "import")),
            items=tuple(self._item(child) for child in self._named(root, "itemDefinition")),
            elements=tuple(elements),
            language=language,
        )

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for node in self.root.iter(f"{{{self.namespace}}}*"):
            identifier = node.get("id")
            if identifier is None:
                continue
            if identifier in seen:
                self._report("dmn-id-duplicate", element=identifier, id=identifier)
            seen.add(identifier)

    def _report(self, code: str, *, element: str = "", severity: str = "error", **facts: object) -> None:
        self.problems.append(finding(code, facts, file=self.file, element=element, severity=severity))

    def _children(self, node: etree._Element) -> Iterator[etree._Element]:
        return node.iterchildren(f"{{{self.namespace}}}*")

    def _named(self, node: etree._Element, name: str) -> Iterator[etree._Element]:
        return node.iterchildren(f"{{{self.namespace}}}{name}")

    def _import(self, node: etree._Element) -> syntax.Import:
        return syntax.Import(
            name=self.boxed.name(node, required=False),
            namespace=node.get("namespace", ""),
            kind=node.get("importType", ""),
            location=node.get("locationURI", ""),
        )

    def _item(self, node: etree._Element) -> syntax.ItemDefinition:
        function = next(self._named(node, "functionItem"), None)
        return syntax.ItemDefinition(
            id=node.get("id", ""),
            name=self.boxed.name(node),
            type_ref=self.boxed.type_ref(node),
            is_collection=node.get("isCollection", "false").strip() in ("true", "1"),
            allowed=self.boxed.cell(node, "allowedValues"),
            constraint=self.boxed.cell(node, "typeConstraint"),
            components=tuple(self._item(child) for child in self._named(node, "itemComponent")),
            function=None if function is None else self._function_item(function),
        )

    def _function_item(self, node: etree._Element) -> syntax.FunctionItem:
        return syntax.FunctionItem(
            result=self.boxed.local_type(node.get("outputTypeRef", ""), node),
            parameters=tuple(self.boxed.typed(child) for child in self._named(node, "parameters")),
        )

    def _element(self, node: etree._Element) -> syntax.Element | None:
        kind = etree.QName(node).localname
        match kind:
            case "inputData":
                return syntax.InputData(
                    id=node.get("id", ""), name=self.boxed.name(node), variable=self._variable(node)
                )
            case "decision":
                return self._decision(node)
            case "businessKnowledgeModel":
                return self._knowledge(node)
            case "decisionService":
                return self._service(node)
        return None

    def _variable(self, node: etree._Element) -> syntax.Typed:
        variable = next(self._named(node, "variable"), None)
        if variable is None:
            return syntax.Typed(name=self.boxed.name(node, required=False))
        typed = self.boxed.typed(variable, required=False)
        if typed.name:
            return typed
        return syntax.Typed(name=self.boxed.name(node, required=False), type_ref=typed.type_ref, id=typed.id)

    def _hrefs(self, node: etree._Element, requirement: str, *targets: str) -> tuple[str, ...]:
        return tuple(
            target.get("href", "")
            for child in self._named(node, requirement)
            for target in self._children(child)
            if etree.QName(target).localname in targets
        )

    def _decision(self, node: etree._Element) -> syntax.Decision:
        name = self.boxed.name(node)
        expression = self.boxed.only(node)
        if expression is None:
            # legal: a decision that a person takes; it can be given as an input of a service
            self._report("dmn-no-logic", element=node.get("id", ""), severity="warning", name=name)
        return syntax.Decision(
            id=node.get("id", ""),
            name=name,
            variable=self._variable(node),
            needs=self._hrefs(node, "informationRequirement", "requiredDecision", "requiredInput"),
            knowledge=self._hrefs(node, "knowledgeRequirement", "requiredKnowledge"),
            expression=expression,
        )

    def _knowledge(self, node: etree._Element) -> syntax.Knowledge:
        name = self.boxed.name(node)
        logic = next(self._named(node, "encapsulatedLogic"), None)
        function = None if logic is None else self.boxed.function(logic)
        if function is None:
            self._report("dmn-no-logic", element=node.get("id", ""), name=name)
        return syntax.Knowledge(
            id=node.get("id", ""),
            name=name,
            variable=self._variable(node),
            knowledge=self._hrefs(node, "knowledgeRequirement", "requiredKnowledge"),
            function=function,
        )

    def _service(self, node: etree._Element) -> syntax.Service:
        def hrefs(kind: str) -> tuple[str, ...]:
            return tuple(child.get("href", "") for child in self._named(node, kind))

        return syntax.Service(
            id=node.get("id", ""),
            name=self.boxed.name(node),
            variable=self._variable(node),
            outputs=hrefs("outputDecision"),
            encapsulated=hrefs("encapsulatedDecision"),
            input_decisions=hrefs("inputDecision"),
            input_data=hrefs("inputData"),
        )
