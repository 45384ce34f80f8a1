"""Random diagrams of every supported construct: blocks that nest, then a few flows bent to where they do not belong."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.bpmn.gate.drawing import definitions

#: Truth values that the first task sets; conditions read these and nothing else.
FACTS = tuple(f"c{n}" for n in range(6))


@dataclass
class _Drawing:
    rng: random.Random
    bent: bool
    count: int = 0
    roots: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    flows: list[tuple[str, str, str, str]] = field(default_factory=list)  # id, source, target, condition
    minutes: int = 0
    coded_inside: bool = False  #: something around catches escalations

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def fact(self) -> str:
        fact = self.rng.choice(FACTS)
        return self.rng.choice([fact, f"not({fact})"])

    def timer(self) -> str:
        self.minutes += self.rng.randint(1, 7)
        return f"<timerEventDefinition><timeDuration>PT{self.minutes}M</timeDuration></timerEventDefinition>"

    def cycle(self) -> str:
        self.minutes += self.rng.randint(3, 9)
        times = self.rng.choice(["", "1", "2", "3"])
        return f"<timerEventDefinition><timeCycle>R{times}/PT{self.minutes}M</timeCycle></timerEventDefinition>"

    def message(self) -> str:
        """A message of its own, or one for which several may wait."""
        return self._event("message", self.name("m") if self.rng.random() < 0.7 else "ms")

    def signal(self) -> str:
        return self._event("signal", self.name("g") if self.rng.random() < 0.3 else self.rng.choice(["g_s", "g_t"]))

    def coded(self, kind: str) -> str:
        """An error or escalation: thrown inside, and caught by the same definition or by one without code."""
        return self._event(kind, self.rng.choice([f"x_{kind}", f"y_{kind}"]), f'{kind}Code="%s"')

    def _event(self, kind: str, name: str, attribute: str = 'name="%s"') -> str:
        declared = f'<{kind} id="{name}" {attribute % name}/>'
        if declared not in self.roots:
            self.roots.append(declared)
        return f'<{kind}EventDefinition {kind}Ref="{name}"/>'

    def add(self, tag: str, inside: str = "", attributes: str = "") -> str:
        name = self.name(tag[0])
        self.parts.append(f'<{tag} id="{name}" {attributes}>{inside}</{tag}>')
        return name

    def flow(self, source: str, target: str, condition: str = "") -> str:
        name = self.name("f")
        self.flows.append((name, source, target, condition))
        return name

    def close(self) -> str:
        """The XML of the scope drawn so far, flows included."""
        flows = list(self.flows)
        if self.bent and len(flows) > 4:
            for _ in range(self.rng.randint(0, 2)):
                at = self.rng.randrange(len(flows))
                name, source, _, condition = flows[at]
                flows[at] = (name, source, self.rng.choice(flows)[2], condition)
        drawn = "".join(
            f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">'
            + (f"<conditionExpression>{condition}</conditionExpression>" if condition else "")
            + "</sequenceFlow>"
            for name, source, target, condition in flows
        )
        return "".join(self.parts) + drawn


def random_bpmn(rng: random.Random, *, size: int = 4, bent: bool = False) -> bytes:
    """A file with the executable process ``P``, and sometimes one that it calls."""
    drawing = _Drawing(rng, bent)
    first = drawing.add("startEvent")
    init = drawing.add("userTask")
    drawing.flow(first, init)
    last = _sequence(drawing, init, rng.randint(1, size), 3)
    drawing.flow(last, drawing.add("endEvent"))
    if rng.random() < 0.3:
        _handler(drawing)
    inside = drawing.close()
    others = "".join(drawing.called)
    return definitions(f'{"".join(drawing.roots)}<process id="P" isExecutable="true">{inside}</process>{others}')


def _sequence(drawing: _Drawing, source: str, length: int, depth: int) -> str:
    for _ in range(length):
        source = _block(drawing, source, depth)
    return source


def _block(drawing: _Drawing, source: str, depth: int) -> str:
    simple = [_step, _step, _waiting, _thrown, _repeated, _link]
    nested = [_parallel, _exclusive, _inclusive, _rework, _scope, _boundary, _race, _split_at_task, _call]
    if drawing.coded_inside:
        simple = [*simple, _escalated]
    return drawing.rng.choice(simple + (nested * 2 if depth else []))(drawing, source, depth)


def _step(drawing: _Drawing, source: str, depth: int) -> str:
    node = drawing.add(drawing.rng.choice(["userTask", "userTask", "serviceTask", "task", "manualTask"]))
    drawing.flow(source, node)
    return node


def _waiting(drawing: _Drawing, source: str, depth: int) -> str:
    definition = drawing.rng.choice([drawing.timer, drawing.message, drawing.signal])()
    node = drawing.add("intermediateCatchEvent", definition)
    drawing.flow(source, node)
    return node


def _thrown(drawing: _Drawing, source: str, depth: int) -> str:
    node = drawing.add("intermediateThrowEvent", drawing.rng.choice([str, drawing.signal, drawing.message])())
    drawing.flow(source, node)
    return node


def _escalated(drawing: _Drawing, source: str, depth: int) -> str:
    node = drawing.add("intermediateThrowEvent", drawing.coded("escalation"))
    drawing.flow(source, node)
    return node


def _call(drawing: _Drawing, source: str, depth: int) -> str:
    """A call; the called process may throw what a boundary event of the call catches."""
    inner = _Drawing(drawing.rng, False, drawing.count, drawing.roots, drawing.called, minutes=drawing.minutes)
    name = drawing.rng.choice(["", "", "error", "escalation"])
    last = _sequence(inner, inner.add("startEvent"), inner.rng.randint(1, 2), 0)
    inner.flow(last, inner.add("endEvent", drawing.coded(name) if name else ""))
    drawing.count, drawing.minutes = inner.count, inner.minutes
    process = drawing.name("Q")
    drawing.called.append(f'<process id="{process}" isExecutable="true">{inner.close()}</process>')
    node = drawing.add("callActivity", attributes=f'calledElement="{process}"')
    drawing.flow(source, node)
    if name:
        caught = drawing.rng.choice([drawing.coded(name), f"<{name}EventDefinition/>"])
        _attach(drawing, node, caught, interrupting=name == "error" or drawing.rng.random() < 0.5)
    return node


def _repeated(drawing: _Drawing, source: str, depth: int) -> str:
    count = drawing.rng.randint(0, 3)
    loop = drawing.rng.choice(
        [
            f"<multiInstanceLoopCharacteristics><loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>",
            '<multiInstanceLoopCharacteristics isSequential="true">'
            f"<loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>",
            f'<standardLoopCharacteristics loopMaximum="{max(1, count)}"/>',
        ]
    )
    node = drawing.add(drawing.rng.choice(["userTask", "serviceTask"]), loop)
    drawing.flow(source, node)
    return node


def _link(drawing: _Drawing, source: str, depth: int) -> str:
    name = drawing.name("L")
    drawing.flow(source, drawing.add("intermediateThrowEvent", f'<linkEventDefinition name="{name}"/>'))
    return drawing.add("intermediateCatchEvent", f'<linkEventDefinition name="{name}"/>')


def _parallel(drawing: _Drawing, source: str, depth: int) -> str:
    split, join = drawing.add("parallelGateway"), drawing.add("parallelGateway")
    drawing.flow(source, split)
    for _ in range(drawing.rng.randint(2, 3)):
        drawing.flow(_sequence(drawing, split, drawing.rng.randint(0, 2), depth - 1), join)
    return join


def _exclusive(drawing: _Drawing, source: str, depth: int) -> str:
    return _choice(drawing, source, depth, "exclusiveGateway", drawing.rng.choice(["exclusiveGateway", "task"]))


def _inclusive(drawing: _Drawing, source: str, depth: int) -> str:
    return _choice(
        drawing, source, depth, "inclusiveGateway", drawing.rng.choice(["inclusiveGateway"] * 3 + ["userTask"])
    )


def _choice(drawing: _Drawing, source: str, depth: int, tag: str, merge: str) -> str:
    default = f"d{drawing.count}"
    split, join = drawing.add(tag, attributes=f'default="{default}"'), drawing.add(merge)
    drawing.flow(source, split)
    for number in range(drawing.rng.randint(2, 3)):
        first = drawing.add(drawing.rng.choice(["userTask", "task"]))
        if number:
            drawing.flow(split, first, drawing.fact())
        else:
            drawing.flows.append((default, split, first, ""))
        drawing.flow(_sequence(drawing, first, drawing.rng.randint(0, 1), depth - 1), join)
    return join


def _split_at_task(drawing: _Drawing, source: str, depth: int) -> str:
    split, join = drawing.add("userTask"), drawing.add("inclusiveGateway")
    drawing.flow(source, split)
    for number in range(2):
        first = drawing.add("task")
        drawing.flow(split, first, drawing.fact() if number else "")
        drawing.flow(_sequence(drawing, first, drawing.rng.randint(0, 1), depth - 1), join)
    return join


def _rework(drawing: _Drawing, source: str, depth: int) -> str:
    """A loop whose last task decides whether it is run again (the variable is its own)."""
    merge = drawing.add("exclusiveGateway")
    drawing.flow(source, merge)
    body = _sequence(drawing, merge, 1, depth - 1)
    review = drawing.add("userTask")
    drawing.flow(body, review)
    again = f"d{drawing.count}"
    gate = drawing.add("exclusiveGateway", attributes=f'default="{again}"')
    drawing.flow(review, gate)
    drawing.flow(gate, merge, f"again_{review}")
    leave = drawing.add("task")
    drawing.flows.append((again, gate, leave, ""))
    return leave


def _nested(drawing: _Drawing, depth: int, attributes: str = "", end: str = "", repeated: str = "") -> str:
    """A sub-process; ``end`` is what one of its end events throws, ``repeated`` says whether instances follow on."""
    inner = _Drawing(drawing.rng, drawing.bent, drawing.count, drawing.roots, drawing.called, minutes=drawing.minutes)
    inner.coded_inside = drawing.coded_inside or "escalation" in end
    first = inner.add(inner.rng.choice(["startEvent", "task"]))
    last = _sequence(inner, first, inner.rng.randint(1, 2), depth - 1)
    if end:
        gate = inner.add("exclusiveGateway", attributes=f'default="dd{inner.count}"')
        default = f"dd{inner.count - 1}"
        inner.flow(last, gate)
        inner.flow(gate, inner.add("endEvent", end), inner.fact())
        last = inner.add("task")
        inner.flows.append((default, gate, last, ""))
    if inner.rng.random() < 0.7:
        inner.flow(last, inner.add("endEvent"))
    if inner.rng.random() < 0.2:
        _handler(inner)
    drawing.count, drawing.minutes = inner.count, inner.minutes
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{repeated}"><loopCardinality>{inner.rng.randint(0, 3)}'
        "</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    return drawing.add("subProcess", (loop if repeated else "") + inner.close(), attributes)


def _scope(drawing: _Drawing, source: str, depth: int) -> str:
    end = drawing.rng.choice([str, str, lambda: "<terminateEventDefinition/>", drawing.signal, drawing.message])()
    if drawing.rng.random() < 0.3:  # loops inside would write one variable from several instances
        node = _nested(drawing, 0, repeated=drawing.rng.choice(["true", "false"]))
    else:
        node = _nested(drawing, depth, end=end)
    drawing.flow(source, node)
    return node


def _boundary(drawing: _Drawing, source: str, depth: int) -> str:
    kind = drawing.rng.choice(["timer", "cycle", "message", "signal", "error", "escalation"])
    interrupting = kind == "error" or (kind != "cycle" and drawing.rng.random() < 0.6)
    if kind in ("error", "escalation"):
        definition = drawing.coded(kind)
        host = _nested(drawing, depth, end=definition)
        definition = drawing.rng.choice([definition, drawing.coded(kind), f"<{kind}EventDefinition/>"])
    else:
        definition, host = getattr(drawing, kind)(), _activity(drawing, depth)
    drawing.flow(source, host)
    if kind != "error" and drawing.rng.random() < 0.3:
        _attach(drawing, host, drawing.rng.choice([drawing.signal, drawing.timer])(), interrupting=False)
    after = _attach(drawing, host, definition, interrupting=interrupting, ends=False)
    if interrupting and drawing.rng.random() < 0.5:
        join = drawing.add("exclusiveGateway")
        drawing.flow(host, join)
        drawing.flow(after, join)
        return join
    drawing.flow(after, drawing.add("endEvent"))
    return host


def _attach(drawing: _Drawing, host: str, definition: str, *, interrupting: bool, ends: bool = True) -> str:
    """A boundary event and one step after it."""
    event = drawing.add(
        "boundaryEvent", definition, f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
    )
    after = drawing.add(drawing.rng.choice(["userTask", "task"]))
    drawing.flow(event, after)
    if ends:
        drawing.flow(after, drawing.add("endEvent"))
    return after


def _activity(drawing: _Drawing, depth: int) -> str:
    if drawing.rng.random() < 0.5:
        return drawing.add(drawing.rng.choice(["userTask", "serviceTask", "receiveTask"]))
    return _nested(drawing, depth)


def _race(drawing: _Drawing, source: str, depth: int) -> str:
    gate, join = drawing.add("eventBasedGateway"), drawing.add("exclusiveGateway")
    drawing.flow(source, gate)
    for make in (drawing.timer, drawing.rng.choice([drawing.message, drawing.signal])):
        event = drawing.add("intermediateCatchEvent", make())
        drawing.flow(gate, event)
        drawing.flow(_sequence(drawing, event, drawing.rng.randint(0, 1), depth - 1), join)
    return join


def _handler(drawing: _Drawing) -> None:
    """An event sub-process in the scope."""
    inner = _Drawing(drawing.rng, False, drawing.count, drawing.roots, minutes=drawing.minutes)
    kind = drawing.rng.choice(["timer", "cycle", "message", "signal", "error", "escalation"])
    flag = {"error": "true", "cycle": "false"}.get(kind) or drawing.rng.choice(["true", "false"])
    definition = inner.coded(kind) if kind in ("error", "escalation") else getattr(inner, kind)()
    start = inner.add("startEvent", definition, f'isInterrupting="{flag}"')
    last = _step(inner, start, 0)
    inner.flow(last, inner.add("endEvent"))
    drawing.count, drawing.minutes = inner.count, inner.minutes
    drawing.add("subProcess", inner.close(), 'triggeredByEvent="true"')
