"""The dossier screen's parts, registered on one blueprint."""

from __future__ import annotations

from webapp.screens.dossiers import files, page, search
from webapp.screens.dossiers.blueprint import screen

__all__ = ["files", "page", "screen", "search"]
