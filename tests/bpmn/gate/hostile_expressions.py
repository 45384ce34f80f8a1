"""Conditions, timers, loops and mappings that must never run, each with the code that names why."""

from __future__ import annotations

from tests.bpmn.gate.drawing import caught, chosen, flow, process, task, timer

_LONG = "x = " + "(" * 5_000 + "1" + ")" * 5_000

_OUTPUT = '<extensionElements><motcua:output source="1" target="x"/></extensionElements>'


def _multi(inside: str, attributes: str = "") -> bytes:
    tag = "multiInstanceLoopCharacteristics"
    return task(inside=f"<{tag} {attributes}>{inside}</{tag}>")


def _received(roots: str, inside: str = "") -> bytes:
    steps = f'<startEvent id="s"/><receiveTask id="t" messageRef="M"/>{flow("s", "t")}'
    return process(f"{inside}{steps}", roots=roots)


def _correlated(expression: str, attributes: str = "") -> bytes:
    correlation = f"<motcua:correlation {attributes}>{expression}</motcua:correlation>"
    return task(inside=f"<extensionElements>{correlation}</extensionElements>", tag="receiveTask")


def _retrieved(path: str) -> bytes:
    retrieval = (
        f'<correlationPropertyRetrievalExpression messageRef="M">{path}</correlationPropertyRetrievalExpression>'
    )
    return _received(f'<message id="M" name="m"/><correlationProperty id="cp">{retrieval}</correlationProperty>')


def _extension(inside: str, tag: str = "userTask") -> bytes:
    return task(inside=f"<extensionElements>{inside}</extensionElements>", tag=tag)


EXPRESSIONS: dict[str, tuple[bytes, str]] = {
    "empty condition with a language": (
        chosen("x", "y").replace(b"<conditionExpression>x<", b'<conditionExpression language="feel"><'),
        "bpmn-expression-empty",
    ),
    "method call": (chosen("${bean.check(x)}", "y"), "bpmn-expression-foreign"),
    "engine object": (chosen("${execution.id == 'a'}", "y"), "bpmn-expression-foreign"),
    "ternary": (chosen("${a ? b : c}", "y"), "bpmn-expression-foreign"),
    "template": (chosen("is ${x}", "y"), "bpmn-expression-foreign"),
    "index": (chosen("${x[0] == 1}", "y"), "bpmn-expression-foreign"),
    "double equals": (chosen("x == 1", "y"), "bpmn-expression-invalid"),
    "ampersands": (chosen("x &amp;&amp; y", "y"), "bpmn-expression-invalid"),
    "single quotes": (chosen("x = 'a'", "y"), "bpmn-expression-invalid"),
    "python": (chosen("__import__('os').system('id')", "y"), "bpmn-expression-invalid"),
    "python escape": (chosen("().__class__.__base__.__subclasses__()", "y"), "bpmn-expression-invalid"),
    "python words": (chosen("x is None", "y"), "bpmn-expression-invalid"),
    "unbalanced": (chosen("(x > 1".replace(">", "&gt;"), "y"), "bpmn-expression-invalid"),
    "brackets without end": (chosen(_LONG, "y"), "bpmn-expression-invalid"),
    "groovy": (
        chosen("x", "y").replace(b"<conditionExpression>x<", b'<conditionExpression language="groovy">x<'),
        "bpmn-expression-language",
    ),
    "xpath": (
        chosen("x", "y").replace(
            b"<conditionExpression>x<", b'<conditionExpression language="http://www.w3.org/1999/XPath">x<'
        ),
        "bpmn-expression-language",
    ),
    "elements in a condition": (chosen("x <b>bold</b>", "y"), "bpmn-element-unknown"),
    "timer without anything": (caught("<timerEventDefinition/>"), "bpmn-timer-missing"),
    "empty timer": (timer("timeDuration", ""), "bpmn-timer-missing"),
    "two timers": (
        caught(
            "<timerEventDefinition><timeDate>2030-01-01</timeDate><timeDuration>P1D</timeDuration></timerEventDefinition>"
        ),
        "bpmn-timer-ambiguous",
    ),
    "odd duration": (timer("timeDuration", "P5"), "bpmn-timer-invalid"),
    "bare p": (timer("timeDuration", "P"), "bpmn-timer-invalid"),
    "negative duration": (timer("timeDuration", "-P1D"), "bpmn-timer-invalid"),
    "geological duration": (timer("timeDuration", "P99999999Y"), "bpmn-timer-invalid"),
    "astronomical seconds": (timer("timeDuration", "PT" + "9" * 60 + "S"), "bpmn-timer-invalid"),
    "date as duration": (timer("timeDuration", "2030-01-01T00:00:00Z"), "bpmn-timer-invalid"),
    "duration as date": (timer("timeDate", "P1D"), "bpmn-timer-invalid"),
    "no such day": (timer("timeDate", "2030-02-30T00:00:00Z"), "bpmn-timer-invalid"),
    "naive moment": (timer("timeDate", "2030-01-01T08:00:00"), "bpmn-timer-naive"),
    "cron": (timer("timeCycle", "0 0 9 * * MON-FRI"), "bpmn-timer-invalid"),
    "cycle without pause": (timer("timeCycle", "R/PT0S"), "bpmn-timer-endless"),
    "cycle of nothing": (timer("timeCycle", "R0/PT1H"), "bpmn-timer-invalid"),
    "duration in small letters": (timer("timeDuration", "pt1h"), "bpmn-timer-invalid"),
    "week date": (timer("timeDate", "2026-W02-1"), "bpmn-timer-invalid"),
    "moment without dashes": (timer("timeDate", "20300101T083000Z"), "bpmn-timer-invalid"),
    "cycle of minus one": (timer("timeCycle", "R-1/PT1H"), "bpmn-timer-invalid"),
    "cycle in small letters": (timer("timeCycle", "r2/PT1H"), "bpmn-timer-invalid"),
    "python timer": (timer("timeDuration", "timedelta(days=5)"), "bpmn-expression-invalid"),
    "foreign timer": (timer("timeDuration", "${wait.time()}"), "bpmn-expression-foreign"),
    "condition of nothing": (caught("<conditionalEventDefinition/>"), "bpmn-expression-empty"),
    "loop without bound": (_multi(""), "bpmn-loop-bound"),
    "loop with two bounds": (
        _multi("<loopCardinality>2</loopCardinality><loopDataInputRef>xs</loopDataInputRef>"),
        "bpmn-loop-ambiguous",
    ),
    "standard loop without bound": (task(inside="<standardLoopCharacteristics/>"), "bpmn-loop-bound"),
    "loop maximum in words": (
        task(inside='<standardLoopCharacteristics loopMaximum="many"/>'),
        "bpmn-loop-unsupported",
    ),
    "collection named like a difference": (
        _multi("<loopDataInputRef>my-items</loopDataInputRef>"),
        "bpmn-variable-name",
    ),
    "output of a gateway": (
        chosen("x = 1", None, attributes='default="g-b"').replace(
            b'default="g-b"/>', f'default="g-b">{_OUTPUT}</exclusiveGateway>'.encode()
        ),
        "bpmn-mapping-misplaced",
    ),
    "output of a plain start": (
        task().replace(b'<startEvent id="s"/>', f'<startEvent id="s">{_OUTPUT}</startEvent>'.encode()),
        "bpmn-mapping-misplaced",
    ),
    "input of a repetition": (
        _multi(f"{_OUTPUT.replace('output', 'input')}<loopCardinality>2</loopCardinality>"),
        "bpmn-mapping-misplaced",
    ),
    "input of a catching event": (
        caught(
            f"{_OUTPUT.replace('output', 'input')}<timerEventDefinition><timeDuration>PT1H</timeDuration>"
            "</timerEventDefinition>"
        ),
        "bpmn-mapping-misplaced",
    ),
    "correlation that is no FEEL": (_correlated("a ==", 'name="no"'), "bpmn-expression-invalid"),
    "correlation in python": (_correlated("a is None", 'name="no"'), "bpmn-expression-invalid"),
    "correlation of nothing": (_correlated("", 'name="no"'), "bpmn-expression-empty"),
    "correlation without a name": (_correlated("a"), "bpmn-reference-missing"),
    "correlation path in XPath": (
        _retrieved('<messagePath language="http://www.w3.org/1999/XPath">//order/@id</messagePath>'),
        "bpmn-expression-language",
    ),
    "correlation path in words": (_retrieved("<messagePath>import os</messagePath>"), "bpmn-expression-invalid"),
    "correlation key that is no FEEL": (
        _received(
            '<message id="M" name="m"><extensionElements><zeebe:subscription correlationKey="=a =="/>'
            "</extensionElements></message>"
        ),
        "bpmn-expression-invalid",
    ),
    "correlation bound to no property": (
        _received(
            '<message id="M" name="m"/>',
            '<correlationSubscription id="cs" correlationKeyRef="k"><correlationPropertyBinding '
            'correlationPropertyRef="x"><dataPath>a</dataPath></correlationPropertyBinding></correlationSubscription>',
        ),
        "bpmn-reference-unknown",
    ),
    "item named oddly": (
        _multi("<loopDataInputRef>xs</loopDataInputRef><inputDataItem name='1 x'/>"),
        "bpmn-variable-name",
    ),
    "output named oddly": (_extension('<motcua:output source="1" target="a b"/>'), "bpmn-variable-name"),
    "output of nothing": (_extension('<motcua:output source="" target="a"/>'), "bpmn-expression-empty"),
    "output in python": (_extension('<motcua:output source="a == 1" target="a"/>'), "bpmn-expression-invalid"),
}
