"""Extensions of other engines that change what a token does or what its data hold, and that nothing here says.

Leaving one of them out would run something else, so each is refused by name. What is only told (``TOLD``) is work that
another part of that engine would do: listeners, delegates, variables for the ids of its own tables.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from engine.bpmn.xml import bpmn, local, namespace, text_of

ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
JBPM: Final = "http://www.jboss.org/drools"
#: Engines that write expressions as ``${…}``.
JUEL: Final = frozenset(
    {
        "http://camunda.org/schema/1.0/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
    }
)

#: Attributes of a JUEL engine that steer, unless they say what is the rule here anyway.
_ATTRIBUTES: Final = frozenset(
    {
        "skipExpression", "messageExpression", "signalExpression", "terminateAll", "terminateMultiInstance",
        "calledElementType", "caseRef", "sameDeployment", "elementIndexVariable", "inheritVariables",
        "variableMappingClass", "variableMappingDelegateExpression", "useLocalScopeForOutParameters",
        "useLocalScopeForResultVariable", "storeResultVariableAsTransient", "mapDecisionResult", "resource",
        "errorVariableName",
    }
)  # fmt: skip
_HARMLESS: Final = frozenset({"", "false", "key", "singleEntry"})
#: Attributes that are told and have no effect.
TOLD: Final = frozenset(
    {
        "class", "delegateExpression", "expression", "initiator", "taskIdVariableName", "idVariableName",
        "processInstanceIdVariableName", "executionIdVariableName", "calledElementVersion", "calledElementVersionTag",
        "decisionRefVersion", "decisionRefVersionTag", "taskCompleterVariableName",
    }
)  # fmt: skip
_ELEMENTS: Final = {
    **dict.fromkeys(
        JUEL,
        frozenset({"eventType", "variableListenerEventDefinition", "mapException", "variableAggregation",
                   "collection", "errorEventDefinition"}),
    ),
    ZEEBE: frozenset({"conditionalFilter"}),
    SPIFF: frozenset({"preScript", "postScript", "messageVariable", "messagePayload", "processVariableCorrelation",
                      "payloadExpression", "variableName"}),
}  # fmt: skip
LISTENERS: Final = frozenset(
    {"executionListener", "taskListener", "executionListeners", "taskListeners", "connector", "eventListener",
     "onEntry-script", "onExit-script"}
)  # fmt: skip
#: What a listener says that writes data, ends work or throws.
_WRITES: Final = re.compile(r"(?i)\b(set|remove)\w*variable|\.complete\w*\s*\(|bpmnerror|signal\w*\s*\(|\.throw")
_VARIABLE: Final = re.compile(r"[$#]\{\s*([^\W\d]\w*)\b[^{}]*\}")


def attribute_steers(element: etree._Element, space: str, name: str, value: str) -> bool:
    """Whether leaving the attribute of another engine out would change the run."""
    if space == JBPM:
        return _jbpm(element, name, value)
    if space not in JUEL:
        return False
    if name == "variableEvents":
        return {part.strip() for part in value.split(",")} != {"create", "update"} and bool(value.strip())
    if name == "variableName" and local(element) == "conditionalEventDefinition":
        return not _watches_only(element, value.strip())
    return name in _ATTRIBUTES and value.strip() not in _HARMLESS


def _watches_only(definition: etree._Element, variable: str) -> bool:
    """Whether the condition speaks of ``variable`` alone, so that only its change can make it true."""
    found = _VARIABLE.fullmatch(text_of(definition.find(bpmn("condition"))))
    if found is None:
        return False
    inside = re.sub(r"'[^']*'|\"[^\"]*\"", "", found[0][2:-1])
    names = set(re.findall(r"(?<![\w.])[^\W\d]\w*", inside))
    return names - {"and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "true", "false", "null"} == {variable}


def _jbpm(element: etree._Element, name: str, value: str) -> bool:
    if name == "scope" and local(element) == "terminateEventDefinition":
        return value == "process" and _inside_scope(element)
    if name in {"waitForCompletion", "adHoc"}:
        return value == ("true" if name == "adHoc" else "false")
    if name == "taskName":  # a plain task with a name of work is a service there
        return local(element) == "task" and bool(value.strip())
    return name == "priority" and local(element) == "sequenceFlow" and not _in_order(element)


def _inside_scope(definition: etree._Element) -> bool:
    return next(definition.iterancestors(bpmn("subProcess")), None) is not None


def _in_order(flow: etree._Element) -> bool:
    """Whether the flows of an exclusive gateway stand in the order of their priorities, in which they are asked."""
    scope, source = flow.getparent(), flow.get("sourceRef")
    gateways = () if scope is None else scope.iterfind(bpmn("exclusiveGateway"))
    gateway = next((item for item in gateways if item.get("id") == source), None)
    if scope is None or gateway is None:
        return True
    listed = [text_of(item) for item in gateway.iterfind(bpmn("outgoing"))]
    beside = [other for other in scope.iterfind(bpmn("sequenceFlow")) if other.get("sourceRef") == source]
    beside.sort(key=lambda item: listed.index(item.get("id", "")) if item.get("id") in listed else len(listed))
    told = [f.get(f"{{{JBPM}}}priority", "") for f in beside if f.find(bpmn("conditionExpression")) is not None]
    numbers = [int(number) for number in told if number.isdecimal()]
    return numbers == sorted(numbers)


def element_steers(element: etree._Element, child: etree._Element) -> bool:
    """Whether leaving the extension element ``child`` out would change the run."""
    space, tag = namespace(child), local(child)
    if tag in LISTENERS:
        return listener_writes(child)
    if tag in _ELEMENTS.get(space, frozenset()):
        return space != SPIFF or bool(text_of(child)) or bool(len(child))
    return space in JUEL and tag == "value" and local(element) == "dataObject" and bool(text_of(child))


def listener_writes(listener: etree._Element) -> bool:
    """Whether code in a listener is seen to write data, to end work or to throw."""
    told = [text_of(part) for part in listener.iter(etree.Element)]
    told += [str(part.get("expression", "")) for part in listener.iter(etree.Element)]
    return any(_WRITES.search(text) for text in told)
