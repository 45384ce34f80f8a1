"""Flows, events and calls that must never run, each with the code that names why."""

from __future__ import annotations

from tests.bpmn.gate.drawing import around, caught, chosen, definitions, flow, process, task

_START = '<startEvent id="s"/>'


_END = '<endEvent id="e"/>'


def _thrown_link(name: str) -> str:
    return f'<intermediateThrowEvent id="{name}"><linkEventDefinition name="L"/></intermediateThrowEvent>'


def _boundary(definition: str, attributes: str = 'attachedToRef="t"', *, roots: str = "") -> bytes:
    event = f'<boundaryEvent id="b" {attributes}>{definition}</boundaryEvent><endEvent id="z"/>{flow("b", "z")}'
    return around(f'<userTask id="t"/>{event}', roots=roots)


def _handler(start: str, extra: str = "") -> bytes:
    inner = f'{start}<endEvent id="he"/>{flow("hs", "he")}'
    return around(f'<userTask id="t"/><subProcess id="h" triggeredByEvent="true">{inner}</subProcess>{extra}')


FLOWS: dict[str, tuple[bytes, str]] = {
    "target gone": (process(f"{_START}{flow('s', 'ghost')}"), "bpmn-flow-dangling"),
    "source gone": (process(f"{_START}{_END}{flow('s', 'e')}{flow('ghost', 'e', identity='f')}"), "bpmn-flow-dangling"),
    "no ends": (process(f"{_START}<sequenceFlow id='f'/>"), "bpmn-flow-dangling"),
    "to a lane": (
        process(f'<laneSet id="ls"><lane id="l"/></laneSet>{_START}{flow("s", "l")}'),
        "bpmn-flow-dangling",
    ),
    "across pools": (
        definitions(
            f'<process id="P" isExecutable="true">{_START}{flow("s", "q")}</process>'
            '<process id="Q" isExecutable="true"><task id="q"/></process>'
        ),
        "bpmn-flow-crosses",
    ),
    "into a sub-process": (
        process(f'{_START}<subProcess id="sp"><task id="in"/></subProcess>{flow("s", "in")}{flow("s", "sp")}'),
        "bpmn-flow-crosses",
    ),
    "into a start": (process(f'{_START}{_END}{flow("s", "e")}<task id="t"/>{flow("t", "s")}'), "bpmn-flow-forbidden"),
    "out of an end": (process(f'{_START}{_END}<task id="t"/>{flow("s", "e")}{flow("e", "t")}'), "bpmn-flow-forbidden"),
    "into a boundary": (
        around(
            f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>'
            f'<task id="x"/>{flow("b", "x")}{flow("x", "b")}'
        ),
        "bpmn-flow-forbidden",
    ),
    "into a handler": (
        _handler('<startEvent id="hs"><errorEventDefinition/></startEvent>', flow("t", "h")),
        "bpmn-flow-forbidden",
    ),
    "lists differ": (
        process(f'<startEvent id="s"><outgoing>gone</outgoing></startEvent>{_END}{flow("s", "e")}'),
        "bpmn-flow-list-differs",
    ),
    "no condition": (chosen("x", None), "bpmn-condition-missing"),
    "no condition, inclusive": (chosen("x", None, tag="inclusiveGateway"), "bpmn-condition-missing"),
    "both default": (chosen(None, None, attributes='default="g-a"'), "bpmn-condition-missing"),
    "default elsewhere": (chosen("x", "y", attributes='default="s-g"'), "bpmn-default-unknown"),
    "default unknown": (chosen("x", "y", attributes='default="ghost"'), "bpmn-default-unknown"),
    "default of a parallel": (
        chosen(None, None, tag="parallelGateway", attributes='default="g-a"'),
        "bpmn-attribute-unsupported",
    ),
    "conditions on a parallel": (chosen("x", "y", tag="parallelGateway"), "bpmn-condition-misplaced"),
    "condition after a start": (process(f"{_START}{_END}{flow('s', 'e', 'x')}"), "bpmn-condition-misplaced"),
    "default alone": (
        around(f'<task id="t" default="t-x"/><userTask id="x"/>{flow("t", "x")}'),
        "bpmn-default-alone",
    ),
    "diverging join": (
        around(
            f'<parallelGateway id="p"/><userTask id="a"/><userTask id="b"/>{flow("p", "a")}{flow("p", "b")}'
            f'<parallelGateway id="j" gatewayDirection="Diverging"/>{flow("a", "j")}{flow("b", "j")}',
            first="p",
            last="j",
        ),
        "bpmn-gateway-direction",
    ),
    "unconnected": (around('<userTask id="t"/><userTask id="alone"/>'), "bpmn-unreachable"),
    "circle beside": (
        around(f'<userTask id="t"/><userTask id="a"/><userTask id="b"/>{flow("a", "b")}{flow("b", "a")}'),
        "bpmn-unreachable",
    ),
    "only a circle": (
        process(f'<userTask id="a"/><userTask id="b"/>{flow("a", "b")}{flow("b", "a")}'),
        "bpmn-no-start",
    ),
    "join after a choice": (
        around(
            f'<exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><parallelGateway id="j"/>'
            f"{flow('g', 'a', 'x')}{flow('g', 'b', 'y')}{flow('a', 'j')}{flow('b', 'j')}",
            first="g",
            last="j",
        ),
        "bpmn-deadlock",
    ),
    "join after events": (
        around(
            f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>'
            f'<parallelGateway id="j"/>{flow("t", "j")}{flow("b", "j")}',
            last="j",
        ),
        "bpmn-deadlock",
    ),
    "join in a loop": (
        around(
            f'<parallelGateway id="j"/><userTask id="a"/><exclusiveGateway id="g" default="g-j"/>'
            f"{flow('j', 'a')}{flow('a', 'g')}{flow('g', 'j')}",
            first="j",
            last="g",
        ).replace(
            b'id="g-e" sourceRef="g" targetRef="e">',
            b'id="g-e" sourceRef="g" targetRef="e"><conditionExpression>x</conditionExpression>',
        ),
        "bpmn-deadlock",
    ),
    "endless loop": (
        process(f'{_START}<task id="a"/><manualTask id="b"/>{flow("s", "a")}{flow("a", "b")}{flow("b", "a")}'),
        "bpmn-endless-loop",
    ),
    "endless link": (
        process(
            f'{_START}<task id="a"/>{_thrown_link("o")}'
            '<intermediateCatchEvent id="i"><linkEventDefinition name="L"/></intermediateCatchEvent>'
            f"{flow('s', 'a')}{flow('a', 'o')}{flow('i', 'a')}"
        ),
        "bpmn-endless-loop",
    ),
}


EVENTS: dict[str, tuple[bytes, str]] = {
    "two boundaries for one error": (
        task(
            tag="serviceTask",
            roots='<error id="A" errorCode="A"/><error id="B" errorCode="A"/>',
        ).replace(
            b"</process>",
            b"".join(
                f'<boundaryEvent id="b{ref}" attachedToRef="t"><errorEventDefinition errorRef="{ref}"/></boundaryEvent>'
                f"{flow(f'b{ref}', 'e')}".encode()
                for ref in "AB"
            )
            + b"</process>",
        ),
        "bpmn-catch-doubled",
    ),
    "two handlers for every escalation": (
        process(
            f'{_START}<userTask id="t"/>{flow("s", "t")}'
            + "".join(
                f'<subProcess id="h{n}" triggeredByEvent="true"><startEvent id="hs{n}"><escalationEventDefinition/>'
                f'</startEvent><userTask id="u{n}"/>{flow(f"hs{n}", f"u{n}")}</subProcess>'
                for n in "12"
            )
        ),
        "bpmn-catch-doubled",
    ),
    "waits for nothing": (caught(""), "bpmn-event-definition-missing"),
    "boundary of nothing": (_boundary(""), "bpmn-event-definition-missing"),
    "catches an error": (caught("<errorEventDefinition/>"), "bpmn-event-unsupported"),
    "catches an end": (caught("<terminateEventDefinition/>"), "bpmn-event-unsupported"),
    "starts by error": (
        process(f'<startEvent id="s"><errorEventDefinition/></startEvent>{_END}{flow("s", "e")}'),
        "bpmn-event-unsupported",
    ),
    "throws a timer": (
        around('<intermediateThrowEvent id="t"><timerEventDefinition/></intermediateThrowEvent>'),
        "bpmn-event-unsupported",
    ),
    "ends with a link": (
        process(f'{_START}<endEvent id="e"><linkEventDefinition name="L"/></endEvent>{flow("s", "e")}'),
        "bpmn-event-unsupported",
    ),
    "boundary link": (_boundary('<linkEventDefinition name="L"/>'), "bpmn-event-unsupported"),
    "sub-process starts by timer": (
        around(
            '<subProcess id="t"><startEvent id="i"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
            f'</timerEventDefinition></startEvent><task id="x"/>{flow("i", "x")}</subProcess>'
        ),
        "bpmn-event-unsupported",
    ),
    "process twice, once not executable": (
        process(
            '<userTask id="t"/>', roots='<process id="P" isExecutable="false"><userTask id="t"/></process>'
        ).replace(b"</definitions>", b'<process id="P"><userTask id="t2"/></process></definitions>'),
        "bpmn-id-duplicate",
    ),
    "no message": (caught("<messageEventDefinition/>"), "bpmn-reference-missing"),
    "no signal": (caught("<signalEventDefinition/>"), "bpmn-reference-missing"),
    "unknown message": (caught('<messageEventDefinition messageRef="x"/>'), "bpmn-reference-unknown"),
    "unknown signal": (caught('<signalEventDefinition signalRef="x"/>'), "bpmn-reference-unknown"),
    "unknown error": (_boundary('<errorEventDefinition errorRef="x"/>'), "bpmn-reference-unknown"),
    "unknown escalation": (
        _boundary('<escalationEventDefinition escalationRef="x"/>'),
        "bpmn-reference-unknown",
    ),
    "computed message": (
        caught('<messageEventDefinition messageRef="m"/>', roots='<message id="m" name="${x}"/>'),
        "bpmn-expression-foreign",
    ),
    "boundary of nobody": (_boundary("<errorEventDefinition/>", ""), "bpmn-boundary-unattached"),
    "boundary of a ghost": (
        _boundary("<errorEventDefinition/>", 'attachedToRef="ghost"'),
        "bpmn-boundary-unattached",
    ),
    "boundary of an event": (
        _boundary("<errorEventDefinition/>", 'attachedToRef="s"'),
        "bpmn-boundary-unattached",
    ),
    "error that does not interrupt": (
        _boundary("<errorEventDefinition/>", 'attachedToRef="t" cancelActivity="false"'),
        "bpmn-boundary-interrupting",
    ),
    "handler without trigger": (_handler('<startEvent id="hs"/>'), "bpmn-event-definition-missing"),
    "handler with two starts": (
        _handler(
            '<startEvent id="hs"><errorEventDefinition/></startEvent>'
            f'<startEvent id="h2"><errorEventDefinition/></startEvent>{flow("h2", "he")}'
        ),
        "bpmn-start-count",
    ),
    "handler that does not interrupt an error": (
        _handler('<startEvent id="hs" isInterrupting="false"><errorEventDefinition/></startEvent>'),
        "bpmn-boundary-interrupting",
    ),
    "two plain starts": (
        process(f'{_START}<startEvent id="s2"/>{_END}{flow("s", "e")}{flow("s2", "e")}'),
        "bpmn-start-count",
    ),
    "link to nowhere": (
        process(f"{_START}{_thrown_link('t')}{flow('s', 't')}"),
        "bpmn-link-unmatched",
    ),
    "link from nowhere": (
        process(
            f'{_START}{_END}{flow("s", "e")}<intermediateCatchEvent id="t"><linkEventDefinition name="L"/>'
            f'</intermediateCatchEvent><task id="x"/>{flow("t", "x")}'
        ),
        "bpmn-link-unmatched",
    ),
    "two targets of a link": (
        process(
            f"{_START}{_thrown_link('t')}{flow('s', 't')}"
            '<intermediateCatchEvent id="a"><linkEventDefinition name="L"/></intermediateCatchEvent>'
            '<intermediateCatchEvent id="b"><linkEventDefinition name="L"/></intermediateCatchEvent>'
        ),
        "bpmn-link-duplicate",
    ),
    "event gateway to a task": (
        around(
            f'<eventBasedGateway id="t"/><userTask id="a"/><userTask id="b"/>{flow("t", "a")}{flow("t", "b")}',
            last="a",
        ),
        "bpmn-event-gateway-target",
    ),
    "event gateway with one way": (
        around(
            f'<eventBasedGateway id="t"/><receiveTask id="a"/>{flow("t", "a")}',
            last="a",
        ),
        "bpmn-event-gateway-branches",
    ),
}


CALLS: dict[str, tuple[bytes, str]] = {
    "calls nothing": (task(tag="callActivity"), "bpmn-called-missing"),
    "calls a ghost": (task('calledElement="ghost"', tag="callActivity"), "bpmn-called-unknown"),
    "calls by expression": (task('calledElement="${x}"', tag="callActivity"), "bpmn-called-dynamic"),
    "calls a document": (
        task('calledElement="Q"', tag="callActivity", roots='<process id="Q" isExecutable="false"/>'),
        "bpmn-called-not-executable",
    ),
    "calls itself": (task('calledElement="P"', tag="callActivity"), "bpmn-call-recursion"),
    "calls in a circle": (
        task(
            'calledElement="Q"',
            tag="callActivity",
            roots='<process id="Q" isExecutable="true"><startEvent id="qs"/><callActivity id="qc" calledElement="P"/>'
            f"{flow('qs', 'qc')}</process>",
        ),
        "bpmn-call-recursion",
    ),
}
