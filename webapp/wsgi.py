"""The application for a WSGI server of several processes: ``gunicorn -c python:webapp.gunicorn_settings``."""

from __future__ import annotations

import atexit
from contextlib import ExitStack

from flask import Flask

from webapp.app import create_app
from webapp.bootstrap import assemble
from webapp.logs import configure_logging
from webapp.settings import read_settings


def application() -> Flask:
    """The application on a product of this process's own: connections are never shared across a fork."""
    settings = read_settings()
    configure_logging(settings.log_level)
    open_until_exit = ExitStack()
    product = open_until_exit.enter_context(assemble(settings, sandboxes=False))
    atexit.register(open_until_exit.close)
    return create_app(product)
