"""Claim and release: from a list or from the dossier, always by an ordinary post."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.commands.tasks import ClaimTask, ReleaseTask
from webapp import web
from webapp.words import gettext as _

screen = Blueprint("tasks", __name__)


@screen.post("/tasks/<task_id>/claim")
@web.needs_sign_in
def claim(task_id: str) -> Response:
    """Take a task of one's role and unit; who was slower learns who has it."""
    number = web.execute(ClaimTask(task=task_id))["number"]
    return _back(number, _("Bạn đã nhận việc ở hồ sơ %(number)s."))


@screen.post("/tasks/<task_id>/release")
@web.needs_sign_in
def release(task_id: str) -> Response:
    """Give a task back to its group."""
    number = web.execute(ReleaseTask(task=task_id, revision=request.form.get("revision", type=int)))["number"]
    return _back(number, _("Bạn đã trả lại việc ở hồ sơ %(number)s; người cùng nhóm có thể nhận."))


def _back(number: str, sentence: str) -> Response:
    flash(sentence % {"number": number}, "success")
    return redirect(_own_path(request.form.get("next", "")) or url_for("dossiers.show", number=number))


def _own_path(target: str) -> str:
    """``target`` if it is a path of ours, else nothing: no redirect leads away."""
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or target.startswith("//") or "\\" in target
    return target if target.startswith("/") and not foreign else ""
