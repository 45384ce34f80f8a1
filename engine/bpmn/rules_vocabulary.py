"""The allow-list: which elements and attributes of BPMN 2.0 may stand where. What is not here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.bpmn.diagram import ACTIVITIES, EVENTS, GATEWAYS, NODES

_BASE: Final = frozenset({"documentation", "extensionElements"})
_FLOW_ELEMENT: Final = _BASE | {"auditing", "monitoring", "categoryValueRef", "incoming", "outgoing"}
_ARTIFACTS: Final = frozenset({"textAnnotation", "association", "group"})
_PEOPLE: Final = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})
_CONTENT: Final = (NODES | _ARTIFACTS) | {
    "sequenceFlow", "laneSet", "dataObject", "dataObjectReference", "property",
}  # fmt: skip
_ACTIVITY: Final = (_FLOW_ELEMENT | _PEOPLE) | {
    "property", "dataInputAssociation", "dataOutputAssociation", "ioSpecification",
    "standardLoopCharacteristics", "multiInstanceLoopCharacteristics",
}  # fmt: skip
_EVENT: Final = _FLOW_ELEMENT | {
    "property", "dataInput", "dataOutput", "dataInputAssociation", "dataOutputAssociation", "inputSet", "outputSet",
    "messageEventDefinition", "timerEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    "conditionalEventDefinition", "linkEventDefinition", "signalEventDefinition", "terminateEventDefinition",
    "cancelEventDefinition", "compensateEventDefinition",
}  # fmt: skip

#: Elements that describe and never steer: what is inside them is not looked at.
DESCRIPTIVE: Final = frozenset(
    {
        "documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef", "textAnnotation",
        "association", "group", "incoming", "outgoing", "property", "resourceRole", "performer", "humanPerformer",
        "potentialOwner", "rendering", "itemDefinition", "category", "resource", "interface", "partnerEntity",
        "partnerRole", "endPoint", "import", "relationship", "correlationProperty", "supportedInterfaceRef",
        "correlationSubscription", "collaboration", "dataState", "operationRef",
    }
)  # fmt: skip

#: Element → the children of BPMN 2.0 it may have. Elements not named here have none that matter.
CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "definitions": _BASE
    | {
        "import", "process", "collaboration", "message", "signal", "error", "escalation", "itemDefinition",
        "category", "resource", "interface", "partnerEntity", "partnerRole", "endPoint", "correlationProperty",
        "relationship", "extension",
    },
    "process": _BASE
    | _CONTENT
    | _PEOPLE
    | {"auditing", "monitoring", "supportedInterfaceRef", "correlationSubscription", "ioSpecification"},
    **dict.fromkeys(ACTIVITIES, _ACTIVITY),
    "userTask": _ACTIVITY | {"rendering"},
    "subProcess": _ACTIVITY | _CONTENT,
    **dict.fromkeys(GATEWAYS, _FLOW_ELEMENT),
    **dict.fromkeys(EVENTS, _EVENT),
    "sequenceFlow": _BASE | {"auditing", "monitoring", "categoryValueRef", "conditionExpression"},
    "laneSet": _BASE | {"lane"},
    "lane": _BASE | {"flowNodeRef", "childLaneSet", "partitionElement"},
    "childLaneSet": _BASE | {"lane"},
    "dataObject": _BASE | {"auditing", "monitoring", "categoryValueRef", "dataState"},
    "dataObjectReference": _BASE | {"auditing", "monitoring", "categoryValueRef", "dataState"},
    "dataInputAssociation": _BASE | {"sourceRef", "targetRef", "transformation", "assignment"},
    "dataOutputAssociation": _BASE | {"sourceRef", "targetRef", "transformation", "assignment"},
    "ioSpecification": _BASE | {"dataInput", "dataOutput", "inputSet", "outputSet"},
    "dataInput": _BASE | {"dataState"},
    "dataOutput": _BASE | {"dataState"},
    "inputSet": _BASE | {"dataInputRefs", "outputSetRefs"},
    "outputSet": _BASE | {"dataOutputRefs", "inputSetRefs"},
    "standardLoopCharacteristics": _BASE | {"loopCondition"},
    "multiInstanceLoopCharacteristics": _BASE
    | {
        "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem",
        "completionCondition",
    },
    "messageEventDefinition": _BASE | {"operationRef"},
    "signalEventDefinition": _BASE,
    "errorEventDefinition": _BASE,
    "escalationEventDefinition": _BASE,
    "terminateEventDefinition": _BASE,
    "linkEventDefinition": _BASE | {"source", "target"},
    "timerEventDefinition": _BASE | {"timeDate", "timeDuration", "timeCycle"},
    "conditionalEventDefinition": _BASE | {"condition"},
    "message": _BASE,
    "signal": _BASE,
    "error": _BASE,
    "escalation": _BASE,
    "extension": _BASE,
}  # fmt: skip

_ANY: Final = frozenset({"id", "name"})
_ACTIVITY_ATTRIBUTES: Final = _ANY | {
    "default", "isForCompensation", "startQuantity", "completionQuantity", "implementation", "operationRef",
}  # fmt: skip
_EXPRESSION: Final = frozenset({"id", "language", "evaluatesToTypeRef"})

#: Element → the attributes it may have. Elements not named here are not looked at.
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "process": _ANY | {"processType", "isClosed", "isExecutable", "definitionalCollaborationRef"},
    **dict.fromkeys(ACTIVITIES, _ACTIVITY_ATTRIBUTES),
    "sendTask": _ACTIVITY_ATTRIBUTES | {"messageRef"},
    "receiveTask": _ACTIVITY_ATTRIBUTES | {"messageRef", "instantiate"},
    "callActivity": _ACTIVITY_ATTRIBUTES | {"calledElement"},
    "subProcess": _ACTIVITY_ATTRIBUTES | {"triggeredByEvent"},
    "exclusiveGateway": _ANY | {"gatewayDirection", "default"},
    "inclusiveGateway": _ANY | {"gatewayDirection", "default"},
    "parallelGateway": _ANY | {"gatewayDirection"},
    "eventBasedGateway": _ANY | {"gatewayDirection", "instantiate", "eventGatewayType"},
    "startEvent": _ANY | {"parallelMultiple", "isInterrupting"},
    "intermediateCatchEvent": _ANY | {"parallelMultiple"},
    "intermediateThrowEvent": _ANY,
    "endEvent": _ANY,
    "boundaryEvent": _ANY | {"parallelMultiple", "cancelActivity", "attachedToRef"},
    "sequenceFlow": _ANY | {"sourceRef", "targetRef", "isImmediate"},
    "standardLoopCharacteristics": _ANY | {"testBefore", "loopMaximum"},
    "multiInstanceLoopCharacteristics": _ANY | {"isSequential", "behavior"},
    "messageEventDefinition": _ANY | {"messageRef"},
    "signalEventDefinition": _ANY | {"signalRef"},
    "errorEventDefinition": _ANY | {"errorRef"},
    "escalationEventDefinition": _ANY | {"escalationRef"},
    "terminateEventDefinition": _ANY,
    "linkEventDefinition": _ANY,
    "timerEventDefinition": _ANY,
    "conditionalEventDefinition": _ANY,
    "conditionExpression": _EXPRESSION,
    "condition": _EXPRESSION,
    "timeDate": _EXPRESSION,
    "timeDuration": _EXPRESSION,
    "timeCycle": _EXPRESSION,
    "loopCardinality": _EXPRESSION,
    "loopCondition": _EXPRESSION,
    "completionCondition": _EXPRESSION,
}

#: Attributes that may stand only with these values.
VALUES: Final[Mapping[str, frozenset[str]]] = {
    "isForCompensation": frozenset({"false"}),
    "startQuantity": frozenset({"1"}),
    "completionQuantity": frozenset({"1"}),
    "instantiate": frozenset({"false"}),
    "parallelMultiple": frozenset({"false"}),
    "eventGatewayType": frozenset({"Exclusive"}),
    "behavior": frozenset({"All"}),
    "gatewayDirection": frozenset({"Unspecified", "Converging", "Diverging", "Mixed"}),
    "cancelActivity": frozenset({"true", "false"}),
    "isInterrupting": frozenset({"true", "false"}),
    "triggeredByEvent": frozenset({"true", "false"}),
    "isSequential": frozenset({"true", "false"}),
    "testBefore": frozenset({"true", "false"}),
    "isExecutable": frozenset({"true", "false"}),
    "isCollection": frozenset({"true", "false"}),
}

#: Elements refused by name, wherever they stand → the code of the finding.
REFUSED: Final[Mapping[str, str]] = {
    "scriptTask": "bpmn-script-task",
    "complexGateway": "bpmn-complex-gateway",
    "transaction": "bpmn-transaction",
    "adHocSubProcess": "bpmn-ad-hoc",
    "assignment": "bpmn-data-unsupported",
    "transformation": "bpmn-data-unsupported",
    "dataStore": "bpmn-data-store",
    "dataStoreReference": "bpmn-data-store",
    "compensateEventDefinition": "bpmn-compensation",
    "cancelEventDefinition": "bpmn-cancel-event",
    "choreography": "bpmn-choreography",
    "globalConversation": "bpmn-choreography",
    "globalChoreographyTask": "bpmn-choreography",
    "choreographyTask": "bpmn-choreography",
    "subChoreography": "bpmn-choreography",
    "callChoreography": "bpmn-choreography",
    "conversation": "bpmn-choreography",
    "subConversation": "bpmn-choreography",
    "callConversation": "bpmn-choreography",
    "globalTask": "bpmn-global-task",
    "globalUserTask": "bpmn-global-task",
    "globalManualTask": "bpmn-global-task",
    "globalScriptTask": "bpmn-global-task",
    "globalBusinessRuleTask": "bpmn-global-task",
}

#: Place of an event (see ``rules_events.place_of``) → the definitions it may have; empty text = none at all.
EVENTS_AT: Final[Mapping[str, tuple[str, ...]]] = {
    "start event": ("", "message", "timer", "signal", "conditional"),
    "start event of a sub-process": ("",),
    "start event of an event sub-process": ("message", "timer", "signal", "error", "escalation", "conditional"),
    "end event": ("", "message", "signal", "error", "escalation", "terminate"),
    "catching intermediate event": ("message", "timer", "signal", "conditional", "link"),
    "throwing intermediate event": ("", "message", "signal", "escalation", "link"),
    "boundary event": ("message", "timer", "signal", "error", "escalation", "conditional"),
}
