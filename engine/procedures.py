"""Procedures ready to run: parsed once per process and version, found by the digest of their bundle.

Commands act on them and queries show them, so they stand below both.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import bpmn, decisions, feel
from engine.definitions.listed_papers import FRAGMENT, fragment
from engine.definitions.manifest import Manifest
from engine.definitions.package import Package, unpack
from engine.errors import NotFound, Text
from engine.feel import FunctionRegistry
from engine.forms import Form, load_form
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Procedure:
    """One version of a procedure, compiled."""

    package: Package
    definition: bpmn.Definition
    forms: Mapping[str, Form]
    decisions: tuple[decisions.DecisionModel, ...]
    texts: Mapping[str, Any]  #: English names of elements and outcomes
    functions: FunctionRegistry | None = None

    @property
    def manifest(self) -> Manifest:
        """What the procedure is."""
        return self.package.manifest

    def form(self, name: str) -> Form:
        """The e-form of a name, or ``NotFound``."""
        if name not in self.forms:
            raise NotFound(what=f"form {name}")
        return self.forms[name]

    def element_name(self, element: str) -> Text:
        """What a step is called, in both languages."""
        drawn = self.definition.elements.get(element)
        vi = (drawn.name if drawn else "") or element
        return Text(vi=vi, en=self.texts.get("elements", {}).get(element, vi))

    def decide(self, decision: str, inputs: Mapping[str, Any]) -> Any:
        """Evaluate one of the procedure's decisions on JSON inputs; ``NotFound`` when there is none of that name."""
        for model in self.decisions:
            if any(decision in (found.name, found.id) for found in model.decisions):
                values = {name: feel.from_json(value) for name, value in inputs.items()}
                return model.decide(decision, values, functions=self.functions)
        raise NotFound(what=f"decision {decision}")


def compile_package(package: Package, *, functions: FunctionRegistry | None = None) -> Procedure:
    """The procedure of a package; ``DefinitionRefused`` when any of its files is wrong."""
    shared = {
        name.removeprefix("forms/"): content
        for name, content in package.files.items()
        if name.startswith("forms/_shared/")
    }
    if FRAGMENT in shared:
        shared[FRAGMENT] = fragment(package.manifest)
    forms = {
        name.removeprefix("forms/").removesuffix(".json"): load_form(content, file=name, shared=shared)
        for name, content in package.files.items()
        if name.startswith("forms/") and not name.startswith("forms/_shared/")
    }
    models = tuple(
        decisions.model_for(content, file=name) for name, content in package.files.items() if name.endswith(".dmn")
    )
    definition = bpmn.define(package.diagrams(), process=package.manifest.process, functions=functions)
    texts = package.texts("en")
    return Procedure(
        package=package, definition=definition, forms=forms, decisions=models, texts=texts, functions=functions
    )


class Library:
    """The procedures in memory, least recently used first out; shared by all threads."""

    def __init__(self, *, functions: FunctionRegistry | None = None, size: int = 200) -> None:
        self.functions = functions
        self._size = size
        self._known: OrderedDict[str, Procedure] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, unit_of_work: UnitOfWork, digest: str) -> Procedure:
        """The procedure of a stored bundle; its files are checked against the digest when they are read."""
        with self._lock:
            if digest in self._known:
                self._known.move_to_end(digest)
                return self._known[digest]
        bundle = unit_of_work.definitions.bundle(digest)
        procedure = compile_package(unpack(bundle.files, digest=digest), functions=self.functions)
        self.put(procedure)
        return procedure

    def put(self, procedure: Procedure) -> None:
        """Keep a compiled procedure."""
        with self._lock:
            self._known[procedure.package.digest] = procedure
            while len(self._known) > self._size:
                self._known.popitem(last=False)
