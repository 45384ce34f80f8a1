"""Keeps the token tree of a scope small: what nobody will read again is cut off at once."""

from __future__ import annotations

from engine.bpmn.joins import Merge, difference
from engine.bpmn.tokens import APART, CANCELLED, COMPLETED, ENDED, LISTENER, Token


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


def prune(node: Token | None) -> None:
    """After a branch below ``node`` has gone: drop or bridge splits that part nothing any more."""
    while (
        node is not None and node._parent is not None and node._state == COMPLETED and ENDED not in node.internal_data
    ):
        children = node.children
        parent = node.parent
        if len(children) > 1:
            if all(ENDED in child.internal_data for child in children):
                _fold_ended(node)
            return
        if not children:
            remove(node)
            node = parent
            continue
        child = children[0]
        if APART in node.internal_data:
            if ENDED in child.internal_data:
                absorb(child)
            return
        replace(node, child)
        if ENDED in child.internal_data:
            absorb(child)
        return


def absorb(leaf: Token) -> None:
    """A branch has ended: drop it when it wrote nothing, else merge it with what ended beside it."""
    parent = leaf.parent
    assert parent is not None  # the root does not end
    if not any(difference(parent.data, leaf.data)):
        remove(leaf)
        if parent._parent is None:
            return
        if not parent._children and APART not in parent.internal_data:
            _end_split(parent, parent.data)
        else:
            prune(parent)
        return
    ended = [child for child in parent.children if ENDED in child.internal_data]
    if len(ended) > 1:
        leaf.data = Merge(leaf.element).fold(parent, frozenset(ended))
        for other in ended:
            if other is not leaf:
                remove(other)
    if parent._parent is not None and APART not in parent.internal_data:
        others = [child for child in parent._children if child != leaf.id]
        if not others:
            _end_split(parent, leaf.data)


def _fold_ended(node: Token) -> None:
    first, *_ = node.children
    absorb(first)


def _end_split(split: Token, data: dict[str, object]) -> None:
    for child in split.children:
        remove(child)
    split.data = data
    split.internal_data = {ENDED: 1}
    absorb(split)


__all__ = ["LISTENER", "absorb", "prune", "remove", "replace"]
