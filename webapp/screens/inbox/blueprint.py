"""The blueprint that all parts of the inbox hang on."""

from __future__ import annotations

from flask import Blueprint

screen = Blueprint("inbox", __name__, template_folder="templates")
