"""The portal's parts, registered on one blueprint."""

from __future__ import annotations

from webapp.screens.portal import documents, dossiers, drafting
from webapp.screens.portal.blueprint import screen

__all__ = ["documents", "dossiers", "drafting", "screen"]
