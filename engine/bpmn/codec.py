"""Saves an instance in few bytes and loads it fast.

Layout: two bytes ``M1``, 32 bytes digest of the definition, then zstd over JSON
``[seed, counter, completed, uncaught, visited, correlations, data, [scope…]]`` with
scope = ``[number of the owning token or 0, scope number, objects, [row…]]``, with the correlations of an instance of a
repeated sub-process at the end if it has any, and
row = ``[number, parent row or -1, spec number, state, since, internal data, changed, deleted]``.
Rows are parents first; data are told as changes against the parent's row, so each value is stored once. The specs are
not stored: they are those of the definition, found by digest.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from engine.bpmn.incidents import StateUnreadable
from engine.bpmn.joins import same
from engine.bpmn.tokens import Case, SubCase, Token, token_id
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bpmn.definition import Definition

MAGIC = b"M1"
_HEADER = len(MAGIC) + 32
_LEVEL = 1
_MAX_STATE = 64 * 1024 * 1024
_ABSENT: Any = object()


def json_value(value: Any, *, what: str = "data", depth: int = 0) -> Any:
    """A deep copy of ``value`` when JSON can carry it exactly, else ``InvalidInput``."""
    if value is None or isinstance(value, (str, bool)):
        if isinstance(value, str) and not value.isascii() and not _encodable(value):
            raise InvalidInput(what=what, why="text that is no Unicode")
        return value
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise InvalidInput(what=what, why="a whole number of more than 64 bits")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(what=what, why="a number that is not finite")
        return value
    if depth > 100:
        raise InvalidInput(what=what, why="nested too deeply")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or not (key.isascii() or _encodable(key)):
                raise InvalidInput(what=what, why="a key that is no text")
        return {key: json_value(item, what=key, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item, what=what, depth=depth + 1) for item in value]
    raise InvalidInput(what=what, why=f"{type(value).__name__} cannot be stored")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def copy_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of process data, which are known to be JSON."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(data))
    return copy


class _Zstd(threading.local):
    """One compressor a thread: making one costs more than a state's compression."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self.decompressor = zstandard.ZstdDecompressor()


_zstd = _Zstd()


def dump(definition: Definition, case: Case, seed: str) -> bytes:
    """The state of ``case``."""
    return _packed(definition, _body(definition, case, seed))


def fingerprint(definition: Definition, case: Case, seed: str) -> str:
    """SHA-256 over definition, token states and data; equal exactly when the instances are in the same state."""
    return _digest(definition, _body(definition, case, seed))


def snapshot(definition: Definition, case: Case, seed: str) -> tuple[bytes, str]:
    """State and fingerprint of ``case`` from one pass."""
    body = _body(definition, case, seed)
    return _packed(definition, body), _digest(definition, body)


def _body(definition: Definition, case: Case, seed: str) -> bytes:
    return orjson.dumps(_state(definition, case, seed), option=orjson.OPT_SORT_KEYS)


def _packed(definition: Definition, body: bytes) -> bytes:
    return MAGIC + bytes.fromhex(definition.digest) + _zstd.compressor.compress(body)


def _digest(definition: Definition, body: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(definition.digest) + body).hexdigest()


def _state(definition: Definition, case: Case, seed: str) -> list[Any]:
    visited = 0
    for name in case.visited:
        visited |= 1 << definition._element_index[name]
    rows = [_scope(definition, scope) for scope in case.scopes]
    return [seed, case.counter, case.completed, case.uncaught, f"{visited:x}", case.correlations or 0, case.data, rows]


def _scope(definition: Definition, scope: Case | SubCase) -> list[Any]:
    owner = 0
    if isinstance(scope, SubCase):
        owner = scope.top_workflow.runtime.owner(scope).number
    index = scope.spec.index
    rows: list[list[Any]] = []
    stack: list[tuple[Token, int]] = [(scope.task_tree, -1)]
    while stack:
        token, above = stack.pop()
        changed: dict[str, Any] = token.data  # of the root: everything
        deleted: list[str] = []
        if above >= 0:
            changed, deleted = _delta(scope.tasks[token._parent].data, token.data)
        at = len(rows)
        rows.append(
            [
                token.number,
                above,
                index[token.task_spec.name],
                token._state,
                token.since,
                token.internal_data or 0,
                changed or 0,
                deleted or 0,
            ]
        )
        stack.extend((scope.tasks[child], at) for child in reversed(token._children))
    told = [owner, definition._index[scope.spec.name], scope.objects or 0, rows]
    return [*told, scope.correlations] if owner and scope.correlations else told


def _delta(base: dict[str, Any], data: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    if base is data:
        return {}, []
    changed = {
        key: value
        for key, value in data.items()
        if (old := base.get(key, _ABSENT)) is not value and not same(old, value)
    }
    deleted = sorted(key for key in base if key not in data) if len(data) - len(changed) < len(base) else []
    return changed, deleted


def load(definition: Definition, state: bytes) -> tuple[Case, str]:
    """Case and seed from saved bytes; ``StateUnreadable`` when they are damaged or of another definition."""
    if state[:2] != MAGIC:
        raise StateUnreadable(what="state", why="unknown version of the codec")
    if state[2:_HEADER].hex() != definition.digest:
        raise StateUnreadable(what="state", why=f"it belongs to definition {state[2:_HEADER].hex()[:12]}")
    try:
        if zstandard.frame_content_size(state[_HEADER:]) > _MAX_STATE:
            raise ValueError("too large")
        body = _zstd.decompressor.decompress(state[_HEADER:], max_output_size=_MAX_STATE)
        seed, counter, completed, uncaught, visited, correlations, data, scopes = orjson.loads(body)
        case = Case(definition._scopes[definition.process_id], definition._scopes)
        case.counter, case.completed, case.uncaught, case.data = counter, completed, uncaught, data
        case.correlations = correlations or {}
        owners: dict[int, Token] = {}
        for owner, name, objects, rows, *own in scopes:
            scope = case if not owner else SubCase(definition._scopes[definition._names[name]], owners[owner].id, case)
            if owner:
                case.subprocesses[owners[owner].id] = scope
            scope.objects = objects or {}
            if own:
                scope.correlations = own[0]
            _load_rows(scope, rows, seed, owners)
    except (zstandard.ZstdError, orjson.JSONDecodeError, ValueError, KeyError, IndexError, TypeError) as error:
        raise StateUnreadable(what="state", why=type(error).__name__) from error
    _load_visited(definition, case, int(visited, 16))
    return case, seed


def _load_rows(scope: Case | SubCase, rows: list[list[Any]], seed: str, owners: dict[int, Token]) -> None:
    names, specs = scope.spec.names, scope.spec.task_specs
    tokens: list[Token] = []
    for number, above, spec, state, since, internal, changed, deleted in rows:
        token = Token(scope, specs[names[spec]], identity=token_id(seed, number), number=number, since=since)
        token._state = state
        token.internal_data = internal or {}
        if above >= 0:
            parent = tokens[above]
            token._parent = parent.id
            parent._children.append(token.id)
            token.data = dict(parent.data)
            for key in deleted or ():
                del token.data[key]
        if changed:
            token.data.update(changed)
        tokens.append(token)
        owners[number] = token
    scope.task_tree = tokens[0]


def _load_visited(definition: Definition, case: Case, visited: int) -> None:
    while visited:
        low = visited & -visited
        case.visited.add(definition._element_names[low.bit_length() - 1])
        visited ^= low
