"""Re-appointment (gia hạn): asked for with reason and remedy, decided and signed by a leader, before it is due.

The new due moment counts from the moment at which the signed apology (form 04) is on record, not earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands import deadlines, notices, slips
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, InvalidInput, Text
from engine.model.pause import ExtensionLate, ExtensionLimitReached
from engine.model.permission import CLERK, DESK, LEADER, SPECIALIST, Actor
from engine.store.records import Document

PURPOSE = "extension"
_KEY = "asked_extension"
_MOST_DAYS = 60


class ExtensionNotNow(DomainError):
    """The term of {number} cannot be extended now: {why} (Circular 03/2025, form 04)."""

    code = "extension-not-now"
    vi = "Chưa thể gia hạn hồ sơ {number}: {why} (Thông tư 03/2025, Mẫu 04)."


class SignerAsked(DomainError):
    """{name} asked for this; somebody else has to decide and sign (one-stop rules, I15)."""

    code = "signer-asked"
    vi = "{name} là người đề nghị; việc duyệt và ký phải do người khác làm (quy tắc một cửa)."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension:
    """Ask the leader for a re-appointment."""

    dossier: str
    days: int  #: whole working days on top
    reason: str
    remedy: str


def request_extension(context: Context, command: RequestExtension) -> dict[str, Any]:
    """The due moment as it is and as it would be; nothing moves before the leader has signed."""
    work = Work.open(context, context.uow.dossiers.get(command.dossier))
    unit = work.dossier.competent_unit
    role = next((role for role in (SPECIALIST, DESK, CLERK, LEADER) if context.actor.holds(role, unit)), "")
    if not role:
        raise Forbidden(
            why=Text(vi="việc của đơn vị đang giải quyết hồ sơ", en="the work of the unit that settles the dossier")
        )
    work = work.acting(role, unit)
    reason, remedy = (
        _said(command.reason, Text(vi="lý do gia hạn", en="reason")),
        _said(command.remedy, Text(vi="biện pháp", en="remedy")),
    )
    if _KEY in work.dossier.deadline:
        raise ExtensionNotNow(
            number=work.dossier.number, why=Text(vi="đã có đề nghị đang chờ lãnh đạo", en="one is waiting already")
        )
    asked = {
        "by": work.context.actor.login,
        "for": work.context.actor.on_behalf_of,
        "by_name": work.context.actor.name,
        "at": context.now.isoformat(),
        "days": command.days,
        "reason": reason,
        "remedy": remedy,
        "signer": "",
    }
    old, new = _trial(work, asked)
    work.change(deadline=work.dossier.deadline | {_KEY: asked})
    work.tell("ExtensionRequested", {"days": command.days, "reason": reason, "remedy": remedy})
    subject = Text(vi=f"Đề nghị gia hạn hồ sơ {work.dossier.number}", en=f"Extension asked for {work.dossier.number}")
    body = Text(
        vi=f"{context.actor.name} đề nghị hẹn lại {notices.shown(new)} (hạn {notices.shown(old)}). Lý do: {reason}.",
        en=f"{context.actor.name} asks for {notices.shown(new)} instead of {notices.shown(old)}. Reason: {reason}.",
    )
    notices.tell_officials(context, work.dossier, notices.heads(context, unit), subject, body)
    work.write()
    return {"number": work.dossier.number, "old_due": old.isoformat(), "new_due": new.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideExtension:
    """The leader grants the re-appointment and signs the apology, or says no."""

    dossier: str
    approve: bool
    note: str = ""


def decide_extension(context: Context, command: DecideExtension) -> dict[str, Any]:
    """Whether the apology is being made and signed now."""
    work = Work.open(context, context.uow.dossiers.get(command.dossier))
    unit = work.dossier.competent_unit
    if not context.actor.holds(LEADER, unit):
        raise Forbidden(why=Text(vi=f"việc của lãnh đạo {unit}", en=f"the work of a leader of {unit}"))
    work = work.acting(LEADER, unit)
    asked = work.dossier.deadline.get(_KEY)
    if asked is None or asked["signer"]:
        raise ExtensionNotNow(
            number=work.dossier.number, why=Text(vi="không có đề nghị nào đang chờ", en="nothing is asked")
        )
    _different(work.context.actor, asked)
    if not command.approve:
        note = _said(command.note, Text(vi="lý do không đồng ý", en="why not"))
        _clear(work)
        work.tell("ExtensionRefused", {"note": note})
        work.write()
        return {"number": work.dossier.number, "signing": False}
    old, new = _trial(work, asked)
    given = len(work.dossier.deadline.get("extensions", ()))
    data = {
        "number": _document(work, given),
        "signer": {"post": "Người có thẩm quyền ký", "name": context.actor.name},
        "extension": {
            "old_due": old.isoformat(),
            "new_due": new.isoformat(),
            "reason": asked["reason"],
            "remedy": asked["remedy"],
            "count": given,
        },
    }
    work.change(deadline=work.dossier.deadline | {_KEY: asked | {"signer": context.actor.login}})
    work.tell("ExtensionApproved", {"days": asked["days"], "note": command.note.strip()})
    slips.ask(work, "apology", data, purpose=PURPOSE, signer=context.actor.login)
    work.write()
    return {"number": work.dossier.number, "signing": True}


def grant(work: Work, document: Document) -> None:
    """The signed apology is on record: extend, if that is still in time; else the request lapses."""
    asked = work.dossier.deadline.get(_KEY)
    if asked is None or work.dossier.business.closed:
        work.tell("ExtensionLapsed", {"why": "không còn đề nghị nào"})
        return
    try:
        old, _new = _trial(work, asked)
    except (ExtensionLate, ExtensionLimitReached, ExtensionNotNow) as late:
        lapse(work, late.message("vi"))
        return
    _clear(work)
    given = len(work.dossier.deadline.get("extensions", ()))
    deadlines.extend(work, _extension(work, asked) | {"document": _document(work, given), "slip": document.id})
    number, due = work.dossier.number, notices.shown(work.dossier.due_at)
    subject = Text(vi=f"Xin lỗi và hẹn lại ngày trả hồ sơ {number}", en=f"Apology and new date for dossier {number}")
    body = Text(
        vi=f"Chúng tôi xin lỗi: hồ sơ {number} hẹn trả {notices.shown(old)} nay hẹn lại {due}. "
        f"Lý do: {asked['reason']}.",
        en=f"We apologise: dossier {number} was promised for {notices.shown(old)}; the new date is {due}. "
        f"Reason: {asked['reason']}.",
    )
    notices.tell_applicant(work.context, work.dossier, subject, body)


def lapse(work: Work, why: str) -> None:
    """The request comes to nothing; who asked and the leaders are told."""
    _clear(work)
    work.tell("ExtensionLapsed", {"why": why})
    number = work.dossier.number
    people = notices.responsible(work.context, work.dossier)
    people += notices.heads(work.context, work.dossier.competent_unit)
    notices.tell_officials(
        work.context,
        work.dossier,
        people,
        Text(vi=f"Gia hạn không thành: hồ sơ {number}", en=f"The extension of {number} came to nothing"),
        Text(vi=f"Hạn cũ vẫn giữ nguyên. {why}", en=f"The old due moment stands. {why}"),
    )


def _trial(work: Work, asked: dict[str, Any]) -> tuple[datetime, datetime]:
    """The due moment now and after the extension; nothing is changed. Refuses as granting would."""
    dossier, days = work.dossier, asked["days"]
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MOST_DAYS:
        raise InvalidInput(
            what="days",
            why=Text(vi=f"{days!r}: 1–{_MOST_DAYS} ngày làm việc", en=f"{days!r}: 1–{_MOST_DAYS} whole working days"),
        )
    if dossier.business.closed or dossier.clock_from is None:
        raise ExtensionNotNow(
            number=dossier.number, why=Text(vi="hồ sơ không còn trong thời hạn giải quyết", en="no term runs")
        )
    if dossier.due_at is None:
        raise ExtensionNotNow(number=dossier.number, why=Text(vi="thời hạn đang tạm dừng", en="the clock stands still"))
    extension = _extension(work, asked) | {"document": "?"}
    new = deadlines.preview(work, dossier.deadline | {"extensions": [*_given(work), extension]}).due_at
    if new is None:
        raise ExtensionNotNow(number=dossier.number, why=Text(vi="thời hạn đang tạm dừng", en="the clock stands still"))
    return dossier.due_at, new


def _extension(work: Work, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "granted_at": work.context.now.isoformat(),
        "parts": [{"qty": str(asked["days"]), "unit": "WORKING_DAY"}],
        "reason": asked["reason"],
        "remedy": asked["remedy"],
        "asked_by": asked["by"],
        "signed_by": asked["signer"],
    }


def _given(work: Work) -> list[dict[str, Any]]:
    return list(work.dossier.deadline.get("extensions", ()))


def _document(work: Work, given: int) -> str:
    return f"{work.dossier.number}/04-{given + 1}"


def _clear(work: Work) -> None:
    work.change(deadline={name: value for name, value in work.dossier.deadline.items() if name != _KEY})


def _different(actor: Actor, asked: dict[str, Any]) -> None:
    if {actor.login, actor.on_behalf_of} & ({asked["by"], asked["for"]} - {""}):
        raise SignerAsked(name=asked["by_name"])


def _said(text: str, what: Text) -> str:
    said = text.strip()
    if not said:
        raise ReasonMissing(what=what)
    return said[:2000]
