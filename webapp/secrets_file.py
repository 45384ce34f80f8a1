"""Secrets made at first start and kept in a file that only the owner may read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path


class Secrets:
    """Named secrets of an installation; an unknown name is made and kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = secrets.token_urlsafe(32)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_suffix(".part")
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(self._known, file)
            temporary.rename(self._path)
        return self._known[name]
