"""Keeps the token tree of a scope small: what nobody will read again is cut off at once.

A branch that has ended while others of its split go on becomes a *record*: a node set apart that holds the old values
of the keys the branch wrote, with one ended leaf that holds the new ones. A record means the same at any height of the
tree, so its split can go as soon as only one branch of it is left, and records of one place are composed. That bounds
the tree by what is open at the same time, however often a loop parts and ends branches.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn.joins import Merge, difference, same
from engine.bpmn.tokens import APART, CANCELLED, ENDED, LISTENER, Token

_ABSENT: Any = object()


def replace(old: Token, new: Token) -> None:
    """``new``, placed below ``old``, takes its place; ``old`` is gone."""
    scope = old.workflow
    parent = old.parent
    assert parent is not None  # the root is never replaced
    new._parent = parent.id
    parent._children[parent._children.index(old.id)] = new.id
    del scope.tasks[old.id]
    old._children = []


def remove(token: Token, *, force: bool = False) -> None:
    """Cut ``token`` off its parent and out of the scope."""
    scope = token.workflow
    if token.is_open or force:
        token._state = CANCELLED
    parent = token.parent
    if parent is not None and token.id in parent._children:
        parent._children.remove(token.id)
    scope.tasks.pop(token.id, None)


def absorb(leaf: Token) -> None:
    """A branch has ended. Drop it when it wrote nothing; end its split, too, when no other branch of it is left."""
    while True:
        node = leaf.parent
        assert node is not None  # the root does not end
        live = [child for child in _live(node) if child is not leaf]
        if live:
            if any(difference(node.data, leaf.data)):
                _set_apart(leaf, node)
            else:
                remove(leaf)
            if len(live) == 1:
                _bridge(node, live[0])
            return
        if node._parent is None:
            return
        leaf.data = Merge(leaf.element).fold(node)
        for other in node.children:
            if other is not leaf:
                _remove_record(other)
        if APART in node.internal_data:
            parent = node.parent
            assert parent is not None  # only the root has none
            _trim(node, leaf)
            _compose(parent)
            shrunk(parent, ended=True)
            return
        replace(node, leaf)


def shrunk(node: Token | None, *, ended: bool = False) -> None:
    """A branch below ``node`` has gone: consumed by a join, or ``ended`` and become a record."""
    while node is not None and node._parent is not None:
        live, parent = _live(node), node.parent
        assert parent is not None  # only the root has none
        if len(live) > 1:
            return
        if len(live) == 1:
            _bridge(node, live[0])
            return
        if ended:
            _end(node)
            return
        _hoist(node, parent)
        remove(node)
        node = parent


def _end(node: Token) -> None:
    """Only records are left below ``node``: it has ended itself."""
    data = Merge(node.element).fold(node)
    records = node.children
    if APART not in node.internal_data:
        for record in records:
            _remove_record(record)
        node.data, node.internal_data = data, {ENDED: 1}
        absorb(node)
        return
    parent = node.parent
    assert parent is not None  # only the root has none
    if records:
        (leaf,) = records[0].children
        leaf.data, leaf._parent = data, node.id
        for record in records:
            remove(record)
        node._children = [leaf.id]
        for record in records[1:]:
            _remove_record(record)
        _trim(node, leaf)
    else:
        remove(node)
    _compose(parent)
    shrunk(parent, ended=True)


def _live(node: Token) -> list[Token]:
    return [child for child in node.children if LISTENER not in child.internal_data and not is_record(child)]


def is_record(token: Token) -> bool:
    """Whether the token stands for a branch that has ended and is only kept for what it wrote."""
    if APART not in token.internal_data or len(token._children) != 1:
        return False
    return ENDED in token.children[0].internal_data


def with_records(node: Token, data: dict[str, Any]) -> dict[str, Any]:
    """``data`` and what branches below ``node`` wrote that have ended."""
    for record in [child for child in node.children if is_record(child)]:
        (leaf,) = record.children
        data = Merge(node.element, lenient=True).laid_on(data, record, leaf)
    return data


def _set_apart(leaf: Token, node: Token) -> None:
    scope = leaf.workflow
    runtime = scope.top_workflow.runtime
    record: Token = runtime._token(scope, leaf.task_spec)
    record.data, record._state = node.data, leaf._state
    record.internal_data[APART] = 1
    record._parent = node.id
    node._children[node._children.index(leaf.id)] = record.id
    record._children = [leaf.id]
    leaf._parent = record.id
    _trim(record, leaf)
    _compose(node)


def _trim(record: Token, leaf: Token) -> None:
    changed, deleted = difference(record.data, leaf.data)
    touched = [*changed, *deleted]
    record.data = {key: record.data[key] for key in touched if key in record.data}
    leaf.data = changed
    if not touched:
        _remove_record(record)


def _remove_record(record: Token) -> None:
    for child in record.children:
        remove(child)
    remove(record)


def _bridge(node: Token, only: Token) -> None:
    """One branch is left: the split parts nothing any more."""
    parent = node.parent
    if parent is None or APART in node.internal_data:
        return
    node._children.remove(only.id)
    if APART in only.internal_data:
        _keep_written(node, parent)
    _hoist(node, parent)
    node._children = [only.id]
    replace(node, only)
    if ENDED in only.internal_data:
        absorb(only)


def _keep_written(node: Token, parent: Token) -> None:
    """Record what the split ``node`` had written itself: a branch that began apart tells only what came after."""
    scope = node.workflow
    runtime = scope.top_workflow.runtime
    record: Token = runtime._token(scope, node.task_spec)
    leaf: Token = runtime._token(scope, node.task_spec)
    for token in (record, leaf):
        token._state = node._state
    record.data, leaf.data = parent.data, node.data
    record.internal_data[APART], leaf.internal_data[ENDED] = 1, 1
    record._parent, leaf._parent = parent.id, record.id
    record._children = [leaf.id]
    parent._children.insert(parent._children.index(node.id), record.id)
    _trim(record, leaf)


def _hoist(node: Token, parent: Token) -> None:
    for child in node.children:
        child._parent = parent.id
        parent._children.append(child.id)
    node._children = []
    _compose(parent)


def _compose(node: Token) -> None:
    """Make one record of those below ``node`` where one simply follows on or repeats the other."""
    last: Token | None = None
    for record in [child for child in node.children if is_record(child)]:
        if last is None or not _join_records(last, record):
            last = record


def _join_records(first: Token, second: Token) -> bool:
    (old,), (new,) = first.children, second.children
    base, value = dict(first.data), dict(old.data)
    for key in {**second.data, **new.data}:
        before, after = second.data.get(key, _ABSENT), new.data.get(key, _ABSENT)
        if key in base or key in value:
            repeats = same(base.get(key, _ABSENT), before) and same(value.get(key, _ABSENT), after)
            if not repeats and not same(value.get(key, _ABSENT), before):
                return False
        elif before is not _ABSENT:
            base[key] = before
        if after is _ABSENT:
            value.pop(key, None)
        else:
            value[key] = after
    first.data, old.data = base, value
    _remove_record(second)
    _trim(first, old)
    return True
