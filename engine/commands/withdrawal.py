"""Ending a dossier outside its drawn path: the citizen withdraws it (rút), or the leader stops it (dừng)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands import deadlines, notices, refunds, slips
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, Text
from engine.model.permission import DESK, LEADER
from engine.model.status import Business


class DossierClosed(DomainError):
    """Dossier {number} is closed ({state}); a closed dossier is never opened again (one-stop rules)."""

    code = "dossier-closed"
    vi = "Hồ sơ {number} đã kết thúc ({state}); hồ sơ đã kết thúc không mở lại."


class ResultSignedAlready(DomainError):
    """Dossier {number} has a signed result, or is being signed; it can only be issued now (Decree 118/2025)."""

    code = "result-signed-already"
    vi = "Hồ sơ {number} đã có kết quả được ký hoặc đang ký; chỉ còn việc ban hành (Nghị định 118/2025)."


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDossier:
    """The citizen withdraws, or the desk enters the citizen's written request."""

    dossier: str
    reason: str
    document: str = ""  #: id of the stored request, or its number and date; the desk must name it


def withdraw_dossier(context: Context, command: WithdrawDossier) -> dict[str, Any]:
    """The amount that goes back, by the rule of the bound version for the stage (``withdrawal`` of its manifest)."""
    work = Work.open(context, context.uow.dossiers.get(command.dossier))
    dossier, actor = work.dossier, context.actor
    own = bool(dossier.applicant) and dossier.applicant == actor.login
    if not own:
        if not actor.holds(DESK, dossier.receiving_unit):
            raise Forbidden(why=Text(vi="hồ sơ của người khác", en="somebody else's dossier"))
        if not command.document.strip():
            raise ReasonMissing(what=Text(vi="đơn xin rút hồ sơ của người nộp", en="the applicant's written request"))
        work = work.acting(DESK, dossier.receiving_unit)
    _open_yet(work)
    reason = _said(command.reason, Text(vi="rút hồ sơ", en="withdrawing"))
    received = dossier.received_at is not None
    rule = work.procedure.manifest.on_withdrawal(received=received)
    told = {"reason": reason, "document": command.document.strip(), "by": "applicant" if own else "desk"}
    stage = stage_of(work)
    work.tell("DossierWithdrawn", told | {"stage": stage, "refund_percent": rule.refund, "ground": rule.ground})
    back = _end(work, Business.WITHDRAWN, f"{refunds.WITHDRAWN}{reason}", percent=rule.refund)
    data = {
        "number": f"{dossier.number}/RUT",
        "withdrawal": {
            "at": context.now.isoformat(),
            "reason": reason,
            "document": command.document.strip(),
            "stage": stage,
            "refund": back,
            "ground": rule.ground,
            "received": received,  # templates of versions from before the rule was told ask for it
        },
    }
    slips.ask(work, "withdrawal-slip", data, purpose="withdrawal")
    _tell(work, Text(vi="đã được rút", en="was withdrawn"), reason, back)
    work.write()
    return {"number": dossier.number, "refund": back}


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDossier:
    """The leader stops the settlement by a decision (form 05)."""

    dossier: str
    decision: str  #: number and date of the decision
    reason: str
    legal_base: str = ""
    returned: str = ""  #: papers that go back
    refund: bool = False  #: whether what was paid goes back
    still_owed: bool = False  #: whether demands that nobody has paid stay


def stop_dossier(context: Context, command: StopDossier) -> dict[str, Any]:
    """What goes back and what is still owed."""
    work = Work.open(context, context.uow.dossiers.get(command.dossier))
    dossier = work.dossier
    if not context.actor.holds(LEADER, dossier.competent_unit):
        raise Forbidden(
            why=Text(
                vi=f"việc của lãnh đạo {dossier.competent_unit}", en=f"the work of a leader of {dossier.competent_unit}"
            )
        )
    work = work.acting(LEADER, dossier.competent_unit)
    _open_yet(work)
    reason, decision = (
        _said(command.reason, Text(vi="dừng giải quyết", en="stopping")),
        _said(command.decision, Text(vi="quyết định dừng", en="the decision to stop")),
    )
    stage = stage_of(work)
    owed = sum(c.amount for c in context.uow.money.charges(dossier.number) if c.state == "due")
    left = owed if command.still_owed else 0
    work.tell("DossierStopped", {"decision": decision, "reason": reason, "stage": stage, "finance_left": left})
    back = _end(work, Business.STOPPED, f"{refunds.STOPPED}{reason}", percent=100 * command.refund, lapse=not left)
    data = {
        "number": f"{dossier.number}/05",
        "signer": {"post": "Người có thẩm quyền ký", "name": context.actor.name},
        "halt": {
            "request": dossier.procedure_name,
            "stage": stage,
            "decision": decision,
            "reason": reason,
            "legal_base": command.legal_base.strip() or "Thông tư 03/2025/TT-VPCP, Mẫu số 05",
            "finance_left": left,
            "returned": command.returned.strip() or "không có",
        },
    }
    slips.ask(work, "halt-notice", data, purpose="stop", signer=context.actor.login)
    _tell(work, Text(vi="đã dừng giải quyết", en="was stopped"), reason, back)
    work.write()
    return {"number": dossier.number, "refund": back, "finance_left": left}


def _open_yet(work: Work) -> None:
    """``DossierClosed`` or ``ResultSignedAlready`` unless the dossier may still end without a result."""
    dossier, uow = work.dossier, work.context.uow
    if dossier.business.closed:
        raise DossierClosed(number=dossier.number, state=dossier.business.value)
    signing = any(row.topic == "result.sign" and row.state == "waiting" for row in uow.outbox.of(dossier.number))
    if signing or dossier.business is Business.RESULT_SIGNED or uow.results.of(dossier.number) is not None:
        raise ResultSignedAlready(number=dossier.number)


def _end(work: Work, state: Business, reason: str, *, percent: int, lapse: bool = True) -> int:
    work.cancel(reason)
    back = refunds.open_refunds(work, reason, percent=percent, lapsing=lapse)
    work.change(business=state, closed_at=work.context.now, waiting_for="", lateness="")
    deadlines.end(work)
    return back


def _tell(work: Work, what: Text, reason: str, back: int) -> None:
    number = work.dossier.number
    money = (f" Số tiền hoàn: {back} đồng.", f" To be refunded: {back} đồng.") if back else ("", "")
    subject = Text(vi=f"Hồ sơ {number} {what.vi}", en=f"Dossier {number} {what.en}")
    body = Text(
        vi=f"Hồ sơ {number} {what.vi}. Lý do: {reason}.{money[0]}",
        en=f"Dossier {number} {what.en}. Reason: {reason}.{money[1]}",
    )
    notices.tell_applicant(work.context, work.dossier, subject, body)  # who watches hears of the new status


def stage_of(work: Work) -> str:
    """The steps at which the dossier stands, in words."""
    names = [task.name or task.element for task in work.instance.open_tasks()]
    return ", ".join(dict.fromkeys(names)) or work.dossier.business.value


def _said(text: str, what: Text) -> str:
    said = text.strip()
    if not said:
        raise ReasonMissing(what=what)
    return said[:2000]
