"""Extensions of other modellers: what this engine understands becomes its own, what is harmless is left out of the
running file, and what would change the run if it were left out is named.

The author's file keeps everything; only the rewritten copy that runs is stripped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from engine.bpmn.foreign import NotPlain, is_foreign, text_literal, to_feel
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import BPMN, MOTCUA, XSI, bpmn, is_bpmn, local, motcua, namespace, text_of
from engine.errors import Problem

ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
#: Engines that write expressions as ``${…}``.
JUEL: Final = frozenset(
    {
        "http://camunda.org/schema/1.0/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
    }
)

#: A change (element id, before, after) or a problem.
Adopted = tuple[str, str, str] | Problem

#: Attribute of a JUEL engine → ours; the value is a plain name.
_ATTRIBUTES: Final = {
    "formKey": "form",
    "candidateGroups": "role",
    "decisionRef": "decisionRef",
    "resultVariable": "resultVariable",
    "resultVariableName": "resultVariable",
    "topic": "operation",
    "elementVariable": "elementVariable",
}
#: Attributes that steer the token: leaving them out would run something else.
_STEERING: Final = frozenset(
    {
        "skipExpression", "messageExpression", "signalExpression", "terminateAll", "terminateMultiInstance",
        "calledElementType", "caseRef", "sameDeployment",
    }
)  # fmt: skip
_HARMLESS_VALUES: Final = frozenset({"", "false", "key", "true:sameDeployment"})
_STEERING_ELEMENTS: Final = frozenset({"eventType", "variableListenerEventDefinition", "mapException"})
_LISTENERS: Final = frozenset(
    {"executionListener", "taskListener", "executionListeners", "taskListeners", "connector", "eventListener",
     "onEntry-script", "onExit-script"}
)  # fmt: skip
_DELEGATES: Final = frozenset(
    {"class", "delegateExpression", "expression", "errorCodeVariable", "errorMessageVariable"}
)

_HINT_DATA: Final = {
    "hint_vi": "Dùng motcua:input hoặc motcua:output với biểu thức FEEL.",
    "hint_en": "Use motcua:input or motcua:output with a FEEL expression.",
}
_HINT_DRAW: Final = {
    "hint_vi": "Vẽ hành vi này bằng phần tử BPMN chuẩn.",
    "hint_en": "Draw this behaviour with standard BPMN elements.",
}


def adopt(root: etree._Element, *, file: str = "") -> Iterator[Adopted]:
    """Rewrite the extensions below ``root`` in place, telling each change and each problem."""
    for element in [e for e in root.iter(etree.Element) if is_bpmn(e)]:
        if local(element) == "extensionElements":
            continue
        owner = _owner(element)
        yield from _attributes(element, owner, file)
        extension = element.find(bpmn("extensionElements"))
        if extension is not None:
            yield from _elements(element, extension, owner, file)


def _owner(element: etree._Element) -> str:
    outer = element if element.get("id") else next((e for e in element.iterancestors() if e.get("id")), element)
    return outer.get("id", "")


def _unsupported(owner: str, file: str, extension: str, hint: dict[str, str]) -> Problem:
    facts = {"extension": extension, **hint}
    return finding("bpmn-extension-unsupported", file=file, element=owner, facts=facts)


def _ignored(owner: str, file: str, extension: str) -> Problem:
    return finding(
        "bpmn-extension-ignored", file=file, element=owner, severity="warning", facts={"extension": extension}
    )


def _set(element: etree._Element, attribute: str, value: str) -> bool:
    """Set our attribute unless the author did; whether it was set."""
    if element.get(motcua(attribute)) is not None or not value:
        return False
    element.set(motcua(attribute), value)
    return True


def _attributes(element: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    for key in sorted(map(str, element.attrib)):
        name = etree.QName(key)
        space = name.namespace or ""
        if not space or space in {MOTCUA, XSI, BPMN}:
            continue
        value = str(element.attrib.pop(key))
        if space not in JUEL:
            continue
        if name.localname in _STEERING and value not in _HARMLESS_VALUES:
            yield _unsupported(owner, file, name.localname, _HINT_DRAW)
        elif name.localname in _DELEGATES:
            yield _ignored(owner, file, name.localname)
        elif name.localname == "collection":
            yield from _collection(element, value, owner, file)
        elif name.localname in _ATTRIBUTES:
            yield from _plain(element, name.localname, value, owner, file)


def _plain(element: etree._Element, name: str, value: str, owner: str, file: str) -> Iterator[Adopted]:
    ours = _ATTRIBUTES[name]
    if is_foreign(value):
        if ours in {"decisionRef", "elementVariable", "resultVariable"}:
            yield _unsupported(owner, file, f"{name}={value}", _HINT_DRAW)
        return
    if ours == "decisionRef" and local(element) != "businessRuleTask":
        return
    if _set(element, ours, value):
        yield owner, name, f"motcua:{ours}={value}"


def _collection(element: etree._Element, value: str, owner: str, file: str) -> Iterator[Adopted]:
    try:
        feel = to_feel(value)
    except NotPlain:
        yield _unsupported(owner, file, f"collection={value}", _HINT_DATA)
        return
    if _set(element, "collection", feel):
        yield owner, f"collection={value}", f"motcua:collection={feel}"


def _elements(element: etree._Element, extension: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    ours = [child for child in extension if namespace(child) == MOTCUA]
    yield from _juel_passes(element, extension, owner)
    for child in list(extension):
        space, tag = namespace(child), local(child)
        if space == MOTCUA:
            continue
        extension.remove(child)
        if tag in _STEERING_ELEMENTS and space in JUEL:
            yield _unsupported(owner, file, tag, _HINT_DRAW)
        elif tag in _LISTENERS:
            yield _ignored(owner, file, tag)
        elif space == ZEEBE and tag in _ZEEBE:
            yield from _ZEEBE[tag](element, child, owner, file)
        elif space in JUEL and tag == "inputOutput":
            yield from _juel_parameters(extension, child, owner, file)
        elif space in JUEL and tag in {"in", "out"}:
            yield from _juel_call(extension, child, owner, file)
        elif space == SPIFF:
            yield from _spiff(element, child, owner, file)
    if not len(extension) and not ours:
        element.remove(extension)


def _map(extension: etree._Element, direction: str, source: str, target: str) -> tuple[str, str]:
    etree.SubElement(extension, motcua(direction), {"source": source, "target": target})
    return f"{direction} {target}", source


def _juel_parameters(extension: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    """Inputs say the same here; outputs do not, for those engines keep what the task returned beside them."""
    for parameter in child:
        if local(parameter) != "inputParameter" or len(parameter):
            yield _unsupported(owner, file, f"{local(parameter)} {parameter.get('name', '')}", _HINT_DATA)
            continue
        mapping = ("input", text_of(parameter), parameter.get("name", ""))
        yield from _juel_value(extension, mapping, owner, file)


def _juel_call(extension: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    direction = "input" if local(child) == "in" else "output"
    if child.get("businessKey") is not None:
        return
    if child.get("variables") == "all" and child.get("local") != "true":
        return  # see ``_juel_passes``
    if child.get("variables") is not None or child.get("local") == "true":
        yield _unsupported(owner, file, f"{local(child)} variables={child.get('variables', '')}", _HINT_DATA)
        return
    expression = child.get("sourceExpression")
    if expression is not None:
        yield from _juel_value(extension, (direction, expression, child.get("target", "")), owner, file)
    else:
        yield owner, *_map(extension, direction, child.get("source", ""), child.get("target", ""))


def _juel_passes(element: etree._Element, extension: etree._Element, owner: str) -> Iterator[Adopted]:
    """Those engines pass what is listed and nothing else; a call that lists nothing is left as it is."""
    listed = [c for c in extension if namespace(c) in JUEL and local(c) in {"in", "out"} and not c.get("businessKey")]
    whole = {local(child) for child in listed if child.get("variables") == "all"}
    passes = "both" if len(whole) == 2 else next(iter(whole), "none")
    if listed and _set(element, "passes", passes):
        yield owner, "in, out", f"motcua:passes={passes}"


def _juel_value(extension: etree._Element, mapping: tuple[str, str, str], owner: str, file: str) -> Iterator[Adopted]:
    direction, text, target = mapping
    if not is_foreign(text):
        yield owner, *_map(extension, direction, text_literal(text), target)
        return
    try:
        yield owner, *_map(extension, direction, to_feel(text), target)
    except NotPlain:
        yield _unsupported(owner, file, f"{target} = {text}", _HINT_DATA)


def _zeebe_value(text: str) -> str:
    return to_feel(text) if text.lstrip().startswith("=") else text_literal(text)


def _zeebe_io(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    extension = element.find(bpmn("extensionElements"))
    if extension is None:
        return
    for parameter in child:
        if local(parameter) in {"input", "output"}:
            source = _zeebe_value(parameter.get("source", ""))
            yield owner, *_map(extension, local(parameter), source, parameter.get("target", ""))


def _zeebe_loop(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    collection = child.get("inputCollection", "")
    if collection and not collection.lstrip().startswith("="):
        yield _unsupported(owner, file, f"inputCollection={collection}", _HINT_DATA)
        return
    values = {
        "collection": to_feel(collection),
        "elementVariable": child.get("inputElement", ""),
        "outputCollection": child.get("outputCollection", ""),
        "outputElement": _zeebe_value(child.get("outputElement", "")) if child.get("outputElement") else "",
    }
    for name, value in values.items():
        if _set(element, name, value):
            yield owner, "zeebe:loopCharacteristics", f"motcua:{name}={value}"


def _named(attribute: str, ours: str) -> Callable[..., Iterator[Adopted]]:
    def take(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
        value = child.get(attribute, "")
        if value.lstrip().startswith("="):
            yield _unsupported(owner, file, f"{local(child)} {attribute}={value}", _HINT_DRAW)
        elif _set(element, ours, value):
            yield owner, f"zeebe:{local(child)}", f"motcua:{ours}={value}"

    return take


def _zeebe_decision(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    yield from _named("decisionId", "decisionRef")(element, child, owner, file)
    yield from _named("resultVariable", "resultVariable")(element, child, owner, file)


def _zeebe_called(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    process = child.get("processId", "")
    if process and not element.get("calledElement"):
        element.set("calledElement", process)
        yield owner, "zeebe:calledElement", f"calledElement={process}"
    mapped = element.find(f"{bpmn('extensionElements')}/{{{ZEEBE}}}ioMapping/{{{ZEEBE}}}output") is not None
    mapped = mapped or element.find(f"{bpmn('extensionElements')}/{motcua('output')}") is not None
    inward = child.get("propagateAllParentVariables", "true").strip() != "false"
    outward = child.get("propagateAllChildVariables", "true").strip() != "false" and not mapped
    passes = {(True, True): "both", (True, False): "in", (False, True): "out", (False, False): "none"}[inward, outward]
    if _set(element, "passes", passes):
        yield owner, "zeebe:calledElement", f"motcua:passes={passes}"


def _zeebe_form(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    for attribute in ("formId", "formKey", "externalReference"):
        yield from _named(attribute, "form")(element, child, owner, file)


_ZEEBE: Final[dict[str, Callable[[etree._Element, etree._Element, str, str], Iterator[Adopted]]]] = {
    "ioMapping": _zeebe_io,
    "loopCharacteristics": _zeebe_loop,
    "calledDecision": _zeebe_decision,
    "calledElement": _zeebe_called,
    "formDefinition": _zeebe_form,
    "taskDefinition": _named("type", "operation"),
    "assignmentDefinition": _named("candidateGroups", "role"),
}


def _spiff(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    tag = local(child)
    if tag in {"preScript", "postScript"} and text_of(child):
        yield _unsupported(owner, file, tag, _HINT_DATA)
    elif tag == "calledDecisionId" and _set(element, "decisionRef", text_of(child)):
        yield owner, tag, f"motcua:decisionRef={text_of(child)}"
    elif tag == "serviceTaskOperator":
        if _set(element, "operation", child.get("id", "")):
            yield owner, tag, f"motcua:operation={child.get('id', '')}"
        if _set(element, "resultVariable", child.get("resultVariable", "")):
            yield owner, tag, f"motcua:resultVariable={child.get('resultVariable', '')}"
    elif tag == "properties":
        for entry in child:
            if entry.get("name") == "formJsonSchemaFilename" and _set(element, "form", entry.get("value", "")):
                yield owner, tag, f"motcua:form={entry.get('value', '')}"
