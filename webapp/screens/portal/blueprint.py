"""The blueprint that all parts of the portal hang on."""

from __future__ import annotations

from flask import Blueprint

screen = Blueprint("portal", __name__, template_folder="templates")
