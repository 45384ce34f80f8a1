"""``$ref`` to shared fragments, resolved at load so that a stored form stands alone."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from engine.errors import Problem, Text
from engine.forms.document import read_document

#: Nodes that the references of one form may produce; a form beyond this is an expansion bomb.
MAX_NODES: Final = 60_000


def shared_file(reference: str) -> str:
    """The file part of a reference: ``_shared/person.json`` of ``_shared/person.json#/adult``."""
    return reference.partition("#")[0]


def references(schema: Any) -> set[str]:
    """Every ``$ref`` text in ``schema``, not followed."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found.add(node["$ref"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found


class Resolver:
    """Replaces each reference by its fragment; members written beside ``$ref`` win, member by member.

    ``x-pick`` beside a reference keeps only the named properties. A fault becomes a problem and the reference an
    empty text field, so that one run reports everything.
    """

    def __init__(self, shared: Mapping[str, bytes], *, file: str) -> None:
        self._shared = shared
        self._file = file
        self._open: dict[str, dict[str, Any]] = {}
        self._nodes = 0
        self.problems: list[Problem] = []

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A copy of ``schema`` without references."""
        resolved = self._node(schema, "", (), self._file)
        return resolved if isinstance(resolved, dict) else {}

    def _node(self, node: Any, pointer: str, trail: tuple[str, ...], file: str) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self._report(
                    "form-too-large",
                    pointer,
                    Text(
                        vi="Các tham chiếu mở ra quá nhiều phần tử.", en="The references expand to too many elements."
                    ),
                    Text(vi="Bớt tham chiếu lồng nhau.", en="Use fewer nested references."),
                )
            return {}
        if isinstance(node, list):
            return [self._node(item, f"{pointer}/{n}", trail, file) for n, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return self._reference(node, pointer, trail, file)
        return {key: self._node(value, f"{pointer}/{key}", trail, file) for key, value in node.items()}

    def _reference(self, node: dict[str, Any], pointer: str, trail: tuple[str, ...], file: str) -> Any:
        reference = node["$ref"]
        beside = {key: value for key, value in node.items() if key not in ("$ref", "x-pick")}
        if not isinstance(reference, str) or "#/" not in reference:
            return self._unknown(str(reference), pointer)
        if reference.startswith("#/") and file != self._file:
            reference = file + reference  # a fragment that points into its own file
        if reference in trail or len(trail) > 8:
            self._report(
                "form-ref-cycle",
                pointer,
                Text(vi=f"Tham chiếu {reference} quay vòng.", en=f"Reference {reference} leads back to itself."),
                Text(vi="Bỏ tham chiếu vòng.", en="Break the circle."),
            )
            return {"type": "string", "title": "?"}
        target, home = self._target(reference)
        if not isinstance(target, dict):
            return self._unknown(reference, pointer)
        fragment = self._node(copy.deepcopy(target), pointer, (*trail, reference), home)
        picked = self._pick(fragment, node.get("x-pick"), reference, pointer)
        return _merge(picked, self._node(beside, pointer, trail, file))

    def _target(self, reference: str) -> tuple[Any, str]:
        file, _, pointer = reference.partition("#/")
        if file == "":
            return None, file
        if file not in self._open and file in self._shared:
            self._open[file] = read_document(self._shared[file], file=file)
        target: Any = self._open.get(file)
        for part in pointer.split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        return target, file

    def _pick(self, fragment: Any, names: Any, reference: str, pointer: str) -> Any:
        if names is None or not isinstance(fragment, dict):
            return fragment
        known = fragment.get("properties", {})
        wrong = [str(name) for name in names if name not in known] if isinstance(names, list) else ["x-pick"]
        if wrong:
            self._report(
                "form-pick-unknown",
                pointer,
                Text(
                    vi=f"x-pick nêu {', '.join(wrong)} mà {reference} không có.",
                    en=f"x-pick names {', '.join(wrong)}, which {reference} does not have.",
                ),
                Text(vi=f"Chọn trong: {', '.join(known)}.", en=f"Choose among: {', '.join(known)}."),
            )
            return fragment
        kept = {name: known[name] for name in names}
        required = [name for name in fragment.get("required", []) if name in kept]
        return {**fragment, "properties": kept, "required": required}

    def _unknown(self, reference: str, pointer: str) -> dict[str, Any]:
        self._report(
            "form-ref-unknown",
            pointer,
            Text(vi=f"Không có mảnh dùng chung {reference}.", en=f"There is no shared fragment {reference}."),
            Text(
                vi="Viết tham chiếu dạng _shared/person.json#/adult và kèm tệp đó.",
                en="Write the reference like _shared/person.json#/adult and supply that file.",
            ),
        )
        return {"type": "string", "title": "?"}

    def _report(self, code: str, pointer: str, message: Text, remedy: Text) -> None:
        self.problems.append(
            Problem(code=code, message=message, remedy=remedy, file=self._file, element=pointer or "/")
        )


def _merge(under: Any, over: Any) -> Any:
    """``over`` on top of ``under``; objects are merged member by member, anything else is replaced."""
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    merged = dict(under)
    for key, value in over.items():
        merged[key] = _merge(under[key], value) if key in under and key != "x-show-if" else value
    return merged
