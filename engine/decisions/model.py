"""Decision models: load, look into, decide."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from engine.decisions.expressions import ContextNode
from engine.decisions.linking import Imports, Linked, Linker
from engine.decisions.reasons import Decided, DecisionInfo, InputInfo
from engine.decisions.running import Node, Run, started
from engine.decisions.tables import TableNode
from engine.decisions.types import MISMATCH, Type
from engine.decisions.units import (
    DecisionUnit,
    Input,
    Invocable,
    KnowledgeUnit,
    ServiceUnit,
    Values,
)
from engine.errors import DefinitionRefused, InvalidInput, NotFound, Problem
from engine.feel import Budget, FunctionRegistry, Undefined, Value
from engine.values import Digest

#: Findings that a check reports as errors but that do not keep a model from being loaded and run.
_RUNNABLE = frozenset({"dmn-feel-name"})


class DecisionModel:
    """A compiled model; immutable after loading and safe to share between threads."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked
        definitions = linked.definitions
        self.file, self.name, self.namespace = definitions.file, definitions.name, definitions.namespace
        self.problems: tuple[Problem, ...] = tuple(linked.problems)
        self._invocable: dict[str, Invocable] = {}
        units = [unit for unit in linked.units.values() if not isinstance(unit, Input)]
        for unit in units:
            self._invocable.setdefault(unit.name, unit)
        for unit in units:
            self._invocable.setdefault(unit.key[1], unit)
        self.decisions: tuple[DecisionInfo, ...] = tuple(_info(unit) for unit in units)
        self.input_data: tuple[InputInfo, ...] = tuple(
            _input_info(unit) for unit in linked.units.values() if isinstance(unit, Input)
        )

    def decide(
        self,
        name_or_id: str | None,
        inputs: Mapping[str, Value],
        *,
        functions: FunctionRegistry | None = None,
        now: datetime | None = None,
        budget: Budget | None = None,
    ) -> Decided:
        """The outcome of a decision, decision service or knowledge model; ``None`` means the only top decision.

        ``inputs`` holds FEEL values by name. A missing input is null. Inputs of imported models are found by
        ``namespace#name``, or by name. Raises ``NotFound`` for an unknown name, ``FeelBudgetExceeded`` when
        the run is stopped; everything else that goes wrong is a null with a reason.
        """
        unit = self._find(name_or_id)
        with started(functions=functions, now=now, budget=budget) as run:
            try:
                value = self._evaluate(unit, inputs, run)
            except RecursionError:
                run.note("dmn-too-deep", element=unit.key[1], limit="Python")
                value = None
        return Decided(value=value, reasons=tuple(run.reasons), fired=tuple(run.fired))

    def _evaluate(self, unit: Invocable, inputs: Mapping[str, Value], run: Run) -> Value:
        run.owner = unit.name
        if isinstance(unit, DecisionUnit):
            values = _given(unit.inputs, inputs, run)
            for decision in unit.order:
                values[decision.key] = decision.evaluate(values, run)
            return values[unit.key]
        if isinstance(unit, ServiceUnit):
            return unit.evaluate(_given(unit.inputs, inputs, run), run)
        return _call(unit, inputs, run)

    def _find(self, name_or_id: str | None) -> Invocable:
        if name_or_id is not None:
            found = self._invocable.get(name_or_id) or self._invocable.get(" ".join(name_or_id.split()))
            if found is None:
                raise NotFound(what=f"decision {name_or_id!r}")
            return found
        decisions = [unit for unit in self._linked.units.values() if isinstance(unit, DecisionUnit)]
        needed = {need.key for decision in decisions for _, need in decision.needs}
        top = [decision for decision in decisions if decision.key not in needed]
        if len(top) != 1:
            names = ", ".join(decision.name for decision in top or decisions)
            raise InvalidInput(what="decision", why=f"name one of: {names}")
        return top[0]

    def outputs_of(self, name_or_id: str) -> tuple[str, ...]:
        """The names of the decisions whose values an invocable gives."""
        unit = self._find(name_or_id)
        return tuple(out.variable for out in unit.outputs) if isinstance(unit, ServiceUnit) else (unit.name,)

    @property
    def linked(self) -> Linked:
        """The linked form, for the analysis of tables."""
        return self._linked


def _given(wanted: tuple[Input | DecisionUnit, ...], inputs: Mapping[str, Value], run: Run) -> Values:
    values: Values = {}
    for unit in wanted:
        value = inputs.get(f"{unit.key[0]}#{unit.name}", inputs.get(unit.name, inputs.get(unit.variable)))
        values[unit.key] = _typed(value, unit.kind, unit.name, unit.key[1], run)
    return values


def _typed(value: Value, kind: Type, name: str, element: str, run: Run) -> Value:
    converted = kind.convert(value)
    if converted is MISMATCH:
        run.note("dmn-input-type", element=element, name=name, value=value, type=kind.name)
        return None
    return converted


def _call(unit: KnowledgeUnit, inputs: Mapping[str, Value], run: Run) -> Value:
    function = unit.function(run)
    if function is None:
        if unit.node is not None:
            unit.node.evaluate({}, run)
        return None
    try:
        return function.call(*(inputs.get(parameter.name) for parameter in function.parameters))
    except Undefined as undefined:
        run.note("dmn-input-type", element=unit.key[1], **_mismatch(undefined))
        return None


def _mismatch(undefined: Undefined) -> dict[str, object]:
    facts = undefined.facts
    return {"name": facts.get("argument"), "value": facts.get("kind"), "type": facts.get("wanted")}


def _info(unit: Invocable) -> DecisionInfo:
    outputs: tuple[str, ...] = ()
    if isinstance(unit, DecisionUnit):
        kind, inputs = "decision", tuple(_input_info(wanted) for wanted in unit.inputs)
        outputs = _entries(unit.node)
    elif isinstance(unit, ServiceUnit):
        kind, inputs = "service", tuple(_input_info(wanted) for wanted in unit.inputs)
    else:
        kind = "knowledge"
        parameters = getattr(unit.node, "parameters", ())
        inputs = tuple(InputInfo(id="", name=name, type_name=type_.name) for name, type_ in parameters)
    return DecisionInfo(
        id=unit.key[1], name=unit.name, kind=kind, type_name=unit.type_ref, inputs=inputs, outputs=outputs
    )


def _entries(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, TableNode):
        return tuple(output.name for output in node.outputs if output.name)
    return node.names if isinstance(node, ContextNode) and node.result is None else ()


def _input_info(unit: Input | DecisionUnit) -> InputInfo:
    return InputInfo(id=unit.key[1], name=unit.name, type_name=unit.type_ref, namespace=unit.key[0])


def read_model(
    source: bytes, *, file: str = "", imports: Imports = None, functions: FunctionRegistry | None = None
) -> DecisionModel:
    """The model with its findings in ``problems``; what is broken in it decides to null with the reason.

    Raises ``DefinitionRefused`` only for what is no DMN at all. For editors and conformance kits; a procedure
    is loaded with ``load_model``.
    """
    return DecisionModel(Linker(imports, functions).link(source, file=file))


def load_model(
    source: bytes, *, file: str = "", imports: Imports = None, functions: FunctionRegistry | None = None
) -> DecisionModel:
    """The model, every expression compiled. Raises ``DefinitionRefused`` with all errors found.

    ``imports`` gives the bytes of imported models by namespace, location or name. ``functions`` names the
    product's functions, so that names with blanks can be read.
    """
    model = read_model(source, file=file, imports=imports, functions=functions)
    errors = [found for found in model.problems if found.severity == "error" and found.code not in _RUNNABLE]
    if errors:
        raise DefinitionRefused(problems=tuple(errors))
    return model


_MODELS: OrderedDict[tuple[str, frozenset[str]], DecisionModel] = OrderedDict()
_MODELS_KEPT = 64
_LOCK = threading.Lock()


def model_for(source: bytes, *, file: str = "", functions: FunctionRegistry | None = None) -> DecisionModel:
    """``load_model`` for a model without imports, kept by the digest of its content."""
    key = (str(Digest.of(source)), frozenset() if functions is None else functions.names())
    with _LOCK:
        if key in _MODELS:
            _MODELS.move_to_end(key)
            return _MODELS[key]
    model = load_model(source, file=file, functions=functions)
    with _LOCK:
        _MODELS[key] = model
        while len(_MODELS) > _MODELS_KEPT:
            _MODELS.popitem(last=False)
    return model
