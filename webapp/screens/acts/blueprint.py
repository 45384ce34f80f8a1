"""The blueprint that the acts hang on."""

from __future__ import annotations

from flask import Blueprint

screen = Blueprint("acts", __name__, template_folder="templates")
