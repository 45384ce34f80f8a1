"""Inputs that must never run, each with the code that names why."""

from __future__ import annotations

from tests.bpmn.gate.hostile_expressions import EXPRESSIONS
from tests.bpmn.gate.hostile_extensions import EXTENSIONS
from tests.bpmn.gate.hostile_files import ELEMENTS, FILES, NAMES
from tests.bpmn.gate.hostile_flows import CALLS, EVENTS, FLOWS

HOSTILE: dict[str, tuple[bytes, str]] = {
    f"{group}: {name}": case
    for group, cases in {
        "file": FILES,
        "name": NAMES,
        "element": ELEMENTS,
        "flow": FLOWS,
        "expression": EXPRESSIONS,
        "extension": EXTENSIONS,
        "event": EVENTS,
        "call": CALLS,
    }.items()
    for name, case in cases.items()
}
