"""Names of procedures, steps and fees in the language of the request, for rows that hold the Vietnamese name only.

A row keeps the name that its version had. The English one is looked for in the versions that have been in force, the
latest first, and kept: a name of a version never changes. Where none fits, the Vietnamese name stays.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from engine.commands.refunds import PAID_TWICE, STOPPED, WITHDRAWN
from engine.errors import MotcuaError, Text
from engine.model.citation import citation
from engine.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.bootstrap import Product
from webapp.words import gettext as _

_PROCEDURE, _STEP, _FEE = "procedure", "step", "fee"
_KNOWN: dict[tuple[str, str, str], str] = {}
_LOCK = threading.Lock()
_MOST = 50_000


def procedure_named(vi: str, code: str) -> str:
    """The short name of a procedure: ``{{ row.procedure_name|procedure_named(row.procedure) }}``."""
    return vi if web.language() == "vi" else _english(code, _PROCEDURE, vi)


def step_named(vi: str, code: str) -> str:
    """The name of a step: ``{{ row.name|step_named(row.procedure) }}``."""
    return vi if web.language() == "vi" or not vi else _english(code, _STEP, vi)


def fee_named(vi: str, code: str) -> str:
    """The name of a fee: ``{{ charge.name|fee_named(dossier.procedure) }}``."""
    return vi if web.language() == "vi" else _english(code, _FEE, vi)


def refund_told(reason: str) -> str:
    """Why money is given back: ``{{ refund.reason|refund_told }}``. What a person wrote stays as it was written."""
    if reason.startswith(WITHDRAWN):
        return _("Rút hồ sơ: %(why)s", why=reason.removeprefix(WITHDRAWN))
    if reason.startswith(STOPPED):
        return _("Dừng giải quyết: %(why)s", why=reason.removeprefix(STOPPED))
    return _("Nộp hai lần cho một khoản thu") if reason == PAID_TWICE else reason


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
            for text in _texts(procedure, kind):
                if text.vi == vi:
                    return text.en
    return ""


def _texts(procedure: Procedure, kind: str) -> Iterable[Text]:
    if kind == _STEP:
        return (procedure.element_name(element) for element in procedure.definition.elements)
    return (fee.name for fee in procedure.manifest.fees) if kind == _FEE else (procedure.manifest.short_name,)
