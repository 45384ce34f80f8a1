"""Names of procedures and steps in the language of the request, for rows that hold the Vietnamese name only.

A row keeps the name that its version had. The English one is looked for in the versions that have been in force, the
latest first, and kept: a name of a version never changes. Where none fits, the Vietnamese name stays.
"""

from __future__ import annotations

import threading

from engine.errors import MotcuaError
from engine.model.citation import citation
from engine.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.bootstrap import Product

_PROCEDURE, _STEP = "procedure", "step"
_KNOWN: dict[tuple[str, str, str], str] = {}
_LOCK = threading.Lock()
_MOST = 50_000


def procedure_named(vi: str, code: str) -> str:
    """The short name of a procedure: ``{{ row.procedure_name|procedure_named(row.procedure) }}``."""
    return vi if web.language() == "vi" else _english(code, _PROCEDURE, vi)


def step_named(vi: str, code: str) -> str:
    """The name of a step: ``{{ row.name|step_named(row.procedure) }}``."""
    return vi if web.language() == "vi" or not vi else _english(code, _STEP, vi)


def ground_named(ground: str) -> str:
    """A legal ground, cited as people of the language do: ``{{ line.ground|ground_named }}``."""
    return citation(ground, web.language())


def _english(code: str, kind: str, vi: str) -> str:
    key = (code, kind, vi)
    known = _KNOWN.get(key)
    if known is None:
        known = _look_up(web.product(), code, kind, vi)
        if known:
            with _LOCK:
                if len(_KNOWN) >= _MOST:
                    _KNOWN.clear()
                _KNOWN[key] = known
    return known or vi


def _look_up(product: Product, code: str, kind: str, vi: str) -> str:
    with product.database.read() as connection:
        uow = UnitOfWork(connection)
        for deployment in reversed(uow.definitions.history(code)):
            try:
                procedure: Procedure = product.bus.library.get(uow, deployment.digest)
            except MotcuaError:  # a version that cannot be read any more names nothing
                continue
            texts = [procedure.manifest.short_name]
            if kind == _STEP:
                texts = [procedure.element_name(element) for element in procedure.definition.elements]
            for text in texts:
                if text.vi == vi:
                    return text.en
    return ""
