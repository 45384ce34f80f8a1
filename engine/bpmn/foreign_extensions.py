"""Extensions of other modellers: what this engine understands becomes its own, what is harmless is left out of the
running file, and what would change the run if it were left out is named.

The author's file keeps everything; only the rewritten copy that runs is stripped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.foreign import NotPlain, is_foreign, plain_name, text_literal, to_feel
from engine.bpmn.foreign_rewriting import (
    HINT_DATA,
    HINT_DRAW,
    Adopted,
    extension_of,
    ignored,
    map_own,
    set_own,
    step_of,
    unsupported,
)
from engine.bpmn.foreign_steering import (
    JUEL,
    LISTENERS,
    SPIFF,
    TOLD,
    ZEEBE,
    attribute_steers,
    element_steers,
)
from engine.bpmn.foreign_zeebe import TRANSLATED
from engine.bpmn.xml import BPMN, MOTCUA, XSI, bpmn, is_bpmn, local, namespace, text_of

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
#: Attribute of a catching definition → which fact of the caught error or escalation its variable takes.
_CAUGHT: Final = {
    "errorCodeVariable": "thrown.code",
    "errorMessageVariable": "thrown.message",
    "escalationCodeVariable": "thrown.code",
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


def _attributes(element: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    for key in sorted(key for key in map(str, element.attrib) if _is_foreign_space(key)):
        name = etree.QName(key)
        value = str(element.attrib[key])
        steers = attribute_steers(element, name.namespace or "", name.localname, value)
        del element.attrib[key]
        if steers:
            yield unsupported(owner, file, f"{name.localname}={value}", HINT_DRAW)
        elif name.namespace not in JUEL:
            continue
        elif name.localname in TOLD:
            yield ignored(owner, file, name.localname)
        elif name.localname in _CAUGHT and value:
            into = extension_of(step_of(element))
            yield owner, *map_own(into, "output", _CAUGHT[name.localname], value)
        elif name.localname == "collection":
            yield from _collection(element, value, owner, file)
        elif name.localname in _ATTRIBUTES:
            yield from _plain(element, name.localname, value, owner, file)


def _plain(element: etree._Element, name: str, value: str, owner: str, file: str) -> Iterator[Adopted]:
    ours = _ATTRIBUTES[name]
    if is_foreign(value):
        if ours in {"decisionRef", "elementVariable", "resultVariable"}:
            yield unsupported(owner, file, f"{name}={value}", HINT_DRAW)
        return
    if ours == "decisionRef" and local(element) != "businessRuleTask":
        return
    if set_own(element, ours, value):
        yield owner, name, f"motcua:{ours}={value}"


def _is_foreign_space(key: str) -> bool:
    return (etree.QName(key).namespace or "") not in {"", MOTCUA, XSI, BPMN}


def _collection(element: etree._Element, value: str, owner: str, file: str) -> Iterator[Adopted]:
    try:
        feel = to_feel(value) if is_foreign(value) else plain_name(value)
    except NotPlain:
        yield unsupported(owner, file, f"collection={value}", HINT_DATA)
        return
    if set_own(element, "collection", feel):
        yield owner, f"collection={value}", f"motcua:collection={feel}"


def _elements(element: etree._Element, extension: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    ours = [child for child in extension if namespace(child) == MOTCUA]
    if local(element) == "callActivity":
        yield from _juel_passes(element, extension, owner)
    for child in list(extension):
        space, tag = namespace(child), local(child)
        if space == MOTCUA:
            continue
        extension.remove(child)
        if element_steers(element, child):
            yield unsupported(owner, file, tag, HINT_DATA if space == SPIFF else HINT_DRAW)
        elif tag in LISTENERS:
            yield ignored(owner, file, tag)
        elif space == ZEEBE and tag in TRANSLATED:
            yield from TRANSLATED[tag](element, child, owner, file)
        elif space in JUEL and tag == "inputOutput":
            yield from _juel_parameters(extension, child, owner, file)
        elif space in JUEL and tag in {"in", "out"}:
            yield from _juel_call(element, child, owner, file)
        elif space == SPIFF:
            yield from _spiff(element, child, owner)
    if not len(extension) and not ours:
        element.remove(extension)


def _juel_parameters(extension: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    """Inputs say the same here; outputs do not, for those engines keep what the task returned beside them."""
    for parameter in child:
        if local(parameter) != "inputParameter" or len(parameter):
            yield unsupported(owner, file, f"{local(parameter)} {parameter.get('name', '')}", HINT_DATA)
            continue
        mapping = ("input", text_of(parameter), parameter.get("name", ""))
        yield from _juel_value(extension, mapping, owner, file)


def _juel_call(element: etree._Element, child: etree._Element, owner: str, file: str) -> Iterator[Adopted]:
    """What a call passes and takes, and what a thrown signal carries."""
    direction = "input" if local(child) == "in" else "output"
    call, step = local(element) == "callActivity", step_of(element)
    if child.get("businessKey") is not None:
        return
    if call and child.get("variables") == "all" and child.get("local") != "true":
        return  # see ``_juel_passes``
    throws = direction == "input" and local(step) in {"intermediateThrowEvent", "endEvent"}
    odd = [f"{name}={child.get(name)}" for name in ("variables", "local", "transient") if _says(child, name)]
    if odd or not (call or throws):
        yield unsupported(owner, file, " ".join((local(child), *odd)), HINT_DATA)
        return
    expression, source = child.get("sourceExpression"), child.get("source", "")
    if expression is not None:
        yield from _juel_value(extension_of(step), (direction, expression, child.get("target", "")), owner, file)
        return
    try:
        yield owner, *map_own(extension_of(step), direction, plain_name(source), child.get("target", ""))
    except NotPlain:
        yield unsupported(owner, file, f"{local(child)} source={source}", HINT_DATA)


def _says(element: etree._Element, attribute: str) -> bool:
    return element.get(attribute, "false").strip() not in {"", "false"}


def _juel_passes(element: etree._Element, extension: etree._Element, owner: str) -> Iterator[Adopted]:
    """Those engines pass what is listed and nothing else; a call that lists nothing is left as it is."""
    listed = [c for c in extension if namespace(c) in JUEL and local(c) in {"in", "out"} and not c.get("businessKey")]
    whole = {local(child) for child in listed if child.get("variables") == "all"}
    passes = "both" if len(whole) == 2 else next(iter(whole), "none")
    if listed and set_own(element, "passes", passes):
        yield owner, "in, out", f"motcua:passes={passes}"


def _juel_value(extension: etree._Element, mapping: tuple[str, str, str], owner: str, file: str) -> Iterator[Adopted]:
    direction, text, target = mapping
    if not is_foreign(text):
        yield owner, *map_own(extension, direction, text_literal(text), target)
        return
    try:
        yield owner, *map_own(extension, direction, to_feel(text), target)
    except NotPlain:
        yield unsupported(owner, file, f"{target} = {text}", HINT_DATA)


def _spiff(element: etree._Element, child: etree._Element, owner: str) -> Iterator[Adopted]:
    tag = local(child)
    if tag == "calledDecisionId" and set_own(element, "decisionRef", text_of(child)):
        yield owner, tag, f"motcua:decisionRef={text_of(child)}"
    elif tag == "serviceTaskOperator":
        if set_own(element, "operation", child.get("id", "")):
            yield owner, tag, f"motcua:operation={child.get('id', '')}"
        if set_own(element, "resultVariable", child.get("resultVariable", "")):
            yield owner, tag, f"motcua:resultVariable={child.get('resultVariable', '')}"
    elif tag == "properties":
        for entry in child:
            if entry.get("name") == "formJsonSchemaFilename" and set_own(element, "form", entry.get("value", "")):
                yield owner, tag, f"motcua:form={entry.get('value', '')}"
