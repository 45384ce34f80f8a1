"""Extensions of other engines that steer a token or its data and that nothing here says."""

from __future__ import annotations

from tests.bpmn.gate.drawing import around, chosen, definitions, flow, process, task

_CODE = "bpmn-extension-unsupported"
_CALLED = f'<process id="Q"><startEvent id="qs"/><userTask id="qt"/>{flow("qs", "qt")}</process>'


def _inside(inside: str, tag: str = "userTask") -> bytes:
    return task(inside=f"<extensionElements>{inside}</extensionElements>", tag=tag)


def _call(attributes: str = "", inside: str = "") -> bytes:
    extension = f"<extensionElements>{inside}</extensionElements>"
    ends = f'<startEvent id="s"/><endEvent id="e"/>{flow("s", "t")}{flow("t", "e")}'
    call = f'<callActivity id="t" calledElement="Q" {attributes}>{extension}</callActivity>'
    return definitions(f'{_CALLED}<process id="P" isExecutable="true">{ends}{call}</process>')


def _repeated(attributes: str, inside: str = "") -> bytes:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    return task(inside=loop)


def _watched(attributes: str, condition: str) -> bytes:
    event = f"<conditionalEventDefinition {attributes}><condition>{condition}</condition></conditionalEventDefinition>"
    return around(f'<intermediateCatchEvent id="t">{event}</intermediateCatchEvent>')


def _prioritised(first: str, second: str) -> bytes:
    def asked(target: str, priority: str, condition: str) -> str:
        plain = flow("g", target, condition)
        return plain.replace("<sequenceFlow", f'<sequenceFlow drools:priority="{priority}"')

    steps = '<exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><endEvent id="z"/>'
    flows = asked("a", first, "x = 1") + asked("b", second, "x &gt; 0") + flow("a", "z")
    return around(steps + flows, first="g", last="b")


_TERMINATE = '<endEvent id="ie"><terminateEventDefinition drools:scope="process"/></endEvent>'

#: Name → the file and the code that it must be refused with.
EXTENSIONS: dict[str, tuple[bytes, str]] = {
    "index variable": (
        _repeated('flowable:collection="items" flowable:elementIndexVariable="i"'),
        _CODE,
    ),
    "aggregated variables": (
        _repeated(
            'flowable:collection="items"',
            '<extensionElements><flowable:variableAggregation target="r"/></extensionElements>',
        ),
        _CODE,
    ),
    "collection in an element": (
        _repeated("", '<extensionElements><flowable:collection class="x.Y"/></extensionElements>'),
        _CODE,
    ),
    "collection named like a difference": (_repeated('camunda:collection="my-items"'), _CODE),
    "call inherits everything": (_call('flowable:inheritVariables="true"'), _CODE),
    "call mapped by a class": (_call('camunda:variableMappingClass="x.Y"'), _CODE),
    "call gives back to itself": (_call('flowable:useLocalScopeForOutParameters="true"'), _CODE),
    "counter that begins with zero": (_call(inside='<flowable:in source="loopCounter" target="n"/>'), _CODE),
    "source named like a difference": (_call(inside='<camunda:in source="order-id" target="n"/>'), _CODE),
    "transient source": (_call(inside='<flowable:in source="a" target="n" transient="true"/>'), _CODE),
    "transient result": (task('flowable:storeResultVariableAsTransient="true"', tag="serviceTask"), _CODE),
    "list of rows": (
        task('camunda:decisionRef="d" camunda:mapDecisionResult="resultList"', tag="businessRuleTask"),
        _CODE,
    ),
    "watches what is deleted": (_watched('camunda:variableEvents="delete"', "${x == 1}"), _CODE),
    "watches another variable": (_watched('camunda:variableName="y"', "${x == 1}"), _CODE),
    "watches one of two variables": (_watched('camunda:variableName="y"', "${x == 1 and y == 2}"), _CODE),
    "watches by a filter": (
        around(
            '<intermediateCatchEvent id="t"><conditionalEventDefinition><extensionElements><zeebe:conditionalFilter '
            'variableNames="y"/></extensionElements><condition>=x = 1</condition></conditionalEventDefinition>'
            "</intermediateCatchEvent>"
        ),
        _CODE,
    ),
    "error by an expression": (
        _inside('<camunda:errorEventDefinition errorRef="x" expression="${true}"/>', tag="serviceTask"),
        _CODE,
    ),
    "error kept whole in a variable": (
        around(
            '<serviceTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition '
            f'flowable:errorVariableName="x"/></boundaryEvent>{flow("b", "e")}'
        ),
        _CODE,
    ),
    "listener writes a variable": (
        _inside('<camunda:executionListener event="end" expression="${execution.setVariable(\'a\', 1)}"/>'),
        _CODE,
    ),
    "listener completes its task": (
        _inside(
            '<camunda:taskListener event="create"><camunda:script scriptFormat="groovy">'
            "task.complete()</camunda:script></camunda:taskListener>"
        ),
        _CODE,
    ),
    "script on entry": (
        _inside(
            '<drools:onEntry-script><drools:script>kcontext.setVariable("a", 1);</drools:script>'
            "</drools:onEntry-script>"
        ),
        _CODE,
    ),
    "data object with a value": (
        process(
            '<dataObject id="d"><extensionElements><flowable:value>5</flowable:value></extensionElements></dataObject>'
            f'<startEvent id="s"/><userTask id="t"/>{flow("s", "t")}'
        ),
        _CODE,
    ),
    "terminates the process from inside": (
        around(
            f'<subProcess id="t"><startEvent id="is"/><userTask id="u"/>{_TERMINATE}{flow("is", "u")}{flow("u", "ie")}'
            "</subProcess>"
        ),
        _CODE,
    ),
    "call that is not waited for": (_call('drools:waitForCompletion="false"'), _CODE),
    "process without order": (
        process(f'<startEvent id="s"/><userTask id="t"/>{flow("s", "t")}').replace(
            b"<process ", b'<process drools:adHoc="true" '
        ),
        _CODE,
    ),
    "plain task that is a service": (task('drools:taskName="Email"', tag="task"), _CODE),
    "priorities against the order": (_prioritised("2", "1"), _CODE),
    "message into a variable": (
        around(
            '<receiveTask id="t" messageRef="M"/>',
            roots='<message id="M" name="m"><extensionElements><spiffworkflow:messageVariable>a'
            "</spiffworkflow:messageVariable></extensionElements></message>",
        ),
        _CODE,
    ),
    "condition in a file": (
        chosen("x = 1", None, attributes='default="g-b"').replace(
            b"<conditionExpression>x = 1<", b'<conditionExpression camunda:resource="deployment://x.js"><'
        ),
        _CODE,
    ),
    "signal that carries everything": (
        around(
            '<intermediateThrowEvent id="t"><signalEventDefinition signalRef="S"><extensionElements>'
            '<camunda:in variables="all"/></extensionElements></signalEventDefinition></intermediateThrowEvent>',
            roots='<signal id="S" name="s"/>',
        ),
        _CODE,
    ),
}

#: Name → a file with extensions that say what holds here anyway.
HARMLESS: dict[str, bytes] = {
    "call keyed": _call('flowable:calledElementType="key" flowable:inheritVariables="false"'),
    "priorities in order": _prioritised("1", "2"),
    "watches its variable": _watched('camunda:variableName="x" camunda:variableEvents="create,update"', "${x == 'y'}"),
    "terminates its process": around(
        '<userTask id="t"/><endEvent id="z"><terminateEventDefinition drools:scope="process"/></endEvent>',
        last="t",
    )
    .replace(
        b'<sequenceFlow id="t-e" sourceRef="t" targetRef="e">', b'<sequenceFlow id="t-z" sourceRef="t" targetRef="z">'
    )
    .replace(b'<endEvent id="e"/>', b""),
    "listener that tells": _inside('<camunda:executionListener event="end" class="x.Y"/>'),
    "empty script on entry": _inside("<drools:onEntry-script><drools:script/></drools:onEntry-script>"),
}
