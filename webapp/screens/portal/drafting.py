"""From the choice of a procedure to a filed dossier: start, fill in, check, file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from engine.commands.fee_preview import Application, FeePreview, preview_fees
from engine.commands.intake import AlreadyFiled, ApplicationInvalid, DiscardDraft, FileDossier, SaveDraft, StartDraft
from engine.commands.intake import known as known_values
from engine.errors import ConnectorError, Forbidden, NotFound
from engine.forms import FieldError, Form, UploadedFile, layout, paper_files, read_post, summary, validate
from engine.procedures import Procedure
from engine.queries.decision_notes import decision_notes
from engine.store.records import Document, Draft, Unit
from webapp import web
from webapp.eforms import page_title, render_errors, render_form, render_summary
from webapp.register_answers import about_self
from webapp.screens.portal import registers, uploads
from webapp.screens.portal.blueprint import screen
from webapp.words import gettext as _

#: Acts of a posted draft that ask a register.
_LOOK_UPS = ("lookup", "self", "spouse", "forget")


class Opened:
    """A draft of the signed-in person with its procedure, as one request sees it."""

    def __init__(self, draft_id: str) -> None:
        actor, product = web.signed_in(), web.product()
        self.now = product.clock.now()
        with web.reading() as uow:
            self.draft: Draft = uow.drafts.get(draft_id)
            if self.draft.owner != actor.login:
                raise Forbidden(why=_("tờ khai này của người khác"))
            self.documents: tuple[Document, ...] = uow.documents.of_draft(draft_id)
            in_force = uow.definitions.in_force(self.draft.procedure, self.now)
            self.procedure: Procedure = web.procedure(uow, in_force.digest if in_force else self.draft.digest)
            self.unit: Unit = uow.organisation.unit(self.draft.unit, self.now)
            self.units: tuple[Unit, ...] = competent_units(uow.organisation.units(self.now), self.procedure)
        self.form: Form = self.procedure.form(self.procedure.manifest.application_form)

    @property
    def source(self) -> dict[str, Any]:
        """The values that registers give: never read from the request."""
        return known_values(self.form, self.draft.registers, self.now.date())

    @property
    def files(self) -> dict[str, UploadedFile]:
        """The draft's uploads as the form shows them."""
        return uploads.shown(self.documents)

    def errors(self, data: dict[str, Any]) -> tuple[FieldError, ...]:
        """Every mistake that filing ``data`` now would be refused for."""
        ids = {document.id for document in self.documents}
        return validate(self.form, data, today=self.now.date(), files=ids)


def competent_units(units: tuple[Unit, ...], procedure: Procedure) -> tuple[Unit, ...]:
    """The units that a procedure of its level may be filed with."""
    return tuple(unit for unit in units if unit.kind == procedure.manifest.level)


@screen.get("/procedures/<code>/file")
@web.needs_sign_in
def begin(code: str) -> str | BaseResponse:
    """Choose the unit; with one unit only there is nothing to choose."""
    procedure, units = _offered(code[:40])
    return render_template("portal/begin.html", manifest=procedure.manifest, units=units, error="")


def _offered(code: str) -> tuple[Procedure, tuple[Unit, ...]]:
    """The procedure in force of a code and the units it may be filed with; ``NotFound`` otherwise."""
    now = web.product().clock.now()
    with web.reading() as uow:
        deployment = uow.definitions.in_force(code, now)
        if deployment is None:
            raise NotFound(what=_("thủ tục %(code)s", code=code))
        procedure = web.procedure(uow, deployment.digest)
        return procedure, competent_units(uow.organisation.units(now), procedure)


@screen.post("/drafts")
@web.needs_sign_in
def start() -> BaseResponse | tuple[str, int]:
    """Ask the registers, then begin a draft; when the register is down nothing is begun, and the page says so."""
    actor, code, unit = web.signed_in(), request.form.get("procedure", "")[:40], request.form.get("unit", "")[:40]
    procedure, units = _offered(code)
    if unit not in {found.code for found in units}:
        error = _("Chọn nơi nộp hồ sơ")
        return render_template("portal/begin.html", manifest=procedure.manifest, units=units, error=error), 422
    if not actor.person_id:
        raise Forbidden(why=_("tài khoản này không gắn với một người dân; hãy đăng nhập bằng tài khoản của mình"))
    form = procedure.form(procedure.manifest.application_form)
    try:
        answers, failures = about_self(web.product().ports.registries, form, actor)
    except ConnectorError as error:
        sentence = error.message(web.language())
        page = render_template("portal/register_down.html", manifest=procedure.manifest, unit=unit, sentence=sentence)
        return page, 503
    for failure in failures:
        flash(_("%(why)s Bạn tự khai được phần đó.", why=failure.message(web.language())), "warning")
    draft = web.execute(StartDraft(procedure=code, unit=unit, registers=answers))["draft"]
    return redirect(url_for("portal.draft", draft_id=draft))


@screen.get("/drafts/<draft_id>")
@web.needs_sign_in
def draft(draft_id: str) -> str | BaseResponse:
    """The e-form as it stands; ``?errors=1`` also shows what is still to correct."""
    opened = Opened(draft_id)
    if opened.draft.dossier:
        return redirect(url_for("portal.dossier", number=opened.draft.dossier))
    errors = opened.errors(opened.draft.data) if request.args.get("errors") else ()
    return _page(opened, opened.draft.data, errors)


@screen.post("/drafts/<draft_id>")
@web.needs_sign_in
def save(draft_id: str) -> BaseResponse | tuple[str, int]:
    """Keep what was posted, do the pressed act, and go on or show what to correct."""
    opened = Opened(draft_id)
    if opened.draft.dossier:
        return redirect(url_for("portal.dossier", number=opened.draft.dossier))
    post = request.form.to_dict(flat=False)
    refused = uploads.receive(opened.form, post, request.files.to_dict(flat=False), draft=draft_id)
    opened = Opened(draft_id)  # its documents now include what has just been stored
    data = read_post(
        opened.form,
        post,
        source=opened.source,
        uploads={document.id for document in opened.documents},
        previous=opened.draft.data,
    )
    act = request.form.get("act", "submit")[:400]
    answers: dict[str, Any] = {}
    errors = refused
    if act.partition(":")[0] in _LOOK_UPS:
        answers, wrong = registers.perform(act, opened.form, data, opened.draft.registers, web.signed_in())
        errors += wrong
    unit = request.form.get("unit", "")[:40]
    unit = unit if unit in {found.code for found in opened.units} else ""
    web.execute(SaveDraft(draft=draft_id, data=data, registers=answers, unit=unit))
    opened = Opened(draft_id)
    if act == "submit":
        places = {error.path for error in refused}
        errors += tuple(error for error in opened.errors(opened.draft.data) if error.path not in places)
    if errors:
        return _page(opened, opened.draft.data, errors), 422
    if act == "submit":
        return redirect(url_for("portal.check", draft_id=draft_id))
    if act == "save":
        flash(_("Đã lưu nháp lúc %(at)s. Bạn có thể quay lại bất cứ lúc nào.", at=f"{opened.now:%H:%M}"), "success")
        return redirect(url_for("portal.dossiers"))
    return redirect(url_for("portal.draft", draft_id=draft_id) + _anchor(act, opened.draft.data))


def _anchor(act: str, data: dict[str, Any]) -> str:
    """Where the page should open again after an act: at the item added, the person looked up …"""
    verb, _sep, rest = act.partition(":")
    place = rest.split(":")[0]
    if verb == "add":
        items = data.get(place)
        return f"#f-{place.replace('.', '-')}-{len(items) - 1}" if isinstance(items, list) and items else ""
    if verb in (*_LOOK_UPS, "del", "clear") and place:
        return f"#f-{place.rpartition('.')[0].replace('.', '-') or place}"
    return ""


@screen.post("/drafts/<draft_id>/autosave")
@web.needs_sign_in
def autosave(draft_id: str) -> Response:
    """Keep what has been typed so far; answers JSON. Files are not part of it."""
    opened = Opened(draft_id)
    if opened.draft.dossier:
        raise AlreadyFiled(number=opened.draft.dossier)
    data = read_post(
        opened.form,
        {name: values for name, values in request.form.to_dict(flat=False).items() if name != "act"},
        source=opened.source,
        uploads={document.id for document in opened.documents},
        previous=opened.draft.data,
    )
    saved = web.execute(SaveDraft(draft=draft_id, data=data))
    return jsonify({"revision": saved["revision"], "saved_at": opened.now.isoformat()})


@screen.post("/drafts/<draft_id>/discard")
@web.needs_sign_in
def discard(draft_id: str) -> BaseResponse:
    """Throw an unfiled draft away."""
    web.execute(DiscardDraft(draft=draft_id))
    flash(_("Đã xoá tờ khai nháp."), "success")
    return redirect(url_for("portal.dossiers"))


@screen.get("/drafts/<draft_id>/check")
@web.needs_sign_in
def check(draft_id: str) -> str | BaseResponse:
    """All answers, and the fee that the procedure's table computes from them."""
    opened = Opened(draft_id)
    if opened.draft.dossier:
        return redirect(url_for("portal.dossier", number=opened.draft.dossier))
    if opened.errors(opened.draft.data):
        return redirect(url_for("portal.draft", draft_id=draft_id, errors=1))
    used = {paper.file for paper in paper_files(opened.form, opened.draft.data)}
    documents = tuple(document for document in opened.documents if document.id in used)
    fees = preview_fees(
        opened.procedure,
        Application(draft=opened.draft, unit=opened.unit, actor=web.signed_in(), documents=documents),
        opened.now,
    )
    rows = summary(opened.form, opened.draft.data, web.language(), source=opened.source, files=opened.files)
    return render_template(
        "portal/check.html",
        draft=opened.draft,
        manifest=opened.procedure.manifest,
        unit=opened.unit,
        fees=fees,
        total=sum(fee.amount for fee in fees),
        columns=_columns(fees),
        notes=decision_notes(opened.procedure.package.files) if fees else (),
        answers=render_summary(
            rows, language=web.language(), file_url=lambda file: url_for("portal.document", document_id=file, view=1)
        ),
    )


def _columns(fees: tuple[FeePreview, ...]) -> list[tuple[str, str, bool]]:
    """What the fee's lines explain their amounts with: key, title, whether it is money."""
    known = (
        ("pages", _("Số trang"), False),
        ("copies", _("Số bản"), False),
        ("quantity", _("Số lượng"), False),
        ("each", _("Mỗi bản"), True),
    )
    there = {key for fee in fees for line in fee.lines for key in line}
    return [column for column in known if column[0] in there]


@screen.post("/drafts/<draft_id>/file")
@web.needs_sign_in
def file(draft_id: str) -> BaseResponse:
    """File the draft, once: pressed again or replayed, the dossier filed the first time is shown."""
    try:
        number = str(web.execute(FileDossier(draft=draft_id), key=f"file:{draft_id}")["number"])
    except AlreadyFiled as filed:
        number = str(filed.facts["number"])
    except ApplicationInvalid:
        return redirect(url_for("portal.draft", draft_id=draft_id, errors=1))
    if web.signed_in().official:  # filed at the desk for the citizen who stands there
        return redirect(url_for("counter.filed", number=number))
    return redirect(url_for("portal.dossier", number=number, filed=1))


def _page(opened: Opened, data: dict[str, Any], errors: tuple[FieldError, ...]) -> str:
    language = web.language()
    page = layout(opened.form, data, source=opened.source, errors=errors, language=language, files=opened.files)
    offers = registers.buttons(opened.form, opened.draft.registers)
    acts = {name: tuple((act, label.in_(language)) for act, label in found) for name, found in offers.items()}
    form = render_form(
        replace(page, acts=acts, errors=()),  # the summary stands above the heading
        action=url_for("portal.save", draft_id=opened.draft.id),
        csrf_token=generate_csrf(),
        submit=_("Tiếp tục: kiểm tra và nộp"),
        autosave_url=url_for("portal.autosave", draft_id=opened.draft.id),
    )
    return render_template(
        "portal/draft.html",
        opened=opened,
        manifest=opened.procedure.manifest,
        form=form,
        errors=render_errors(page),
        title=page_title(page, opened.procedure.manifest.short_name.in_(language)),
    )
