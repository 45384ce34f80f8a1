"""The screens, one folder each, registered here and nowhere else."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import pgettext

from engine.model import permission as role
from engine.model.permission import Actor
from webapp.screens.account.views import screen as account
from webapp.screens.acts.views import screen as acts
from webapp.screens.api.views import screen as api
from webapp.screens.board.views import screen as board
from webapp.screens.counter.views import screen as counter
from webapp.screens.dossiers.views import screen as dossiers
from webapp.screens.health.views import screen as health
from webapp.screens.history.views import screen as history
from webapp.screens.inbox.views import screen as inbox
from webapp.screens.leave.views import screen as leave
from webapp.screens.mail.views import screen as mail
from webapp.screens.notices.views import screen as notices
from webapp.screens.operations.views import screen as operations
from webapp.screens.payments.notice import screen as payment_notice
from webapp.screens.payments.views import screen as payments
from webapp.screens.portal.views import screen as portal
from webapp.screens.procedures.views import screen as procedures
from webapp.screens.register.views import screen as register
from webapp.screens.settings.views import screen as settings
from webapp.screens.studio.views import screen as studio
from webapp.screens.tasks.views import screen as tasks
from webapp.screens.tracking.views import screen as tracking
from webapp.screens.verify.views import screen as verify
from webapp.words import gettext as _
from webapp.words import language

SCREENS: tuple[Blueprint, ...] = (
    account,
    procedures,
    portal,
    payments,
    payment_notice,
    tracking,
    verify,
    mail,
    notices,
    inbox,
    dossiers,
    tasks,
    history,
    operations,
    acts,
    board,
    counter,
    leave,
    register,
    settings,
    studio,
    api,
    health,
)


def navigation(person: Actor | None, *, unread: str = "") -> list[dict[str, object]]:
    """The links of the head, by what the person does here; ``unread`` is shown beside the notices."""
    return [
        {
            "url": url_for(endpoint),
            "label": label,
            "current": request.endpoint == endpoint,
            "count": unread if endpoint == "notices.show" else "",
        }
        for endpoint, label in _entries(language(), person)
    ]


def _entries(spoken: str, person: Actor | None) -> tuple[tuple[str, str], ...]:
    """Endpoint and name of each link; the same for all who have the same roles and speak the same language."""
    key = (spoken, person.official, frozenset(post.role for post in person.posts)) if person else (spoken,)
    found = _KNOWN.get(key)
    if found is None:
        found = _KNOWN[key] = tuple(_written(person))
    return found


#: There are as many as sets of roles that somebody holds.
_KNOWN: dict[tuple[object, ...], tuple[tuple[str, str], ...]] = {}


def _written(person: Actor | None) -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = [("procedures.index", pgettext("head", "Thủ tục"))]
    if person is not None and not person.official:
        entries.append(("portal.dossiers", _("Hồ sơ của tôi")))
        entries.append(("mail.show", _("Hộp thư")))
    if person is not None and any(person.holds(held) for held in (role.DESK, role.SPECIALIST, role.LEADER)):
        entries.append(("inbox.show", _("Việc cần làm")))
    entries += _desk_entries(person)
    if person is not None and person.holds(role.ACCOUNTANT):
        entries.append(("operations.refunds", _("Hoàn tiền")))
    if person is not None and any(person.holds(held) for held in (role.AUDITOR, role.OPERATOR)):
        entries.append(("dossiers.search", _("Tra cứu hồ sơ")))
    if person is not None and person.holds(role.OPERATOR):
        entries.append(("operations.show", _("Sự cố")))
    if person is not None and person.holds(role.ANALYST):
        entries.append(("studio.index", _("Xưởng quy trình")))
    if person is None:
        entries.append(("tracking.find", _("Theo dõi")))
    entries.append(("verify.show", _("Kiểm tra kết quả")))
    return entries


def _desk_entries(person: Actor | None) -> list[tuple[str, str]]:
    """What the desk, the leader and everybody with a post has besides the inbox."""
    if person is None or not person.official:
        return []
    entries: list[tuple[str, str]] = []
    if person.holds(role.DESK):
        entries.append(("counter.show", _("Quầy")))
    if any(person.holds(held) for held in (role.LEADER, role.AUDITOR, role.OPERATOR)):
        entries.append(("board.show", _("Bảng theo dõi")))
    if any(person.holds(held) for held in (role.DESK, role.SPECIALIST, role.CLERK)):
        entries.append(("board.warning", _("Cảnh báo")))
    if any(person.holds(held) for held in (role.DESK, role.SPECIALIST, role.LEADER, role.CLERK)):
        entries.append(("acts.choose", _("Nhiều hồ sơ")))
        entries.append(("register.show", _("Sổ theo dõi")))
    entries.append(("leave.show", _("Nghỉ, thay")))
    entries.append(("notices.show", pgettext("head", "Thông báo")))
    return entries
