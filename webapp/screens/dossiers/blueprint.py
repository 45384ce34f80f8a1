"""The blueprint that all parts of the dossier screen hang on."""

from __future__ import annotations

from flask import Blueprint

screen = Blueprint("dossiers", __name__, template_folder="templates")
