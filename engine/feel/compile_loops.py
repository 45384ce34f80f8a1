"""Closures for ``if``, ``for``, ``some`` and ``every``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from engine.feel import nodes
from engine.feel.calendar import add_days, day_number
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, kind
from engine.feel.nodes import Node, Place
from engine.feel.run import Code, Env, Run
from engine.feel.scope import Scope
from engine.feel.values import Range, Value

_Domain = Callable[[Env], "Iterator[Value] | None"]


def choice(node: nodes.If, scope: Scope) -> Code:
    """``if … then … else``; anything but true takes the else."""
    condition, yes, no = scope.code(node.condition), scope.code(node.yes), scope.code(node.no)
    place = node.condition.place

    def choose(env: Env) -> Value:
        value = condition(env)
        if value is True:
            return yes(env)
        if value is not False and value is not None:
            env.run.note(Undefined("not-a-boolean", kind=kind(value)), place)
        return no(env)

    return choose


def _steps(first: Value, last: Value) -> Iterator[Value]:
    """From ``first`` to ``last``, both included, upwards or downwards; numbers by 1, dates by a day."""
    if kind(first) != kind(last):
        raise Undefined("no-iteration", kind=f"{kind(first)}..{kind(last)}")
    if type(first) is Decimal and all(abs(end) < 10**30 and end == end.to_integral_value() for end in (first, last)):
        low, high = int(first), int(last)
        step = 1 if low <= high else -1
        return (Decimal(at) for at in range(low, high + step, step))
    if kind(first) == DATE:
        days = day_number(last) - day_number(first)
        step = 1 if days >= 0 else -1
        return (add_days(first, at) for at in range(0, days + step, step))
    raise Undefined("no-iteration", kind=kind(first))


def _over(value: Value) -> Iterator[Value]:
    if type(value) is list:
        return iter(value)
    if type(value) is Range:
        return _inside(value)
    if value is None:
        raise Undefined("no-iteration", kind="null")
    return iter([value])


def _inside(among: Range) -> Iterator[Value]:
    if among.start is None or among.end is None:
        raise Undefined("no-iteration", kind="range")
    steps = _steps(among.start, among.end)
    return (
        at for at in steps if (among.start_included or at != among.start) and (among.end_included or at != among.end)
    )


def _domain(node: nodes.Iterator, scope: Scope) -> _Domain:
    start, place = scope.code(node.domain), node.domain.place
    end = scope.code(node.end) if node.end is not None else None

    def iterate(env: Env) -> Iterator[Value] | None:
        try:
            return _over(start(env)) if end is None else _steps(start(env), end(env))
        except Undefined as undefined:
            env.run.note(undefined, place)
            return None

    return iterate


def _visits(
    iterators: tuple[nodes.Iterator, ...], scope: Scope, weight: int
) -> tuple[Callable[[Env], Iterator[Env | None]], Scope]:
    """All environments of nested iterations, in order (``None`` for a domain that is undefined), and their scope."""
    domains: list[tuple[str, _Domain]] = []
    for iterator in iterators:
        domains.append((iterator.name, _domain(iterator, scope)))
        scope = scope.bind(iterator.name)

    def visit(env: Env) -> Iterator[Env | None]:
        variables, run = env.globals, env.run
        stack: list[tuple[Env, Iterator[Value]]] = []
        current: Env | None = env
        while True:
            if current is not None and len(stack) < len(domains):
                items = domains[len(stack)][1](current)
                if items is None:
                    yield None
                    return
                stack.append((current, items))
            elif current is not None:
                yield current
            if not stack:
                return
            outer, items = stack[-1]
            current = None
            for item in items:
                run.meter.charge(weight)
                current = Env(variables, {**outer.locals, domains[len(stack) - 1][0]: item}, run)
                break
            else:
                stack.pop()

    return visit, scope


def loop(node: nodes.For, scope: Scope) -> Code:
    """``for … return``, one step of the budget a round; ``partial`` is the list so far."""
    visit, inner = _visits(node.iterators, scope, node.result.size + 3)
    result = inner.bind("partial").code(node.result)
    partial = uses(node.result, "partial")

    def run_loop(env: Env) -> Value:
        found: list[Value] = []
        limit = env.run.meter.budget.list_length
        for visited in visit(env):
            if visited is None:
                return None
            if partial:
                env.run.meter.charge(len(found))
                visited = visited.with_locals({"partial": list(found)})
            found.append(result(visited))
            if len(found) > limit:
                env.run.meter.list_of(len(found))
        return found

    return run_loop


def uses(node: Node, name: str) -> bool:
    """Whether ``name`` occurs below ``node``."""
    waiting: list[object] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, nodes.Name) and part.name == name:
            return True
        if isinstance(part, Node):
            waiting += [getattr(part, entry) for entry in part.__dataclass_fields__]
        elif isinstance(part, tuple):
            waiting += part
    return False


def quantified(node: nodes.Quantified, scope: Scope) -> Code:
    """``some`` and ``every`` in three-valued logic; ends at the first decisive answer."""
    visit, inner = _visits(node.iterators, scope, node.condition.size + 3)
    condition, place = inner.code(node.condition), node.condition.place
    decisive = node.word == "some"

    def decide(env: Env) -> Value:
        result: bool | None = not decisive
        for visited in visit(env):
            if visited is None:
                return None
            value = condition(visited)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result = None
                _note(value, env.run, place)
        return result

    return decide


def _note(value: Value, run: Run, place: Place) -> None:
    if value is not None:
        run.note(Undefined("not-a-boolean", kind=kind(value)), place)
