"""What officials and applicants are told outside the drawn steps: in the application, and by mail."""

from __future__ import annotations

from datetime import datetime

from engine.commands import slips
from engine.commands.context import Context
from engine.errors import Text
from engine.model.permission import APPLICANT, LEADER
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
    text = f"{body.vi}\n{_FOOT.vi}\n{link}\n\n---\n{body.en}\n{_FOOT.en}\n"
    unique = {holder.login: holder for holder in people}
    return slips.post(
        context,
        (
            slips.message(context, dossier.number, (holder.login, holder.email), (subject.vi, text))
            for holder in unique.values()
        ),
    )


def tell_applicant(context: Context, dossier: Dossier, subject: Text, body: Text) -> None:
    """Write to the applicant: who settles it, what happened, when."""
    unit = context.uow.organisation.unit(dossier.competent_unit, context.now)
    link = f"{context.rules.base_url}/t/{dossier.tracking}"
    at = shown(context.now)
    text = f"{body.vi}\n{unit.name}, {at}.\n{link}\n\n---\n{body.en}\n{unit.name}, {at}.\n"
    to = (dossier.applicant, dossier.applicant_email)
    slips.post(context, [slips.message(context, dossier.number, to, (subject.vi, text))])


def shown(moment: datetime | None) -> str:
    """``17:00 10/11/2026``; a dash for none."""
    return f"{moment:%H:%M %d/%m/%Y}" if moment else "–"
