"""What officials write to one another about a dossier, and who wants to hear of it. Never shown to applicants."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.work import Work
from engine.errors import Forbidden, InvalidInput, Text
from engine.model import permission as role
from engine.store.desk_records import Comment
from engine.store.records import Dossier

_WORKING = frozenset({role.DESK, role.SPECIALIST, role.LEADER, role.CLERK, role.ACCOUNTANT})
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment:
    """Write something about a dossier for colleagues."""

    dossier: str
    text: str
    task: str = ""


def add_comment(context: Context, command: AddComment) -> dict[str, Any]:
    """The comment's id; who watches the dossier is told."""
    dossier = _concerned(context, command.dossier)
    text = command.text.strip()
    if not text or len(text) > _LONGEST:
        raise InvalidInput(
            what=Text(vi="ý kiến", en="comment"), why=Text(vi=f"1–{_LONGEST} ký tự", en=f"1–{_LONGEST} characters")
        )
    if command.task and context.uow.tasks.get(command.task).dossier != dossier.number:
        raise InvalidInput(what="task", why=Text(vi="việc của hồ sơ khác", en="another dossier's task"))
    actor = context.actor
    comment = Comment(
        id=secrets.token_hex(12),
        dossier=dossier.number,
        task=command.task,
        author=actor.login,
        author_name=actor.name,
        text=text,
        at=context.now,
    )
    context.uow.discussion.say(comment)
    _tell(context, dossier, "CommentAdded", {"comment": comment.id, "text": text}, task=command.task)
    others = tuple(one for one in notices.watchers(context, dossier.number) if one.login != actor.login)
    subject = Text(vi=f"Ý kiến mới về hồ sơ {dossier.number}", en=f"New comment on dossier {dossier.number}")
    body = Text(vi=f"{actor.name}: {text}", en=f"{actor.name}: {text}")
    notices.tell_officials(context, dossier, others, subject, body)
    return {"comment": comment.id, "dossier": dossier.number}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDossier:
    """Begin or end to hear of a dossier."""

    dossier: str
    watch: bool = True


def watch_dossier(context: Context, command: WatchDossier) -> dict[str, Any]:
    """Whether anything changed."""
    dossier = _concerned(context, command.dossier)
    discussion, login = context.uow.discussion, context.actor.login
    if command.watch:
        changed = discussion.watch(dossier.number, login, context.now)
    else:
        changed = discussion.unwatch(dossier.number, login)
    if changed:
        _tell(context, dossier, "WatchBegan" if command.watch else "WatchEnded", {"login": login})
    return {"dossier": dossier.number, "watching": command.watch, "changed": changed}


def _concerned(context: Context, number: str) -> Dossier:
    """The dossier, if the actor's work or audit has to do with it."""
    dossier, actor = context.uow.dossiers.get(number), context.actor
    units = {dossier.competent_unit, dossier.receiving_unit}
    units |= {task.unit for task in context.uow.tasks.of(number) if task.unit}
    working = any(post.role in _WORKING and post.unit in units for post in actor.posts)
    if not working and not any(actor.holds(role.AUDITOR, unit) for unit in units):
        raise Forbidden(why=Text(vi="hồ sơ của đơn vị khác", en="another unit's dossier"))
    return dossier


def _tell(context: Context, dossier: Dossier, kind: str, body: dict[str, Any], *, task: str = "") -> None:
    work = Work.open(context, dossier)
    work.tell(kind, body, task=task)
    work.write()
