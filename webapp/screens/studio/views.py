"""The studio's views; importing them hangs them on the blueprint."""

from webapp.screens.studio import (
    approval,
    diagrams,
    drafts,
    form_pages,
    migrations,
    recording,
    trial_pages,
    versions,
    workbench,
)
from webapp.screens.studio.blueprint import screen

__all__ = [
    "approval",
    "diagrams",
    "drafts",
    "form_pages",
    "migrations",
    "recording",
    "screen",
    "trial_pages",
    "versions",
    "workbench",
]
