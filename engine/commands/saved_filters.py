"""Filters of the inbox that people keep: for themselves, or shared with their unit."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.errors import Conflict, Forbidden, InvalidInput, Text
from engine.model.permission import LEADER, OPERATOR
from engine.store.desk_records import SavedFilter

_LONGEST = 60
_MOST = 50


class FilterNameTaken(Conflict):
    """There is a filter called {name} already; choose another name."""

    code = "filter-name-taken"
    vi = "Đã có bộ lọc tên {name}; hãy đặt tên khác."


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFilter:
    """Keep a filter under a name; ``unit`` shares it with that unit."""

    name: str
    query: dict[str, str]  #: the parameters of the inbox: tab, state, procedure, q
    unit: str = ""


def save_filter(context: Context, command: SaveFilter) -> dict[str, Any]:
    """The filter's id."""
    name = _name(command.name)
    if command.unit and command.unit not in _units(context):
        raise Forbidden(why=_elsewhere(command.unit))
    own = context.uow.filters.of(context.actor.login)
    if len(own) >= _MOST:
        raise InvalidInput(what=name, why=Text(vi=f"tối đa {_MOST} bộ lọc", en=f"{_MOST} filters at most"))
    _free(context, name)
    kept = SavedFilter(
        id=secrets.token_hex(8),
        owner=context.actor.login,
        owner_name=context.actor.name,
        unit=command.unit,
        name=name,
        query={key: value for key, value in sorted(command.query.items()) if value},
        created_at=context.now,
    )
    context.uow.filters.add(kept)
    return {"filter": kept.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Give a filter another name, and share it or keep it to oneself."""

    filter: str
    name: str
    unit: str = ""


def change_filter(context: Context, command: ChangeFilter) -> dict[str, Any]:
    """The filter's id."""
    kept = _changeable(context, command.filter)
    name = _name(command.name)
    if command.unit not in {"", kept.unit} and command.unit not in _units(context):
        raise Forbidden(why=_elsewhere(command.unit))
    if name != kept.name:
        _free(context, name)
    context.uow.filters.change(kept.id, name=name, unit=command.unit)
    return {"filter": kept.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFilter:
    """Delete a filter, for everybody it was shared with."""

    filter: str


def drop_filter(context: Context, command: DropFilter) -> dict[str, Any]:
    """The filter's id."""
    kept = _changeable(context, command.filter)
    context.uow.filters.drop(kept.id)
    return {"filter": kept.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseFilter:
    """Begin the day with this filter; with none, with the whole inbox."""

    filter: str = ""


def choose_filter(context: Context, command: ChooseFilter) -> dict[str, Any]:
    """The filter's id."""
    if command.filter:
        kept = context.uow.filters.get(command.filter)
        if kept.owner != context.actor.login and kept.unit not in _units(context):
            raise Forbidden(why=Text(vi="bộ lọc của người khác", en="somebody else's filter"))
    context.uow.filters.choose(context.actor.login, command.filter)
    return {"filter": command.filter}


def _changeable(context: Context, filter_id: str) -> SavedFilter:
    """The filter, if it is the actor's or the actor leads the unit with which it is shared."""
    kept = context.uow.filters.get(filter_id)
    if kept.owner != context.actor.login and not (kept.unit and context.actor.holds(LEADER, kept.unit)):
        raise Forbidden(why=Text(vi=f"bộ lọc của {kept.owner_name}", en=f"{kept.owner_name}'s filter"))
    return kept


def _elsewhere(unit: str) -> Text:
    return Text(vi=f"chỉ chia sẻ với đơn vị của mình ({unit})", en=f"only with one's own unit ({unit})")


def _units(context: Context) -> set[str]:
    return {post.unit for post in context.actor.posts if post.role != OPERATOR}


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= _LONGEST:
        raise InvalidInput(
            what=Text(vi="tên bộ lọc", en="name of the filter"),
            why=Text(vi=f"1–{_LONGEST} ký tự", en=f"1–{_LONGEST} characters"),
        )
    return name


def _free(context: Context, name: str) -> None:
    if any(kept.name.casefold() == name.casefold() for kept in context.uow.filters.of(context.actor.login)):
        raise FilterNameTaken(name=name)
