"""Files, names and elements that must never run, each with the code that names why."""

from __future__ import annotations

from tests.bpmn.gate.drawing import around, caught, definitions, flow, process, task

_START = '<startEvent id="s"/>'


_END = '<endEvent id="e"/>'


_BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def _boundary(definition: str, attributes: str = 'attachedToRef="t"', *, roots: str = "") -> bytes:
    event = f'<boundaryEvent id="b" {attributes}>{definition}</boundaryEvent><endEvent id="z"/>{flow("b", "z")}'
    return around(f'<userTask id="t"/>{event}', roots=roots)


def _multi(inside: str, attributes: str = "") -> bytes:
    tag = "multiInstanceLoopCharacteristics"
    return task(inside=f"<{tag} {attributes}>{inside}</{tag}>")


def _nested(levels: int) -> bytes:
    opening = "".join(f'<subProcess id="n{n}">' for n in range(levels))
    return around(f'<subProcess id="t">{opening}{"</subProcess>" * levels}</subProcess>')


def _extension(inside: str, tag: str = "userTask") -> bytes:
    return task(inside=f"<extensionElements>{inside}</extensionElements>", tag=tag)


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "bpmn-file-empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "bpmn-file-empty"),
    "blank": (b" \n\t ", "bpmn-file-empty"),
    "noise": (bytes(range(256)), "bpmn-not-xml"),
    "text": (b"hello", "bpmn-not-xml"),
    "a zip": (b"PK\x03\x04" + bytes(100), "bpmn-not-xml"),
    "json": (b'{"a": 1}', "bpmn-not-xml"),
    "cut short": (process(_START)[:-20], "bpmn-not-xml"),
    "two roots": (process(_START) * 2, "bpmn-not-xml"),
    "wrong encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', "bpmn-not-xml"),
    "broken utf-8": (b"<definitions>\xff\xfe\xfa</definitions>", "bpmn-not-xml"),
    "undeclared prefix": (b"<bpmn:definitions/>", "bpmn-not-xml"),
    "undefined entity": (process("&nbsp;"), "bpmn-not-xml"),
    "null character": (process("&#0;"), "bpmn-not-xml"),
    "too large": (process(" " * (5 * 1024 * 1024)), "bpmn-file-too-large"),
    "doctype": (b"<!DOCTYPE definitions>" + process(_START), "bpmn-doctype"),
    "external entity": (
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + process("&x;"),
        "bpmn-doctype",
    ),
    "external dtd": (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + process(_START), "bpmn-doctype"),
    "parameter entity": (
        b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>' + process(_START),
        "bpmn-doctype",
    ),
    "a billion laughs": (
        f'<!DOCTYPE d [<!ENTITY a0 "ha">{_BOMB}]>'.encode() + process("&a9;"),
        "bpmn-doctype",
    ),
    "laughs in an attribute": (
        f'<!DOCTYPE d [<!ENTITY a0 "ha">{_BOMB}]>'.encode() + process('<task id="&a9;"/>'),
        "bpmn-doctype",
    ),
    "utf-16 doctype": ("<!DOCTYPE d><d/>".encode("utf-16"), "bpmn-doctype"),
    "html": (b"<html><body/></html>", "bpmn-not-bpmn"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "bpmn-not-bpmn"),
    "dmn": (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "bpmn-not-bpmn"),
    "bpmn without namespace": (b"<definitions><process id='p'/></definitions>", "bpmn-not-bpmn"),
    "older bpmn": (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>', "bpmn-not-bpmn"),
    "a process as root": (
        b'<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
        "bpmn-not-bpmn",
    ),
    "too deep": (_nested(150), "bpmn-too-deep"),
    "very deep": (b"<a>" * 100_000, "bpmn-not-xml"),
    "too many elements": (process("<task/>" * 61_000), "bpmn-too-many-elements"),
    "too many steps": (process("<task/>" * 2_001), "bpmn-too-large"),
    "no process": (definitions(""), "bpmn-no-process"),
    "only a collaboration": (definitions('<collaboration id="c"/>'), "bpmn-no-process"),
    "not executable": (definitions('<process id="P" isExecutable="false"/>'), "bpmn-not-executable"),
    "odd executable": (definitions('<process id="P" isExecutable="maybe"/>'), "bpmn-not-executable"),
    "empty process": (process(""), "bpmn-process-empty"),
    "empty sub-process": (around('<subProcess id="t"/>'), "bpmn-process-empty"),
    "must understand": (
        definitions('<extension mustUnderstand="true" definition="x"/><process id="P"/>'),
        "bpmn-must-understand",
    ),
    "coordinates": (
        definitions(
            '<process id="P"/><bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape bpmnElement="P">'
            '<dc:Bounds x="left" y="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        ),
        "bpmn-diagram-broken",
    ),
    "infinite coordinates": (
        definitions(
            '<process id="P"/><bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape bpmnElement="P">'
            '<dc:Bounds x="nan" y="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        ),
        "bpmn-diagram-broken",
    ),
}


NAMES: dict[str, tuple[bytes, str]] = {
    "same id twice": (around('<userTask id="t"/><userTask id="t"/>'), "bpmn-id-duplicate"),
    "task named like its flow": (around('<userTask id="t"/><task id="s-t"/>'), "bpmn-id-duplicate"),
    "process named like a task": (process('<task id="P"/>'), "bpmn-id-duplicate"),
    "id with blanks": (process('<task id="a b"/>'), "bpmn-id-invalid"),
    "id with brackets": (process('<task id="(root)"/>'), "bpmn-id-invalid"),
    "id like an instance": (process('<task id="u [child]"/>'), "bpmn-id-invalid"),
    "endless id": (process(f'<task id="{"x" * 300}"/>'), "bpmn-id-invalid"),
}


ELEMENTS: dict[str, tuple[bytes, str]] = {
    "script": (task(tag="scriptTask", inside="<script>import os</script>"), "bpmn-script-task"),
    "complex gateway": (around('<complexGateway id="t"/>'), "bpmn-complex-gateway"),
    "transaction": (around('<transaction id="t"/>'), "bpmn-transaction"),
    "ad hoc": (around('<adHocSubProcess id="t"/>'), "bpmn-ad-hoc"),
    "data store reference": (
        around('<userTask id="t"/><dataStoreReference id="d"/>'),
        "bpmn-data-store",
    ),
    "data store": (task(roots='<dataStore id="d" name="d"/>'), "bpmn-data-store"),
    "compensation throw": (
        around('<intermediateThrowEvent id="t"><compensateEventDefinition/></intermediateThrowEvent>'),
        "bpmn-compensation",
    ),
    "compensation boundary": (_boundary("<compensateEventDefinition/>"), "bpmn-compensation"),
    "compensation end": (
        process(f'{_START}<endEvent id="e"><compensateEventDefinition/></endEvent>{flow("s", "e")}'),
        "bpmn-compensation",
    ),
    "compensation handler": (task('isForCompensation="true"'), "bpmn-compensation"),
    "cancel end": (
        process(f'{_START}<endEvent id="e"><cancelEventDefinition/></endEvent>{flow("s", "e")}'),
        "bpmn-cancel-event",
    ),
    "cancel boundary": (_boundary("<cancelEventDefinition/>"), "bpmn-cancel-event"),
    "choreography": (definitions('<choreography id="c"/><process id="P"/>'), "bpmn-choreography"),
    "conversation": (definitions('<globalConversation id="c"/><process id="P"/>'), "bpmn-choreography"),
    "choreography task": (process('<choreographyTask id="c"/>'), "bpmn-choreography"),
    "global task": (task(roots='<globalUserTask id="g"/>'), "bpmn-global-task"),
    "invented element": (process('<quantumGateway id="q"/>'), "bpmn-element-unknown"),
    "foreign element": (process('<flowable:gateway id="q"/>'), "bpmn-element-unknown"),
    "misplaced element": (process("<conditionExpression>x</conditionExpression>"), "bpmn-element-unknown"),
    "process in a process": (process('<process id="Q"/>'), "bpmn-element-unsupported"),
    "reused definition": (
        caught("<eventDefinitionRef>x</eventDefinitionRef>"),
        "bpmn-element-unsupported",
    ),
    "start quantity": (task('startQuantity="2"'), "bpmn-attribute-unsupported"),
    "completion quantity": (task('completionQuantity="3"'), "bpmn-attribute-unsupported"),
    "invented attribute": (task('skip="true"'), "bpmn-attribute-unsupported"),
    "invented own attribute": (task('motcua:magic="true"'), "bpmn-attribute-unsupported"),
    "invented own element": (_extension('<motcua:magic source="1"/>'), "bpmn-element-unknown"),
    "odd boolean": (
        _boundary("<errorEventDefinition/>", 'attachedToRef="t" cancelActivity="no"'),
        "bpmn-attribute-unsupported",
    ),
    "receive instantiates": (task('instantiate="true"', tag="receiveTask"), "bpmn-instantiate"),
    "gateway instantiates": (around('<eventBasedGateway id="t" instantiate="true"/>'), "bpmn-instantiate"),
    "parallel event gateway": (
        around('<eventBasedGateway id="t" eventGatewayType="Parallel"/>'),
        "bpmn-attribute-unsupported",
    ),
    "parallel multiple": (
        around('<intermediateCatchEvent id="t" parallelMultiple="true"/>'),
        "bpmn-multiple-event",
    ),
    "two definitions": (
        caught('<linkEventDefinition name="a"/><terminateEventDefinition/>'),
        "bpmn-multiple-event",
    ),
    "assignment": (
        task(
            inside="<dataInputAssociation><targetRef>x</targetRef><assignment><from>1</from><to>x</to></assignment>"
            "</dataInputAssociation>"
        ),
        "bpmn-data-unsupported",
    ),
    "transformation": (
        task(inside="<dataOutputAssociation><transformation>x</transformation></dataOutputAssociation>"),
        "bpmn-data-unsupported",
    ),
    "loop behaviour": (_multi("<loopCardinality>2</loopCardinality>", 'behavior="One"'), "bpmn-attribute-unsupported"),
    "loop with complex behaviour": (
        _multi("<loopCardinality>2</loopCardinality><complexBehaviorDefinition/>"),
        "bpmn-element-unknown",
    ),
    "skip expression": (task('flowable:skipExpression="${true}"'), "bpmn-extension-unsupported"),
    "terminate all": (
        process(
            f'{_START}<endEvent id="e"><terminateEventDefinition flowable:terminateAll="true"/></endEvent>'
            f"{flow('s', 'e')}"
        ),
        "bpmn-extension-unsupported",
    ),
    "event registry": (_extension("<flowable:eventType>x</flowable:eventType>"), "bpmn-extension-unsupported"),
    "python before": (
        _extension("<spiffworkflow:preScript>import os</spiffworkflow:preScript>"),
        "bpmn-extension-unsupported",
    ),
    "script parameter": (
        _extension(
            '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:script>1</camunda:script>'
            "</camunda:inputParameter></camunda:inputOutput>"
        ),
        "bpmn-extension-unsupported",
    ),
    "method parameter": (
        _extension(
            '<camunda:inputOutput><camunda:inputParameter name="x">${a.b()}</camunda:inputParameter>'
            "</camunda:inputOutput>"
        ),
        "bpmn-extension-unsupported",
    ),
    "computed decision": (
        _extension('<zeebe:calledDecision decisionId="=x"/>', tag="businessRuleTask"),
        "bpmn-extension-unsupported",
    ),
}
