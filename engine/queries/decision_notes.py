"""What the authors of a procedure's fee tables wrote about them, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from engine.decisions.xml import parse

#: The decision that every procedure with a fee answers (processes/_shared/fee.bpmn).
_FEE = "fee"
_NOTED = frozenset({"decision", "businessKnowledgeModel"})


def decision_notes(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The descriptions of the fee's decision and of all it requires, in the order of the DMN files.

    Other decisions of the package (what a certificate says, whom to ask) are not about money and stay out.
    """
    notes: list[str] = []
    for name in sorted(files):
        if not name.endswith(".dmn"):
            continue
        known = {str(found.get("id")): found for found in parse(files[name], file=name) if _tag(found) in _NOTED}
        wanted = _required(known)
        for key, element in known.items():
            text = next((" ".join((child.text or "").split()) for child in element if _tag(child) == "description"), "")
            if key in wanted and text:
                notes.append(text)
    return tuple(notes)


def _required(known: Mapping[str, etree._Element]) -> set[str]:
    """Ids of the fee's decision and of what it needs, at any depth."""
    found: set[str] = set()
    ahead = [key for key, element in known.items() if element.get("name") == _FEE]
    while ahead:
        key = ahead.pop()
        if key in known and key not in found:
            found.add(key)
            ahead += _references(known[key])
    return found


def _references(element: etree._Element) -> Iterator[str]:
    for child in element.iter():
        if _tag(child) in {"requiredDecision", "requiredKnowledge"}:
            yield str(child.get("href", "")).removeprefix("#")


def _tag(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
