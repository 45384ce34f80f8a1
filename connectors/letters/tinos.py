"""The one typeface of official letters: Tinos, metric-compatible with Times New Roman (Decree 30/2020, Annex I).

Faces without all Vietnamese letters make the layout engine mix in another face silently and the national heading
wraps; so the four styles are looked for, and text outside their reach is shown as a box, never in a foreign face.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from connectors.letters.refusals import FontMissing

_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_BOX = "□"


@cache
def tinos_files() -> dict[str, Path]:
    """The files of the four styles by name; ``FontMissing`` names the styles that are not installed."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for file in sorted(folder.rglob("Tinos-*.ttf")):
            found.setdefault(file.stem.removeprefix("Tinos-"), file)
    missing = [style for style in _STYLES if style not in found]
    if missing:
        raise FontMissing(system="Tinos", why=", ".join(missing))
    return found


@cache
def _letters() -> frozenset[int]:
    sets = [frozenset(TTFont(file, lazy=True).getBestCmap()) for file in tinos_files().values()]
    return frozenset.intersection(*sets) | {0x09, 0x0A, 0x0D}


def printable(text: str) -> str:
    """``text`` in composed form (NFC), with a box for each character that Tinos does not have."""
    letters = _letters()
    return "".join(letter if ord(letter) in letters else _BOX for letter in unicodedata.normalize("NFC", text))
