"""Where branches meet: three-way merge of their data, and when an inclusive gateway may go on.

Merge rule. Where two or more branches of one split meet, a branch *wrote* a key when its value differs from the split's
data (a missing key is a value, too). One writer, or equal writes: taken. Different writes: ``DataConflict``, never a
silent choice. Values are compared whole, lists included. Nested splits are folded from the inside, so the order of
arrival has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn.incidents import DataConflict
from engine.bpmn.specs import NodeSpec
from engine.bpmn.tokens import APART, COMPLETED, FLOW, LISTENER, Case, SubCase, Token

Scope = Case | SubCase
_ABSENT: Any = object()


def same(first: Any, second: Any) -> bool:
    """Equality of JSON values that tells ``1`` from ``true`` (and takes ``1`` and ``1.0`` for different)."""
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, list):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def difference(base: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What was written and what was deleted between ``base`` and ``data``."""
    changed = {
        key: value
        for key, value in data.items()
        if (old := base.get(key, _ABSENT)) is not value and not same(old, value)
    }
    return changed, tuple(sorted(key for key in base if key not in data))


@dataclass(frozen=True, slots=True)
class _Branch:
    label: str  #: element that the branch comes from
    data: Mapping[str, Any]
    decides: bool = False  #: its value of a contested key holds where a merge is for looking only


@dataclass(slots=True)
class Merge:
    """A merge at ``element``. A ``lenient`` one is for looking only: a contested key has the value of the branch in
    which one of ``deciding`` stands, else it keeps the split's value.

    ``inner`` may give the data of an open token that lie deeper, in its own scope.
    """

    element: str
    lenient: bool = False
    inner: Callable[[Token], Mapping[str, Any] | None] = lambda _: None
    deciding: Collection[Token] = ()

    def fold(self, node: Token, leaves: frozenset[Token] | None = None) -> dict[str, Any]:
        """The merged data of the ``leaves`` below ``node`` (None = all)."""
        branch = self._fold(node, leaves)
        return dict(node.data if branch is None else branch.data)

    def _fold(self, top: Token, leaves: frozenset[Token] | None) -> _Branch | None:
        """Post-order over the tree with a stack of its own: a loop may leave any number of splits open."""
        found: dict[str, _Branch | None] = {}
        stack = [(top, False)]
        while stack:
            node, opened = stack.pop()
            if not is_split(node):
                found[node.id] = self._leaf(node, leaves)
                continue
            children = [child for child in node.children if LISTENER not in child.internal_data]
            if opened:
                found[node.id] = self._meet(node, [(child, found.pop(child.id)) for child in children], leaves)
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in children)
        return found[top.id]

    def _leaf(self, node: Token, leaves: frozenset[Token] | None) -> _Branch | None:
        if leaves is not None and node not in leaves:
            return None
        inner = self.inner(node)
        return _Branch(_label(node), node.data if inner is None else inner, node in self.deciding)

    def _meet(
        self, node: Token, branches: Sequence[tuple[Token, _Branch | None]], leaves: frozenset[Token] | None
    ) -> _Branch | None:
        present = [(child, branch) for child, branch in branches if branch is not None]
        together = [branch for child, branch in present if APART not in child.internal_data]
        if not present:
            return _Branch(_label(node), node.data) if leaves is None else None
        merged = self.together(node.data, together)
        label = together[0].label if together else _label(node)
        decides = any(branch.decides for branch in together)
        for child, branch in present:
            if APART in child.internal_data:
                merged = self.onto(_Branch(label, merged, decides), child.data, branch)
                label, decides = branch.label, decides or branch.decides
        return _Branch(together[0].label if together else label, merged, decides)

    def together(self, base: Mapping[str, Any], branches: Sequence[_Branch]) -> Mapping[str, Any]:
        """The branches of one split whose data were ``base``."""
        if not branches:
            return base
        if len(branches) == 1:
            return branches[0].data
        merged = dict(base)
        writers: dict[str, _Branch] = {}
        for branch in branches:
            changed, deleted = difference(base, branch.data)
            for key in (*changed, *deleted):
                value = changed.get(key, _ABSENT)
                if key in writers and not same(merged.get(key, _ABSENT), value):
                    self._conflict(key, writers[key], branch)
                    if writers[key].decides:
                        continue
                    if not branch.decides:
                        value = base.get(key, _ABSENT)
                if key not in writers or branch.decides:
                    writers[key] = branch
                _put(merged, key, value)
        return merged

    def onto(self, merged: _Branch, base: Mapping[str, Any], branch: _Branch) -> dict[str, Any]:
        """What a branch that began apart with ``base`` wrote, applied to ``merged``."""
        result = dict(merged.data)
        changed, deleted = difference(base, branch.data)
        for key in (*changed, *deleted):
            value, current = changed.get(key, _ABSENT), result.get(key, _ABSENT)
            if same(current, base.get(key, _ABSENT)):
                _put(result, key, value)
            elif not same(current, value):
                self._conflict(key, merged, branch)
                if branch.decides:
                    _put(result, key, value)
        return result

    def laid_on(self, data: Mapping[str, Any], base: Token, leaf: Token) -> dict[str, Any]:
        """``data`` and what the branch from ``base`` to ``leaf`` wrote."""
        return self.onto(_Branch(self.element, data), base.data, _Branch(_label(leaf), leaf.data))

    def _conflict(self, key: str, first: _Branch, second: _Branch) -> None:
        if not self.lenient:
            raise DataConflict(
                element=self.element,
                key=key,
                first=_shown(first.data.get(key)),
                second=_shown(second.data.get(key)),
                first_branch=first.label,
                second_branch=second.label,
            )


def is_split(node: Token) -> bool:
    """Whether the token is finished and stands for its branches (or the root)."""
    return node._state == COMPLETED and bool(node._children or node._parent is None)


def meeting_point(tokens: Sequence[Token]) -> Token:
    """The lowest node of the tree above all ``tokens``."""
    paths = [_ancestors(token) for token in tokens]
    shared = paths[0]
    for path in paths[1:]:
        known = {node.id for node in path}
        shared = [node for node in shared if node.id in known]
    return shared[0]


def parallel_ready(node: NodeSpec, waiting: Iterable[Token]) -> list[Token] | None:
    """One token for every incoming flow, the earliest of each; None while a flow has none."""
    first = _first_by_flow(waiting)
    return list(first.values()) if len(first) == len(node.config.incoming) else None


def inclusive_ready(node: NodeSpec, waiting: Iterable[Token], scope: Scope) -> list[Token] | None:
    """The tokens an inclusive join takes, or None while BPMN 2.0 (13.3.3) makes it wait.

    It waits while some token could still reach an empty incoming flow and could not, from the same place, reach one
    that has a token; ways through the gateway itself do not count.
    """
    first = _first_by_flow(waiting)
    reach = node.scope.reach[node.name]
    empty = [sources for flow, sources in reach.items() if flow not in first]
    filled = [sources for flow, sources in reach.items() if flow in first]
    for token in scope.tasks.values():
        if not token.is_open or token.element == node.name or _is_attachment(token):
            continue
        name = token.element
        if any(name in sources for sources in empty) and not any(name in sources for sources in filled):
            return None
    return list(first.values())


def _is_attachment(token: Token) -> bool:
    return LISTENER in token.internal_data


def _first_by_flow(waiting: Iterable[Token]) -> dict[str, Token]:
    first: dict[str, Token] = {}
    for token in sorted(waiting, key=lambda item: item.number):
        first.setdefault(token.internal_data[FLOW], token)
    return first


def _ancestors(token: Token) -> list[Token]:
    path = []
    parent = token.parent
    while parent is not None:
        path.append(parent)
        parent = parent.parent
    return path


def _label(node: Token) -> str:
    flow = node.internal_data.get(FLOW)
    if flow is None:
        return node.element
    for spec in node.task_spec.scope.nodes.values():
        if any(item.id == flow for item in spec.config.flows):
            return str(spec.name)
    return node.element


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    if value is _ABSENT:
        data.pop(key, None)
    else:
        data[key] = value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
