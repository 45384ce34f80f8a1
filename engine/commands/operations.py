"""The inside operations of the catalogue: what a diagram may do to its own dossier, in the transaction of the step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.commands import deadlines
from engine.commands.refunds import open_refunds
from engine.commands.work import OperationRefused, Work
from engine.definitions.listed_papers import listed_papers
from engine.errors import DomainError, Forbidden, InvalidInput, Text
from engine.model.pause import PauseReason
from engine.model.status import Business, Delivery, Finance
from engine.store.records import Charge, Dossier
from engine.values import Money, aware
from engine.work_rows import row_told

#: Steps that one command may take by itself before it counts as endless.
_MAX_STEPS = 500

Handler = Callable[[Work, bpmn.OpenTask], dict[str, Any]]


class EndlessProcess(DomainError):
    """The procedure did not come to rest after {steps} steps; nothing was changed."""

    code = "endless-process"
    vi = "Quy trình chạy {steps} bước mà không dừng; chưa có gì thay đổi."


class ResultMissing(DomainError):
    """Dossier {number} has no signed result of its own, so nothing can be issued (one-stop rules, Decree 118/2025)."""

    code = "result-missing"
    vi = "Hồ sơ {number} chưa có kết quả được ký của chính nó nên chưa thể ban hành (Nghị định 118/2025)."


class ReasonMissing(DomainError):
    """A reason is needed: {what} (Circular 03/2025, Annex I)."""

    code = "reason-missing"
    vi = "Phải ghi lý do: {what} (Thông tư 03/2025, Phụ lục I)."


class SupplementAgain(DomainError):
    """This stage allows {allowed} supplement request(s) and no more ({ground}); decide on what is there."""

    code = "supplement-again"
    vi = "Bước này chỉ được yêu cầu bổ sung {allowed} lần ({ground}); hãy quyết định theo hồ sơ đang có."


class SupplementUnlisted(DomainError):
    """The paper {paper} is not listed by this version; it lists: {listed}. Nothing else may be asked (I9)."""

    code = "supplement-unlisted"
    vi = "Giấy tờ {paper} không có trong thành phần hồ sơ của phiên bản này (có: {listed}); không được yêu cầu thêm."


class SupplementLate(DomainError):
    """The supplement can no longer be asked: the notice was due until {until} ({ground})."""

    code = "supplement-late"
    vi = "Không còn được yêu cầu bổ sung: hạn ra thông báo là {until} ({ground})."


class PauseWithoutDocument(DomainError):
    """The clock of {number} stops only on a numbered letter stored in this dossier (Circular 03/2025; I5)."""

    code = "pause-without-document"
    vi = "Thời hạn của hồ sơ {number} chỉ tạm dừng khi có văn bản đã ghi số và lưu trong hồ sơ (Thông tư 03/2025)."


def settle(work: Work) -> Dossier:
    """Run inside operations until nothing moves by itself, then write everything; the stored dossier."""
    for _ in range(_MAX_STEPS):
        task = work.inside_task()
        if task is None:
            return work.write()
        try:
            work.answer(task, HANDLERS[task.attributes["operation"]](work, task))
        except OperationRefused as refusal:
            work.fail(task, refusal.error, refusal.message("vi"))
    raise EndlessProcess(steps=_MAX_STEPS)


def _lodge(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """The filing is complete (paid, or free): the reception event that the term counts from.

    An official's hesitation before accepting never lengthens the citizen's term.
    """
    work.change(clock_from=work.context.now, business=Business.SUBMITTED)
    case = task.inputs.get("case")
    if case:  # the variant of the procedure (trường hợp) that the application is: it may have a limit of its own
        work.change(deadline=work.dossier.deadline | {"case": str(case)})
    return deadlines.derive(work)


def _receive(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    if work.dossier.clock_from is None:
        work.change(clock_from=work.context.now)
    work.change(received_at=work.context.now, business=Business.RECEIVED)
    answer = deadlines.derive(work)
    work.change(business=Business.IN_PROGRESS)
    return answer


def _decline(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    reason = _reason(task, Text(vi="từ chối tiếp nhận", en="declining"))
    if work.dossier.received_at is not None:
        raise Forbidden(
            why=Text(vi=f"{work.dossier.number} đã được tiếp nhận", en=f"{work.dossier.number} was received already")
        )
    work.change(business=Business.REFUSED, closed_at=work.context.now, waiting_for="")
    deadlines.end(work)
    return {"reason": reason}


def _request_supplement(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Record a consolidated request: one in a stage unless the version allows more, and only in its time (I9)."""
    reason, inputs, now = (
        _reason(task, Text(vi="yêu cầu bổ sung", en="asking for a supplement")),
        task.inputs,
        work.context.now,
    )
    received = work.dossier.received_at is not None
    papers = _listed(work, inputs.get("papers"))
    legal_base = str(inputs.get("legal_base") or "").strip()
    if not legal_base:
        raise ReasonMissing(what=Text(vi="căn cứ pháp lý của yêu cầu bổ sung", en="the legal base of the request"))
    stage = str(inputs.get("stage") or ("appraisal" if received else "intake"))
    allowed, ground = inputs.get("rounds") or 1, str(inputs.get("ground") or "Thông tư 03/2025, Mẫu 02")
    rounds: dict[str, int] = dict(work.dossier.deadline.get("rounds", {}))
    rounds[stage] = rounds.get(stage, 0) + 1
    if rounds[stage] > allowed:
        raise SupplementAgain(allowed=allowed, ground=ground)
    until = _moment(inputs.get("until"))
    if until is not None and now > until:
        raise SupplementLate(until=f"{until:%H:%M %d/%m/%Y}", ground=ground)
    total = int(work.dossier.deadline.get("supplements", 0)) + 1
    document = f"{work.dossier.number}/02-{total}"
    work.change(business=Business.WAIT_SUPPLEMENT if received else Business.INTAKE_SUPPLEMENT)
    deadlines.pause(work, PauseReason.SUPPLEMENT, document, supplements=total, rounds=rounds)
    return {"document": document, "reason": reason, "papers": papers, "round": rounds[stage], "stage": stage}


def _listed(work: Work, asked: Any) -> list[dict[str, str]]:
    """The papers asked for with their names: at least one, and only such as the bound version lists (I9)."""
    listed = listed_papers(work.procedure.manifest)
    found = []
    for paper in asked if isinstance(asked, list) else ():
        code = str(paper.get("code") or "") if isinstance(paper, dict) else str(paper)
        if code not in listed:
            raise SupplementUnlisted(paper=code[:80], listed=", ".join(listed))
        need = str(paper.get("need") or "") if isinstance(paper, dict) else ""
        found.append({"code": code, "name": listed[code].vi, "need": need})
    if not found:
        raise ReasonMissing(what=Text(vi="giấy tờ nào cần bổ sung", en="which papers are to be supplied"))
    return found


def _resume(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    received = work.dossier.received_at is not None
    work.change(business=Business.IN_PROGRESS if received else Business.SUBMITTED)
    return deadlines.resume(work)


def _wait_agency(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Wait for another agency's opinion on an issued letter; the clock stands still (I5)."""
    number = _issued(work, task)
    work.change(business=Business.WAIT_AGENCY)
    deadlines.pause(work, PauseReason.OPINION, number)
    return {"number": number, "asked_at": work.context.now.isoformat()}


def _progress(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Go on; with ``number``, that letter is answered. While another agency is still awaited, the dossier waits."""
    number = str(task.inputs.get("number") or "")
    answer = deadlines.resume(work, number) if number else {}
    if not deadlines.awaits(work, PauseReason.OPINION):
        work.change(business=Business.IN_PROGRESS)
    return answer


def _pause_clock(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Stop the clock for a finance notice, or for a span that the version's limit leaves out."""
    reason = str(task.inputs.get("reason"))
    if reason not in {PauseReason.FINANCE, PauseReason.EXCLUDED_SPAN}:
        raise InvalidInput(what="clock.pause", why=f"{reason!r} is neither FINANCE nor EXCLUDED_SPAN")
    number = _issued(work, task)
    deadlines.pause(work, PauseReason(reason), number)
    return {"number": number}


def _resume_clock(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    return deadlines.resume(work, str(task.inputs.get("number")))


def _issued(work: Work, task: bpmn.OpenTask) -> str:
    """The number of the letter that stops the clock; the letter has to be stored and this dossier's own."""
    document, number = str(task.inputs.get("document") or ""), str(task.inputs.get("number") or "").strip()
    own = {known.id for known in work.context.uow.documents.of(work.dossier.number)}
    if document not in own or not number:
        raise PauseWithoutDocument(number=work.dossier.number)
    return number


def _note_silence(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """The law reads silence as an answer: say so, with its ground, in the dossier's history (I20)."""
    told = {name: str(task.inputs.get(name) or "") for name in ("event", "meaning", "ground", "subject")}
    work.tell("SilenceNoted", told, node=task.element, task=task.id)
    return told | {"at": work.context.now.isoformat()}


def _extend(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """A re-appointment approved by the leader: a duration on top, before the due moment (Circular 03/2025, form 04)."""
    reason, remedy, days = (
        _reason(task, Text(vi="gia hạn", en="extending")),
        task.inputs.get("remedy"),
        task.inputs.get("days"),
    )
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise InvalidInput(
            what="days",
            why=Text(
                vi=f"{days!r}: số ngày làm việc phải nguyên, ít nhất 1", en=f"{days!r}: whole working days, at least 1"
            ),
        )
    given = len(work.dossier.deadline.get("extensions", ()))
    return deadlines.extend(
        work,
        {
            "granted_at": work.context.now.isoformat(),
            "parts": [{"qty": str(days), "unit": "WORKING_DAY"}],
            "document": f"{work.dossier.number}/04-{given + 1}",
            "reason": reason,
            "remedy": str(remedy or ""),
        },
    )


def _stop(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    reason = _reason(task, Text(vi="dừng giải quyết", en="stopping"))
    work.change(business=Business.STOPPED, closed_at=work.context.now)
    deadlines.end(work)
    return {"reason": reason}


def _charge(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    amount = task.inputs.get("amount")
    item = str(task.inputs.get("item") or "fee")
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise InvalidInput(what=f"amount of {item}", why=f"the fee table gave {amount!r} instead of whole đồng")
    money, context = Money(amount), work.context
    if money == 0:
        work.change(finance=Finance.EXEMPT)
        return {"charge": "", "amount": 0, "item": item}
    for known in context.uow.money.charges(work.dossier.number):
        if known.item == item:  # a second demand for the same item is the first one
            return {"charge": known.id, "amount": known.amount, "item": item, "state": known.state}
    unit = context.uow.organisation.unit(work.dossier.competent_unit, context.now)
    if not unit.account:
        raise InvalidInput(what=f"unit {unit.code}", why="it has no beneficiary account in force (I8)")
    charge = Charge(
        id=f"{work.dossier.number}:{item}",
        dossier=work.dossier.number,
        item=item,
        name=_fee_name(work, item),
        amount=money,
        state="due",
        unit=unit.code,
        bank=unit.bank,
        account=unit.account,
        beneficiary=unit.beneficiary,
        explanation=list(task.inputs.get("lines") or []),
        created_at=context.now,
    )
    context.uow.money.add_charge(charge)
    work.tell("ChargeDemanded", {"charge": charge.id} | row_told(charge, "id", "dossier", "state", "created_at"))
    work.change(finance=Finance.DUE)
    return {"charge": charge.id, "amount": amount, "item": item, "state": "due"}


def _fee_name(work: Work, item: str) -> str:
    for fee in work.procedure.manifest.fees:
        if fee.code == item:
            return fee.name.vi
    raise InvalidInput(what=f"fee item {item}", why="the manifest lists no such fee")


def _refund(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Open a refund for every captured payment: never more than was captured, never twice."""
    return {"amount": open_refunds(work, _reason(task, Text(vi="hoàn phí", en="refunding")))}


def _book_number(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """One number per original per occasion, consecutive in the unit's book of the year (Decree 23/2015)."""
    book = str(task.inputs.get("book") or work.procedure.manifest.book)
    if not book:
        raise InvalidInput(what="book.number", why="neither the task nor the manifest names a book")
    occasions = [str(occasion) for occasion in task.inputs.get("occasions") or [book]]
    now, unit = work.context.now, work.dossier.competent_unit
    entries = []
    for occasion in occasions:
        number = work.context.uow.numbers.book_number(book, unit, now, dossier=work.dossier.number, occasion=occasion)
        entries.append({"occasion": occasion, "number": number, "text": f"{number:06d}/{now.year}"})
    work.tell("BookNumberTaken", {"book": book, "unit": unit, "year": now.year, "entries": entries})
    return {"entries": entries, "number": entries[0]["text"], "book": book, "year": now.year}


def _issue(work: Work, task: bpmn.OpenTask) -> dict[str, Any]:
    """Issue the signed result: only if it is stored, this dossier's own and of a type the version allows (I1, I2)."""
    context, number = work.context, work.dossier.number
    result = context.uow.results.of(number)
    if result is None:
        raise ResultMissing(number=number)
    if result.kind not in {kind.code for kind in work.procedure.manifest.results}:
        raise InvalidInput(what=f"result type {result.kind}", why="the bound version does not allow it")
    if work.dossier.finance in {Finance.DUE, Finance.PENDING}:
        raise Forbidden(why=Text(vi=f"{number} còn khoản phải nộp", en=f"a fee of {number} is still due"))
    work.change(business=Business.RESULT_ISSUED, delivery=Delivery.READY, closed_at=context.now, waiting_for="")
    deadlines.end(work)
    work.tell("ResultIssued", {"number": result.number, "digest": result.digest, "kind": result.kind})
    return {"number": result.number, "digest": result.digest, "code": result.verify_code}


def _moment(value: Any) -> datetime | None:
    """A moment of the process data; ``InvalidInput`` for anything that is neither absent nor a moment with a zone."""
    if value is None or value == "":
        return None
    try:
        return aware(datetime.fromisoformat(str(value)), what="until")
    except ValueError as error:
        raise InvalidInput(
            what="until", why=Text(vi=f"{value!r} không phải thời điểm", en=f"{value!r} is no moment")
        ) from error


def _reason(task: bpmn.OpenTask, what: Text) -> str:
    reason = str(task.inputs.get("reason") or "").strip()
    if not reason:
        raise ReasonMissing(what=what)
    return reason


HANDLERS: dict[str, Handler] = {
    "dossier.lodge": _lodge,
    "dossier.receive": _receive,
    "dossier.decline": _decline,
    "dossier.request_supplement": _request_supplement,
    "dossier.resume": _resume,
    "dossier.wait_agency": _wait_agency,
    "dossier.progress": _progress,
    "dossier.stop": _stop,
    "dossier.extend": _extend,
    "clock.pause": _pause_clock,
    "clock.resume": _resume_clock,
    "silence.note": _note_silence,
    "fee.charge": _charge,
    "fee.refund": _refund,
    "book.number": _book_number,
    "result.issue": _issue,
}
