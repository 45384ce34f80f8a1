"""Asking for approval, and the second person's word: publish or give back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.clock import ZONE
from engine.commands.authoring import NotRehearsed, SubmitDraft
from engine.commands.draft_problems import package_of
from engine.commands.publishing import ApproveDraft, FourEyes, ReturnDraft
from engine.errors import DefinitionRefused, DomainError, InvalidInput
from engine.store.procedure_drafts import DraftState
from webapp import web
from webapp.screens.studio.blueprint import analyst_only, bench, findings, screen, theatre, told
from webapp.screens.studio.rehearsal import Played
from webapp.screens.studio.signed_record import signed_record
from webapp.words import gettext as _


@screen.get("/<draft_id>/approval")
@analyst_only
def approval(draft_id: str) -> str:
    """What is still to be done before publishing, and who may do it."""
    return _page(draft_id)


def _page(draft_id: str, **show: Any) -> str:
    work = bench(draft_id)
    problems = findings(work.files)
    errors = [problem for problem in problems if problem.severity == "error"]
    played = None if errors else theatre().play(work.files)
    with web.reading() as uow:
        hands = uow.procedure_drafts.authors(draft_id) | {work.draft.author, work.draft.submitted_by}
        names = uow.organisation.names(hands)
    return render_template(
        "studio/approval.html",
        bench=work,
        draft=work.draft,
        problems=told(errors, draft_id),
        warnings=len(problems) - len(errors),
        played=played,
        ready=played is not None and _passes(played),
        digest=str(package_of(work.files).digest),
        hands=sorted(names.get(login, login) for login in hands if login),
        mine=web.signed_in().login in hands,
        submitted=work.draft.state is DraftState.SUBMITTED,
        said=show.pop("said", ""),
        posted=show.pop("posted", {}),
    )


def _passes(played: Played) -> bool:
    return bool(played.outcomes) and all(one.holds for one in played.outcomes) and not played.flows_missing


@screen.post("/<draft_id>/submit")
@analyst_only
def submit(draft_id: str) -> Response | tuple[str, int]:
    """Submit the draft for another person's approval."""
    try:
        start = _moment(request.form.get("effective_from", ""))
        web.execute(
            SubmitDraft(
                draft=draft_id,
                rehearsal=theatre().play(bench(draft_id).files).rehearsal,
                decision=request.form.get("decision", ""),
                effective_from=start,
                note=request.form.get("note", ""),
            )
        )
    except (InvalidInput, NotRehearsed, DefinitionRefused) as refusal:
        return _page(draft_id, said=refusal.message(web.language()), posted=dict(request.form)), 422
    flash(_("Đã trình. Người khác phải duyệt thì mới ban hành."), "success")
    return redirect(url_for("studio.approval", draft_id=draft_id))


def _moment(day: str) -> datetime | None:
    if not day.strip():
        return None
    try:
        return datetime.fromisoformat(day.strip()).replace(tzinfo=ZONE)
    except ValueError as error:
        raise InvalidInput(what=_("hiệu lực từ"), why=day[:40]) from error


@screen.post("/<draft_id>/approve")
@analyst_only
def approve(draft_id: str) -> Response | tuple[str, int]:
    """Approve: the scenarios are played again, the record is signed, the version is put in force."""
    work, person = bench(draft_id), web.signed_in()
    digest = request.form.get("digest", "")
    try:
        with web.reading() as uow:
            hands = uow.procedure_drafts.authors(draft_id) | {work.draft.author, work.draft.submitted_by}
        if person.login in hands:  # before anything is signed in this person's name
            raise FourEyes(name=person.name)
        played = theatre().play(work.files)
        record = signed_record(work, person, digest)
        web.execute(ApproveDraft(draft=draft_id, digest=digest, rehearsal=played.rehearsal, record=record))
    except DomainError as refusal:
        return _page(draft_id, said=refusal.message(web.language())), 422
    flash(_("Đã ban hành. Thủ tục có hiệu lực và nhận hồ sơ theo phiên bản mới."), "success")
    return redirect(url_for("studio.procedure", code=work.draft.procedure))


@screen.post("/<draft_id>/return")
@analyst_only
def give_back(draft_id: str) -> Response | tuple[str, int]:
    """Give the draft back to its authors, or take it back."""
    try:
        web.execute(ReturnDraft(draft=draft_id, reason=request.form.get("reason", "")))
    except InvalidInput as refusal:
        return _page(draft_id, said=refusal.message(web.language())), 422
    flash(_("Bản soạn đã trở lại để sửa."), "success")
    return redirect(url_for("studio.approval", draft_id=draft_id))
