"""What the authors of a procedure's decision tables wrote about them, for people."""

from __future__ import annotations

from collections.abc import Mapping

from engine.decisions.xml import parse

_NOTED = frozenset({"decision", "businessKnowledgeModel"})


def decision_notes(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The descriptions of decisions and knowledge models in a package's DMN files, in their order."""
    notes: list[str] = []
    for name in sorted(files):
        if not name.endswith(".dmn"):
            continue
        for element in parse(files[name], file=name):
            if str(element.tag).rpartition("}")[2] not in _NOTED:
                continue
            for child in element:
                text = " ".join((child.text or "").split())
                if str(child.tag).endswith("}description") and text:
                    notes.append(text)
    return tuple(notes)
