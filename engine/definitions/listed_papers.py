"""The papers that an office may ask for: those that the bound version lists, and the application itself (I9).

Forms that ask for papers refer to ``_shared/papers.json#/listed``. The file on disk stands for any paper; a compiled
procedure puts its own list in its place, so that nothing else can be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from engine.definitions.manifest import Manifest
from engine.errors import Text

#: Name of the fragment in a package.
FRAGMENT = "_shared/papers.json"
#: The application is a component of every dossier (Decree 118/2025) and no paper of the manifest.
APPLICATION = "to_khai"


def listed_papers(manifest: Manifest) -> Mapping[str, Text]:
    """What may be asked for, by code."""
    own = {paper.code: paper.name for paper in manifest.papers}
    return {APPLICATION: Text(vi="Tờ khai, đơn đề nghị", en="The application itself")} | own


def fragment(manifest: Manifest) -> bytes:
    """``_shared/papers.json`` with the papers of this procedure as the only choices."""
    options = [
        {"const": code, "title": name.vi, "x-i18n": {"en": {"title": name.en}}}
        for code, name in listed_papers(manifest).items()
    ]
    listed = {
        "type": "string",
        "title": "Giấy tờ trong thành phần hồ sơ",
        "x-i18n": {"en": {"title": "Paper of this procedure"}},
        "x-widget": "select",
        "oneOf": options,
    }
    return orjson.dumps({"listed": listed})
