"""Units, people and who does what where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.errors import Forbidden, Text
from engine.model.permission import OPERATOR
from engine.store.records import Account, Assignment, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnit:
    """Enter a unit as of its date."""

    unit: Unit


def add_unit(context: Context, command: AddUnit) -> dict[str, Any]:
    """The unit's code."""
    _operator(context)
    context.uow.organisation.add_unit(command.unit)
    return {"unit": command.unit.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAccount:
    """Enter a person who can sign in, with the posts held."""

    account: Account
    posts: tuple[tuple[str, str], ...] = ()  #: (unit, role)


def add_account(context: Context, command: AddAccount) -> dict[str, Any]:
    """The account's login."""
    _operator(context)
    context.uow.organisation.add_account(command.account)
    for place, (unit, role) in enumerate(command.posts):
        context.uow.organisation.assign(
            Assignment(
                id=f"{command.account.login}:{place}",
                login=command.account.login,
                unit=unit,
                role=role,
                valid_from=context.now,
                valid_to=None,
            )
        )
    return {"login": command.account.login}


def _operator(context: Context) -> None:
    if not (context.actor.is_system or any(post.role == OPERATOR for post in context.actor.posts)):
        raise Forbidden(why=Text(vi="cần vai trò quản trị", en="needs the role operator"))
