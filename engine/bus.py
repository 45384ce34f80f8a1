"""The bus: one chain around every command, and the only commit in the tree."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Mapping
from typing import Any

import structlog

from engine.commands.context import Context, Rules
from engine.commands.registry import HANDLERS
from engine.errors import Conflict, InvalidInput, MotcuaError
from engine.model.chain import canonical
from engine.model.permission import Actor
from engine.ports import Clock
from engine.procedures import Library
from engine.store.database import Database
from engine.store.failures import DatabaseBusy
from engine.store.records import Remembered
from engine.store.rows import RowChanged

_log = structlog.get_logger("motcua.bus")
_TRIES = 4


class KeyReused(Conflict):
    """This idempotency key was used for another request; use a new key."""

    code = "idempotency-key-reused"
    vi = "Khóa chống lặp này đã dùng cho một yêu cầu khác; hãy dùng khóa mới."


class Bus:
    """Runs commands: log, idempotency, retry on a lost race, unit of work, handler, commit."""

    def __init__(self, database: Database, clock: Clock, library: Library, rules: Rules) -> None:
        self.database = database
        self.clock = clock
        self.library = library
        self.rules = rules

    def execute(self, command: object, actor: Actor, *, key: str = "") -> dict[str, Any]:
        """Run ``command`` for ``actor`` and commit; nothing is left half-done on any error.

        With a ``key``, the same command answers as it did the first time, and another one raises ``KeyReused``.
        """
        handler = HANDLERS.get(type(command))
        if handler is None:
            raise InvalidInput(what=type(command).__name__, why="no such command")
        name, begun = type(command).__name__, time.perf_counter()
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._once(handler, command, actor, key)
            except (RowChanged, DatabaseBusy) as lost:
                # Another command on the same dossier was faster; ours is decided anew on what it left.
                if attempt == _TRIES:
                    raise
                _log.info("retried", command=name, attempt=attempt, code=lost.code)
                time.sleep(0.01 * attempt)
            except MotcuaError as refused:
                _log.info("refused", command=name, actor=_whom(actor), code=refused.code)
                raise
            else:
                _log.info("done", command=name, actor=_whom(actor), ms=round((time.perf_counter() - begun) * 1000, 1))
                return answer
        raise AssertionError("unreachable")

    def _once(self, handler: Any, command: object, actor: Actor, key: str) -> dict[str, Any]:
        with self.database.begin() as uow:
            now = self.clock.now()
            if key:
                fingerprint = _fingerprint(command)
                known = uow.messages.remembered(key, actor.login)
                if known is not None:
                    if known.fingerprint != fingerprint:
                        raise KeyReused()
                    return known.answer
            context = Context(uow=uow, actor=actor, now=now, library=self.library, rules=self.rules)
            answer: dict[str, Any] = handler(context, command)
            if key:
                uow.messages.remember(
                    Remembered(key=key, actor=actor.login, fingerprint=fingerprint, answer=answer, at=now)
                )
            return answer


def _whom(actor: Actor) -> str:
    """Who acts, as a log may say it: a citizen's name at the log-in can be an identity number."""
    return actor.login if actor.is_system or actor.official else "citizen"


def _fingerprint(command: object) -> str:
    fields = {
        field.name: _comparable(getattr(command, field.name))
        for field in dataclasses.fields(command)  # type: ignore[arg-type]
    }
    return hashlib.sha256(canonical([type(command).__name__, fields]).encode()).hexdigest()


def _comparable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _comparable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable(entry) for entry in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
