"""Pages: the content security policy holds because nothing is inline, and every word can be translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEBAPP = Path(__file__).resolve().parents[2] / "webapp"
PAGES = sorted(WEBAPP.rglob("templates/**/*.html"))
SCRIPTS = sorted((WEBAPP / "static" / "js").glob("*.js"))
#: Attributes that are read out or shown.
_SPOKEN = {"alt", "aria-description", "aria-label", "content", "placeholder", "title"}
#: Jinja's parts, with the words between ``trans`` and ``endtrans``, which are in the catalogue, and what blocks and
#: macros put inside a tag: class names, and the macros named below.
_JINJA = re.compile(
    r"{%-?\s*(?:trans|block \w+_class|macro (?:condition|state|shade))\b.*?end(?:trans|block|macro)\s*-?%}"
    r"|{#.*?#}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words that are the same in every language, and why.
SAME = {
    "Motcua": "the product's name",
    "Một cửa": "the name of what the law calls so, marked lang=vi",
    "PAdES": "names of standards and formats",
    "PDF": "the same",
    "SHA": "the same",
    "VietQR": "the same",
    "Tiếng Việt": "a language offers itself in its own words",
    "Việt": "the same",
    "English": "the same",
    "EN": "the same",
    "VI": "the same",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inline: list[str] = []
        self.words: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._inside = tag
        if tag == "style" or (tag == "script" and "src" not in names and "json" not in (names.get("type") or "")):
            self.inline.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
            if (value or "").strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}=javascript")
            if name in _SPOKEN and tag != "meta":
                self._heard(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in {"code", "kbd", "script", "style"}:
            self._heard(data)

    def _heard(self, text: str) -> None:
        for word in SAME:
            text = text.replace(word, "")
        if _WORD.search(text):
            self.words.append(" ".join(text.split()))


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(_JINJA.sub(" ", text))
    return reader


def test_pages_are_found_and_their_faults_seen() -> None:
    assert len(PAGES) > 30
    assert len(SCRIPTS) > 3
    page = '<p style="x" onclick="y()">Nộp {{ n }}</p><a href=" javascript:z" title="Mở">{{ _("Hồ sơ") }}</a><script>'
    read = _read(page)
    assert read.inline == ["p style", "p onclick", "a href=javascript", "<script>"]
    assert read.words == ["Nộp", "Mở"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_holds_no_inline_style_or_script(page: Path) -> None:
    assert _read(page.read_text(encoding="utf-8")).inline == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_of_a_page_can_be_translated(page: Path) -> None:
    assert _read(page.read_text(encoding="utf-8")).words == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_writes_no_markup_and_evaluates_no_text(script: Path) -> None:
    writing = r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|setAttribute\(\W?(?:on|style)"
    evaluating = r"\beval\(|new Function"
    assert re.findall(f"{writing}|{evaluating}", script.read_text(encoding="utf-8")) == []
