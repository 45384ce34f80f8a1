"""Settings of gunicorn, from the product's own: several processes of several threads each, restarted when they die."""

from __future__ import annotations

import os
import shutil
from typing import Any

from webapp.settings import read_settings

_settings = read_settings()
_measures = _settings.home.resolve() / "metrics"
shutil.rmtree(_measures, ignore_errors=True)
_measures.mkdir(parents=True)
# The metrics library decides at its import whether the figures of all processes are added up.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_measures)

bind = f"{_settings.host}:{_settings.port}"
wsgi_app = "webapp.wsgi:application()"
worker_class = "gthread"
workers = _settings.processes
threads = _settings.threads
backlog = 512
keepalive = 30
timeout = 60  # a process that has not answered its master for so long is replaced
graceful_timeout = 30
proc_name = "motcua"
accesslog = None
loglevel = "warning"
limit_request_line = 8190


def on_starting(server: Any) -> None:
    """Import everything before the fork: the processes share that memory."""
    import webapp.wsgi  # noqa: F401 - the settings above must stand first
    from webapp import memory

    memory.settle()


def post_worker_init(worker: Any) -> None:
    """The application stands."""
    from webapp import memory

    memory.settle()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the figures of a process that ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
