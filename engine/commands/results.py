"""Handing the issued result over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.commands.operations import ResultMissing
from engine.commands.work import Work
from engine.errors import Forbidden, InvalidInput, Text
from engine.model.permission import DESK
from engine.model.status import Business, Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Return the result (trả kết quả): by download, at the desk or by post, with its evidence."""

    dossier: str
    way: str  #: online, desk or post
    evidence: str = ""  #: who took it, or the number of the postal item


def hand_over(context: Context, command: HandOver) -> dict[str, Any]:
    """Record the delivery; a second download changes nothing."""
    dossier = context.uow.dossiers.get(command.dossier)
    if dossier.business is not Business.RESULT_ISSUED:
        raise ResultMissing(number=dossier.number)
    if command.way == "online":
        if dossier.applicant != context.actor.login:
            raise Forbidden(why=Text(vi="hồ sơ của người khác", en="somebody else's dossier"))
    elif not context.actor.holds(DESK, dossier.receiving_unit):
        raise Forbidden(why=Text(vi="việc của Bộ phận Một cửa", en="the one-stop desk's work"))
    if command.way not in {"online", "desk", "post"}:
        raise InvalidInput(what="way", why="online, desk or post")
    if command.way != "online" and not command.evidence.strip():
        raise InvalidInput(
            what="evidence", why=Text(vi="ghi người nhận hoặc số bưu gửi", en="name the recipient or postal item")
        )
    if dossier.delivery is Delivery.DELIVERED:
        return {"number": dossier.number, "delivered": False}
    work = Work.open(context, dossier)
    work.tell("ResultDelivered", {"way": command.way, "evidence": command.evidence})
    work.change(delivery=Delivery.DELIVERED)
    work.write()
    return {"number": dossier.number, "delivered": True}
