"""What officials and applicants are told outside the drawn steps: in the application, and by mail.

A notice is written in both languages, the Vietnamese part first; ``---`` stands between them, and each part begins with
its subject.
"""

from __future__ import annotations

from datetime import datetime

from engine.commands import mailing
from engine.commands.context import Context
from engine.errors import Text
from engine.model.permission import APPLICANT, LEADER
from engine.model.status_words import BUSINESS, DELIVERY, FINANCE
from engine.store.organisation import Holder
from engine.store.records import Dossier

_FOOT = Text(
    vi="Chỉ việc giải quyết hồ sơ mới chấm dứt nhắc nhở này.",
    en="Only progress of the dossier ends these reminders.",
)


def responsible(context: Context, dossier: Dossier) -> tuple[Holder, ...]:
    """Who has to act now: the holders of the open tasks and their substitutes, else everybody of the task's role."""
    organisation, now = context.uow.organisation, context.now
    found: dict[str, Holder] = {}
    for task in context.uow.tasks.of(dossier.number):
        if task.state != "open" or task.role == APPLICANT:
            continue
        logins = [task.assignee] if task.assignee else []
        logins += [one.substitute for one in context.uow.substitutions.of(task.assignee, now)] if task.assignee else []
        for login in logins:
            account = organisation.account(login)
            if account is not None and account.active:
                found[login] = Holder(login=login, name=account.name, email=account.email)
        if not logins:
            found |= {holder.login: holder for holder in organisation.holders(task.unit, task.role, now)}
    return tuple(found.values())


def heads(context: Context, unit: str) -> tuple[Holder, ...]:
    """The leaders of a unit."""
    return context.uow.organisation.holders(unit, LEADER, context.now)


def province(context: Context) -> tuple[Holder, ...]:
    """The leaders of the province's own units."""
    units = [unit for unit in context.uow.organisation.units(context.now) if unit.kind == "province"]
    return tuple(holder for unit in units for holder in heads(context, unit.code))


def watchers(context: Context, dossier: str) -> tuple[Holder, ...]:
    """Who asked to hear of the dossier."""
    accounts = (context.uow.organisation.account(login) for login in context.uow.discussion.watchers(dossier))
    return tuple(Holder(login=one.login, name=one.name, email=one.email) for one in accounts if one and one.active)


def tell_officials(context: Context, dossier: Dossier, people: tuple[Holder, ...], subject: Text, body: Text) -> int:
    """Write to each of ``people`` once; how many."""
    link = f"{context.rules.base_url}/dossiers/{dossier.number}"
    text = f"{body.vi}\n{_FOOT.vi}\n{link}\n\n---\n{subject.en}\n{body.en}\n{_FOOT.en}\n"
    unique = {holder.login: holder for holder in people}
    return mailing.post(
        context,
        (
            mailing.message(context, dossier.number, (holder.login, holder.email), (subject.vi, text))
            for holder in unique.values()
        ),
    )


def status_changed(context: Context, before: Dossier, after: Dossier, *, others: bool) -> None:
    """Tell those concerned that the dossier stands elsewhere: from what to what, which agency, who, when.

    Who watches it also gets mail. With ``others``, so do the holders of its open tasks hear of it, here alone. Nobody
    is told of what that person did.
    """
    told = {holder.login: holder.email for holder in watchers(context, before.number)}
    if others:
        for task in context.uow.tasks.of(before.number):
            if task.state == "open" and task.assignee and task.role != APPLICANT:
                told.setdefault(task.assignee, "")
    told.pop(context.actor.login, None)
    moved = _moves(before, after)
    if not told or not moved.vi:
        return
    unit = context.uow.organisation.unit(after.competent_unit, context.now).name
    by = (
        Text(vi="hệ thống", en="the system")
        if context.actor.is_system
        else Text(vi=context.actor.name, en=context.actor.name)
    )
    where = f"{after.procedure_name}, {after.applicant_name}"
    link = f"{context.rules.base_url}/dossiers/{after.number}"
    subject = Text(vi=f"Hồ sơ {after.number}: {moved.vi}", en=f"Dossier {after.number}: {moved.en}")
    body = (
        f"{where}.\n{unit}, {by.vi}, {shown(context.now)}.\n{link}\n\n---\n"
        f"{subject.en}\n{where}.\n{unit}, {by.en}, {shown(context.now)}.\n"
    )
    mailing.post(
        context,
        [mailing.message(context, after.number, to, (subject.vi, body)) for to in sorted(told.items())],
    )


def _moves(before: Dossier, after: Dossier) -> Text:
    """``Đang xử lý → Yêu cầu bổ sung; phí: Phải nộp``; empty when nothing a person would notice has moved."""
    vi, en = [], []
    if before.business is not after.business:
        vi.append(f"{BUSINESS[before.business].vi} → {BUSINESS[after.business].vi}")
        en.append(f"{BUSINESS[before.business].en} → {BUSINESS[after.business].en}")
    if before.finance is not after.finance:
        vi.append(f"phí: {FINANCE[after.finance].vi}")
        en.append(f"fee: {FINANCE[after.finance].en}")
    if before.delivery is not after.delivery:
        vi.append(f"trả kết quả: {DELIVERY[after.delivery].vi}")
        en.append(f"hand-over: {DELIVERY[after.delivery].en}")
    return Text(vi="; ".join(vi), en="; ".join(en))


def tell_applicant(context: Context, dossier: Dossier, subject: Text, body: Text) -> None:
    """Write to the applicant: who settles it, what happened, when."""
    unit = context.uow.organisation.unit(dossier.competent_unit, context.now)
    link = f"{context.rules.base_url}/t/{dossier.tracking}"
    at = shown(context.now)
    text = f"{body.vi}\n{unit.name}, {at}.\n{link}\n\n---\n{body.en}\n{unit.name}, {at}.\n"
    to = (dossier.applicant, dossier.applicant_email)
    mailing.post(context, [mailing.message(context, dossier.number, to, (subject.vi, text))])


def shown(moment: datetime | None) -> str:
    """``17:00 10/11/2026``; a dash for none."""
    return f"{moment:%H:%M %d/%m/%Y}" if moment else "–"
