"""Structured lines on standard error, one JSON object each, without personal data.

A line says what happened to which record: request, command, dossier, row, code. It never holds what a person typed. An
exception is told by its kind and the places it passed, not by its sentence, for a driver's sentence may quote a row.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from engine.errors import MotcuaError

_ROOT = Path(__file__).resolve().parent.parent
#: What other libraries tell at INFO is about themselves.
_QUIET = (
    "waitress",
    "werkzeug",
    "gunicorn.error",
    "fontTools",
    "weasyprint",
    "pyhanko",
    "pyhanko_certvalidator",
    "procrastinate",
)


def configure_logging(level: str) -> None:
    """Send our lines, and those of every library, to standard error in one shape."""
    wanted = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        tell_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(wanted),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(wanted, logging.INFO))
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(wanted, logging.WARNING))


def tell_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kinds, our code where it has one, and the places it passed, innermost last."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = list(_kinds(error))
        event["places"] = list(_places(error.__traceback__))
    return event


def _kinds(error: BaseException) -> Iterator[str]:
    """The error and what caused it."""
    seen: BaseException | None = error
    while seen is not None:
        kind = f"{type(seen).__module__}.{type(seen).__qualname__}"
        state = (
            getattr(seen, "sqlstate", None) or getattr(seen, "sqlite_errorname", None) or getattr(seen, "errno", None)
        )
        code = seen.code if isinstance(seen, MotcuaError) else state
        yield f"{kind} {code}" if code else kind
        seen = seen.__cause__ or seen.__context__


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        path = Path(frame.filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
        yield f"{shown}:{frame.lineno} {frame.name}"
