"""What a new draft is prefilled with: the registers' answers about the person who asks, and nobody else."""

from __future__ import annotations

from typing import Any

from engine.errors import ConnectorError
from engine.forms import Form
from engine.model.permission import Actor
from engine.ports import RegistryQuery
from webapp import web

#: The root of ``x-prefill`` paths that stands for the person who asks.
SELF = "requester"
_PURPOSE = "Điền sẵn tờ khai theo yêu cầu của người dân"


def about_self(form: Form, actor: Actor) -> dict[str, Any]:
    """Register answers by the name the form knows them by. The population register's failure is raised.

    Roots that stand for another person (they hold an identity number of their own) are left to be typed.
    """
    answers = {SELF: _ask("population", actor)}
    prefilled = [field for field in form.fields() if field.is_leaf and field.prefill]
    others = {field.prefill[0] for field in prefilled if field.prefill[1:] == ("so_dinh_danh",)}
    wanted = {field.prefill[0]: field.source for field in prefilled if field.prefill[0] not in others | {SELF}}
    for root, register in sorted(wanted.items()):
        if register in web.product().ports.registries:
            try:
                answers[root] = _ask(register, actor)
            except ConnectorError:
                continue  # that part of the form stays open for typing
    return answers


def _ask(register: str, actor: Actor) -> dict[str, Any]:
    query = RegistryQuery(register=register, subject=actor.person_id, purpose=_PURPOSE, dossier="", officer=actor.login)
    answer = web.product().ports.registries[register].look_up(query)
    return {
        "register": register,
        "source": answer.source,
        "at": answer.at.isoformat(),
        "data": dict(answer.data),
        "subject": actor.person_id,
        "purpose": query.purpose,
    }
