"""What a national register answers, asked before the command that keeps it and never inside one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.errors import ConnectorError
from engine.forms import Form
from engine.model.permission import Actor
from engine.ports import Registry, RegistryQuery

#: The root of ``x-prefill`` paths that stands for the person whose application it is.
SELF = "requester"
#: The field of a register's record that identifies its subject.
IDENTITY = "so_dinh_danh"
PURPOSE = "Điền sẵn tờ khai theo yêu cầu của người dân"


def ask(
    registries: Mapping[str, Registry], register: str, subject: str, actor: Actor, *, purpose: str = PURPOSE
) -> dict[str, Any]:
    """The record of ``subject``, ready to be kept with a draft; ``ConnectorUnavailable`` when the register is down."""
    query = RegistryQuery(register=register, subject=subject, purpose=purpose, dossier="", officer=actor.login)
    answer = registries[register].look_up(query)
    return {
        "register": register,
        "source": answer.source,
        "at": answer.at.isoformat(),
        "data": dict(answer.data),
        "subject": subject,
        "purpose": purpose,
    }


def about_self(
    registries: Mapping[str, Registry], form: Form, actor: Actor
) -> tuple[dict[str, Any], tuple[ConnectorError, ...]]:
    """By root of ``x-prefill``, the answers about the person that a new draft begins with; and what failed.

    The population register's answer is needed: its failure is raised. The form can do without the others. Roots that
    stand for another person, because they hold an identity number of their own, are left to be typed.
    """
    answers = {SELF: ask(registries, "population", actor.person_id, actor)}
    failures: list[ConnectorError] = []
    prefilled = [field for field in form.fields() if field.is_leaf and field.prefill]
    other_people = {field.prefill[0] for field in prefilled if field.prefill[1:] == (IDENTITY,)}
    wanted = {field.prefill[0]: field.source for field in prefilled if not _among(field.prefill[0], other_people)}
    for root, register in sorted(wanted.items()):
        if register not in registries:
            continue
        try:
            answers[root] = ask(registries, register, actor.person_id, actor)
        except ConnectorError as error:
            failures.append(error)
    return answers, tuple(failures)


def _among(root: str, other_people: Collection[str]) -> bool:
    return root == SELF or root in other_people
