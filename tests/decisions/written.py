"""Writes small DMN files for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(*parts: str, namespace: str = "urn:test", version: str = NAMESPACE, attributes: str = "") -> bytes:
    """A DMN file of the given parts."""
    body = "\n".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{version}" name="test" id="test" '
        f'namespace="{namespace}" {attributes}>\n{body}\n</definitions>'
    ).encode()


def input_data(name: str, type_ref: str = "", *, identifier: str = "") -> str:
    """An input; its id is ``i_`` and the name without blanks."""
    return (
        f"<inputData name={quoteattr(name)} id={quoteattr(identifier or ident('i', name))}>"
        f"{variable(name, type_ref)}</inputData>"
    )


def ident(kind: str, name: str) -> str:
    """The id the other functions give an element."""
    return f"{kind}_{name.replace(' ', '_')}"


def variable(name: str, type_ref: str = "") -> str:
    """A variable element."""
    written = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f"<variable name={quoteattr(name)}{written}/>"


def literal(text: str, tag: str = "literalExpression") -> str:
    """A literal expression."""
    return f"<{tag}><text>{escape(text)}</text></{tag}>"


def decision(
    name: str,
    logic: str,
    *,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision with requirements by name."""
    required = [
        *(f'<requiredInput href="#{ident("i", wanted)}"/>' for wanted in inputs),
        *(f'<requiredDecision href="#{ident("d", wanted)}"/>' for wanted in decisions),
    ]
    needs = "".join(f"<informationRequirement>{inner}</informationRequirement>" for inner in required)
    needs += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{ident("k", wanted)}"/></knowledgeRequirement>'
        for wanted in knowledge
    )
    return (
        f"<decision name={quoteattr(name)} id={quoteattr(ident('d', name))}>"
        f"{variable(name, type_ref)}{needs}{logic}</decision>"
    )


def knowledge(
    name: str, parameters: Sequence[tuple[str, str]], logic: str, *, type_ref: str = "", needs: str = ""
) -> str:
    """A business knowledge model."""
    formal = "".join(
        f"<formalParameter name={quoteattr(parameter)}" + (f" typeRef={quoteattr(kind)}" if kind else "") + "/>"
        for parameter, kind in parameters
    )
    return (
        f"<businessKnowledgeModel name={quoteattr(name)} id={quoteattr(ident('k', name))}>"
        f"{variable(name, type_ref)}<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{needs}"
        "</businessKnowledgeModel>"
    )


def item(
    name: str, base: str = "", *, allowed: str = "", collection: bool = False, constraint: str = "", inner: str = ""
) -> str:
    """An item definition; ``inner`` holds components made with ``component``."""
    parts = f"<typeRef>{base}</typeRef>" if base else ""
    parts += f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    parts += f"<typeConstraint><text>{escape(constraint)}</text></typeConstraint>" if constraint else ""
    flag = ' isCollection="true"' if collection else ""
    return f"<itemDefinition name={quoteattr(name)}{flag}>{parts}{inner}</itemDefinition>"


def component(name: str, base: str) -> str:
    """A component of a structured item definition."""
    return f"<itemComponent name={quoteattr(name)}><typeRef>{base}</typeRef></itemComponent>"


def table(
    inputs: Sequence[str | tuple[str, str]],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: Sequence[str] = (),
    defaults: Sequence[str] = (),
) -> str:
    """A decision table. An input is an expression or (expression, allowed values); ``values`` and ``defaults``
    go with the outputs; a rule lists its condition cells, then its result cells."""
    parts = []
    for wanted in inputs:
        expression, allowed = wanted if isinstance(wanted, tuple) else (wanted, "")
        limit = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
        parts.append(f"<input>{literal(expression, 'inputExpression')}{limit}</input>")
    for at, name in enumerate(outputs):
        listed = values[at] if at < len(values) else ""
        default = defaults[at] if at < len(defaults) else ""
        inner = f"<outputValues><text>{escape(listed)}</text></outputValues>" if listed else ""
        inner += literal(default, "defaultOutputEntry") if default else ""
        parts.append(f"<output name={quoteattr(name)}>{inner}</output>")
    for index, cells in enumerate(rules, 1):
        tests = "".join(literal(cell, "inputEntry") for cell in cells[: len(inputs)])
        results = "".join(literal(cell, "outputEntry") for cell in cells[len(inputs) :])
        parts.append(f'<rule id="r{index}">{tests}{results}</rule>')
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="t" hitPolicy="{policy}"{extra}>{"".join(parts)}</decisionTable>'
