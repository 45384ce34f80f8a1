"""Compiled templates are known by their text: equal texts are compiled once, changed ones anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment
from jinja2.bccache import Bucket

from connectors.letters import compiled
from connectors.letters.compiled import CompiledTemplates
from connectors.letters.renderer import Renderer


class Counting(CompiledTemplates):
    """Tells what was compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.made.append(bucket.checksum)
        super().dump_bytecode(bucket)


def said(cache: CompiledTemplates, text: str) -> str:
    return Environment(loader=DictLoader({"a": text}), bytecode_cache=cache, autoescape=True).get_template("a").render()


def test_changed_text_of_one_name_is_another_letter(tmp_path: Path) -> None:
    renderer = Renderer(tmp_path)
    told = [renderer.html("a", {"n": 1}, sources={"a": text}) for text in ("v1 {{ n }}", "v2 {{ n }}", "v1 {{ n }}")]
    assert told == ["v1 1", "v2 1", "v1 1"]


def test_equal_text_is_compiled_once() -> None:
    cache = Counting()
    assert [said(cache, text) for text in ("{{ 1 }}", "{{ 2 }}", "{{ 1 }}", "{{ 2 }}")] == ["1", "2", "1", "2"]
    assert len(cache.made) == 2


def test_text_not_asked_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MOST", 2)
    cache = Counting()
    for text in ("1", "2", "1", "3", "1", "2"):
        assert said(cache, text) == text
    assert len(cache.made) == 4  # the second of "2", which made room for "3"
