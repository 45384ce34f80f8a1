"""The screens, one folder each, registered here and nowhere else."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from engine.model import permission as role
from engine.model.permission import Actor
from webapp.screens.account.views import screen as account

SCREENS: tuple[Blueprint, ...] = (account,)


def navigation(person: Actor | None) -> list[dict[str, object]]:
    """The links of the head, by what the person does here."""
    entries: list[tuple[str, str]] = [("procedures.index", _("Thủ tục"))]
    if person is not None and not person.official:
        entries.append(("portal.dossiers", _("Hồ sơ của tôi")))
    if person is not None and any(person.holds(held) for held in (role.DESK, role.SPECIALIST, role.LEADER)):
        entries.append(("inbox.show", _("Việc cần làm")))
    if person is not None and any(person.holds(held) for held in (role.AUDITOR, role.OPERATOR)):
        entries.append(("dossiers.search", _("Tra cứu hồ sơ")))
    entries.append(("verify.show", _("Kiểm tra kết quả")))
    known = {screen.name for screen in SCREENS}
    return [
        {"url": url_for(endpoint), "label": label, "current": request.endpoint == endpoint}
        for endpoint, label in entries
        if endpoint.partition(".")[0] in known
    ]
