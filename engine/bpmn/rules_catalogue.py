"""Every finding of the deploy gate: its stable code and what it says to an analyst, in both languages.

A row is (Vietnamese fact, English fact, Vietnamese remedy, English remedy); words in braces are facts of the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.bpmn.rules_catalogue_structure import STRUCTURE
from engine.bpmn.rules_catalogue_wording import WORDING
from engine.errors import Problem, Text

CATALOGUE: Final[dict[str, tuple[str, str, str, str]]] = {**STRUCTURE, **WORDING}

_LONGEST_FACT: Final = 160


def finding(
    code: str,
    *,
    file: str = "",
    element: str = "",
    severity: str = "error",
    facts: Mapping[str, object] = MappingProxyType({}),
) -> Problem:
    """The problem ``code`` about ``element`` of ``file``; facts fill the sentence and are cut at 160 characters."""
    told = {"element": element or "?", "file": file or "?"} | {key: _told(fact) for key, fact in facts.items()}
    vi, en, vi_fix, en_fix = (sentence.format_map(told) for sentence in CATALOGUE[code])
    return Problem(
        code=code,
        message=Text(vi=vi, en=en),
        remedy=Text(vi=vi_fix, en=en_fix),
        file=file,
        element=element,
        severity=severity,
    )


def _told(fact: object) -> str:
    text = " ".join(str(fact).split())
    return text if len(text) <= _LONGEST_FACT else text[: _LONGEST_FACT - 1] + "…"
