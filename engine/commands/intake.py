"""Filing: drafts, uploads and the moment a draft becomes a dossier."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine import bpmn
from engine.commands.context import Context
from engine.commands.operations import settle
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, FormInvalid, InvalidInput, NotFound, StaleRevision, Text
from engine.forms import FieldError, Form, check_locked, fill_locked, initial, paper_files, prefill, validate
from engine.model.chain import GENESIS
from engine.model.folding import folded
from engine.model.permission import APPLICANT, DESK, Actor
from engine.model.status import Business, Delivery, Finance, Sync
from engine.procedures import Procedure
from engine.store.records import Document, Dossier, Draft, RegisterQueryRow, Task
from engine.values import Digest, DossierNumber
from engine.work_rows import row_told


class AlreadyFiled(DomainError):
    """This application was filed already as dossier {number}."""

    code = "already-filed"
    vi = "Tờ khai này đã được nộp thành hồ sơ {number}."


class ApplicationInvalid(FormInvalid):
    """The application has {count} mistakes; correct them and file again."""

    code = "application-invalid"
    vi = "Tờ khai còn {count} chỗ cần sửa; hãy sửa rồi nộp lại."

    def __init__(self, *, errors: tuple[FieldError, ...]) -> None:
        self.errors = errors
        super().__init__(count=len(errors))


class TooManyDrafts(DomainError):
    """You have {count} unfinished applications; finish or delete one first."""

    code = "too-many-drafts"
    vi = "Bạn đang có {count} tờ khai chưa nộp; hãy nộp hoặc xóa bớt trước."


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDraft:
    """Begin an application for a procedure at a unit, prefilled from register answers fetched beforehand."""

    procedure: str
    unit: str
    registers: dict[str, Any]  #: register name → {source, at, data}
    holder: str = ""  #: identity number of the citizen at the desk for whom the desk files; empty = oneself


def start_draft(context: Context, command: StartDraft) -> dict[str, Any]:
    """The new draft's id."""
    uow, now = context.uow, context.now
    deployment = uow.definitions.in_force(command.procedure, now)
    if deployment is None:
        raise NotFound(what=f"procedure {command.procedure}")
    open_drafts = uow.drafts.open_of(context.actor.login)
    if len(open_drafts) >= context.rules.max_drafts:
        raise TooManyDrafts(count=len(open_drafts))
    uow.organisation.unit(command.unit, now)
    holder = _holder(context, command) if command.holder else {}
    procedure = context.library.get(uow, deployment.digest)
    form = procedure.form(procedure.manifest.application_form)
    draft = Draft(
        id=secrets.token_hex(12),
        owner=context.actor.login,
        procedure=command.procedure,
        digest=deployment.digest,
        unit=command.unit,
        data=initial(form, source=known(form, command.registers, now.date())),
        registers=command.registers,
        revision=1,
        created_at=now,
        updated_at=now,
        dossier="",
        holder=holder,
    )
    uow.drafts.add(draft)
    _log_queries(context, command.registers)
    return {"draft": draft.id}


def _holder(context: Context, command: StartDraft) -> dict[str, Any]:
    """The citizen at the desk, as the population register knows them; nobody files their own dossier at their desk."""
    actor, answer = context.actor, command.registers.get("requester", {})
    if not actor.holds(DESK, command.unit):
        raise Forbidden(why=Text(vi="việc của Bộ phận Một cửa", en="the one-stop desk's work"))
    found = answer.get("data", {})
    if answer.get("subject") != command.holder or found.get("so_dinh_danh") != command.holder:
        raise InvalidInput(
            what=f"số định danh {command.holder}", why=Text(vi="không có trong CSDL dân cư", en="not in the register")
        )
    if actor.person_id == command.holder:
        raise Forbidden(
            why=Text(vi="hồ sơ của chính mình phải do người khác tiếp nhận", en="one's own dossier needs a colleague")
        )
    account = context.uow.organisation.by_person(command.holder)
    return {
        "id": command.holder,
        "name": found.get("ho_ten", ""),
        "login": account.login if account else "",
        "email": (account.email if account else "") or found.get("email", ""),
    }


def known(form: Form, registers: dict[str, Any], today: date) -> dict[str, Any]:
    """The locked and proposed values that register answers give for a form."""
    return prefill(form, {name: answer["data"] for name, answer in registers.items()}, today=today)


def _log_queries(context: Context, registers: dict[str, Any]) -> None:
    """Log the look-ups whose answers came with a command; an answer taken back has no source and was no look-up."""
    for name, answer in registers.items():
        if answer.get("source"):
            log_query(
                context,
                register=answer.get("register", name),
                subject=answer["subject"],
                dossier="",
                purpose=answer["purpose"],
            )


def log_query(context: Context, *, register: str, subject: str, dossier: str, purpose: str) -> None:
    """Log a look-up in a national register (I14): who asked, about whom, for what."""
    context.uow.messages.log_query(
        RegisterQueryRow(
            id=secrets.token_hex(12),
            dossier=dossier,
            register=register,
            subject=subject,
            purpose=purpose,
            officer=context.actor.login,
            at=context.now,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft:
    """Keep what was typed so far; mistakes are allowed until filing."""

    draft: str
    data: dict[str, Any]
    unit: str = ""
    registers: dict[str, Any] = field(default_factory=dict)  #: answers fetched since, added to the known ones
    revision: int | None = None  #: refused when the draft has changed since; None = last writer wins (autosave)


def save_draft(context: Context, command: SaveDraft) -> dict[str, Any]:
    """The draft's new revision."""
    draft = own_draft(context, command.draft)
    if command.revision is not None and command.revision != draft.revision:
        raise StaleRevision(what=Text(vi="bản nháp", en="the draft"))
    if command.unit:
        context.uow.organisation.unit(command.unit, context.now)
    registers = draft.registers | command.registers
    form = _form(context, draft.digest)
    _log_queries(context, command.registers)
    data = fill_locked(form, command.data, known(form, registers, context.now.date()))
    context.uow.drafts.save(
        replace(draft, data=data, unit=command.unit or draft.unit, registers=registers, updated_at=context.now)
    )
    return {"revision": draft.revision + 1}


def own_draft(context: Context, draft_id: str) -> Draft:
    """The actor's own unfiled draft."""
    draft = context.uow.drafts.get(draft_id)
    if draft.owner != context.actor.login:
        raise Forbidden(why=Text(vi="tờ khai này của người khác", en="this application is somebody else's"))
    if draft.dossier:
        raise AlreadyFiled(number=draft.dossier)
    return draft


def _form(context: Context, digest: str) -> Form:
    procedure = context.library.get(context.uow, digest)
    return procedure.form(procedure.manifest.application_form)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft:
    """Throw an unfiled draft away. Nobody can reach its uploads from then on; their record is append-only."""

    draft: str


def discard_draft(context: Context, command: DiscardDraft) -> dict[str, Any]:
    """The discarded draft's id."""
    draft = own_draft(context, command.draft)
    context.uow.drafts.drop(draft)
    return {"draft": draft.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachUpload:
    """Bind an inspected and stored file to a draft, or to the dossier of an open task of the applicant's."""

    name: str
    digest: str
    media_type: str
    pages: int
    size: int
    view: str
    paper: str = ""
    draft: str = ""
    task: str = ""


def attach_upload(context: Context, command: AttachUpload) -> dict[str, Any]:
    """The new document's id."""
    dossier = ""
    if command.draft:
        own_draft(context, command.draft)
    else:
        task = context.uow.tasks.get(command.task)
        if task.state != "open" or not _may_attach(context, task):
            raise Forbidden(why=Text(vi="không phải việc đang mở của bạn", en="not an open task of yours"))
        dossier = task.dossier
    document = Document(
        id=secrets.token_hex(12),
        draft=command.draft,
        dossier=dossier,
        kind="paper",
        paper=command.paper,
        name=command.name[:200],
        digest=Digest(command.digest),
        media_type=command.media_type,
        pages=command.pages,
        size=command.size,
        view=command.view,
        uploaded_by=context.actor.login,
        uploaded_at=context.now,
    )
    context.uow.documents.add(document)
    if dossier:  # what is handed in later than the filing is on record from that moment on
        work = Work.open(context, context.uow.dossiers.get(dossier))
        work.tell("PaperAttached", row_told(document, "dossier"), node=task.node, task=task.id)
        work.write()
    return {"document": document.id, "pages": document.pages, "name": document.name}


def _may_attach(context: Context, task: Task) -> bool:
    if may_work_on(context, task.assignee, task.role, task.unit):
        return True
    dossier = context.uow.dossiers.get(task.dossier)
    return task.role == APPLICANT and dossier.channel == "desk" and context.actor.holds(DESK, dossier.receiving_unit)


def may_work_on(context: Context, assignee: str, role: str, unit: str) -> bool:
    """Whether the actor is the assignee or stands in, or holds the role in the unit while nobody has the task."""
    actor = context.actor
    if assignee:
        return assignee == actor.login or actor.stands_in_for(assignee, role, unit)
    return actor.holds(role, unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDossier:
    """File the draft: from here on everything is on record."""

    draft: str
    channel: str = "online"


def file_dossier(context: Context, command: FileDossier) -> dict[str, Any]:
    """The new dossier's number; ``ApplicationInvalid`` with every mistake otherwise."""
    uow, now = context.uow, context.now
    draft = own_draft(context, command.draft)
    deployment = uow.definitions.in_force(draft.procedure, now)
    if deployment is None:
        raise NotFound(what=f"procedure {draft.procedure}")
    procedure = context.library.get(uow, deployment.digest)  # the version in force now, not when the draft began (I7)
    channel = _channel(context, draft, command.channel)
    if channel not in procedure.manifest.channels:
        raise InvalidInput(what="channel", why=f"{procedure.manifest.code} is not offered by {channel}")
    form = procedure.form(procedure.manifest.application_form)
    source = known(form, draft.registers, now.date())
    data = fill_locked(form, draft.data, source)
    uploaded = {document.id: document for document in uow.documents.of_draft(draft.id)}
    errors = validate(form, data, today=now.date(), files=set(uploaded)) + check_locked(form, data, source)
    if errors:
        raise ApplicationInvalid(errors=errors)
    used = [uploaded[paper.file] for paper in paper_files(form, data)]
    work = _begin(context, draft, procedure, data, used, channel)
    for document in used:
        uow.documents.bind(document.id, work.dossier.number)
    uow.drafts.save(replace(draft, dossier=work.dossier.number, updated_at=now))
    dossier = settle(work)
    return {"number": dossier.number, "tracking": dossier.tracking}


def _channel(context: Context, draft: Draft, asked: str) -> str:
    """A draft for somebody at the desk is filed there, by its desk; nobody else can say that it was."""
    if not draft.holder:
        if asked == "desk":
            raise InvalidInput(
                what="channel", why=Text(vi="hồ sơ trực tiếp do Bộ phận Một cửa nộp thay", en="the desk files these")
            )
        return asked
    if not context.actor.holds(DESK, draft.unit):
        raise Forbidden(why=Text(vi="việc của Bộ phận Một cửa", en="the one-stop desk's work"))
    return "desk"


def _begin(
    context: Context, draft: Draft, procedure: Procedure, data: dict[str, Any], used: list[Document], channel: str
) -> Work:
    uow, now, who = context.uow, context.now, _applicant(context.actor, draft)
    if draft.holder:
        context = replace(context, actor=replace(context.actor, on_behalf_of=who["login"] or who["name"]))
    unit = uow.organisation.unit(draft.unit, now)
    number = DossierNumber(f"{unit.code}-{now:%y%m%d}-{uow.numbers.next(f'dossier:{unit.code}:{now:%y%m%d}'):04d}")
    variables = {
        "number": str(number),
        "channel": channel,
        "unit": {"code": unit.code, "name": unit.name},
        "filed_at": now.isoformat(),
        "applicant": {"name": who["name"], "id": who["id"], "login": who["login"]},
        "form": data,
        "papers": papers(procedure.form(procedure.manifest.application_form), data, used),
    }
    time = context.working_time()
    instance = bpmn.Instance.start(procedure.definition, variables, now=now, seed=number, functions=time.functions)
    dossier = _new_dossier(number, procedure, who, (unit.code, channel), data, now)
    work = Work(context, dossier, procedure, instance, time)
    work.started(
        {
            "procedure": dossier.procedure,
            "digest": dossier.digest,
            "variables": variables,
            "documents": [row_told(document, "dossier") for document in used],
            "tracking": dossier.tracking,
            "competent_unit": unit.code,
            "applicant": who["login"],
        }
    )
    return work


def _new_dossier(
    number: str, procedure: Procedure, who: dict[str, str], way: tuple[str, str], data: dict[str, Any], now: datetime
) -> Dossier:
    """The record of a dossier filed ``now`` with (unit, channel) of ``way``."""
    unit, channel = way
    return Dossier(
        number=number,
        procedure=procedure.manifest.code,
        procedure_name=procedure.manifest.short_name.vi,
        digest=procedure.package.digest,
        revision=0,
        business=Business.SUBMITTED,
        finance=Finance.NONE,
        delivery=Delivery.NOT_READY,
        sync=Sync.PENDING,
        channel=channel,
        applicant=who["login"],
        applicant_name=who["name"],
        holder_name=who["name"],
        applicant_email=who["email"],
        receiving_unit=unit,
        competent_unit=unit,
        filed_at=now,
        clock_from=None,
        received_at=None,
        due_at=None,
        closed_at=None,
        lateness="",
        waiting_for="",
        deadline={},
        data=data,
        state=b"",
        seq=0,
        head=GENESIS,
        tracking=secrets.token_urlsafe(12),
        search=folded(f"{number} {who['name']} {procedure.manifest.code} {procedure.manifest.short_name.vi}"),
    )


def _applicant(actor: Actor, draft: Draft) -> dict[str, str]:
    """Whose dossier it becomes: the citizen's at the desk, else the actor's own. A citizen may have no account."""
    if draft.holder:
        return {name: str(draft.holder[name]) for name in ("id", "name", "login", "email")}
    return {"id": actor.person_id, "name": actor.name, "login": actor.login, "email": actor.email}


def papers(form: Form, data: dict[str, Any], used: list[Document]) -> list[dict[str, Any]]:
    """The uploaded papers as a diagram and its tables see them: what the form says beside each file, and its pages."""
    found = []
    by_id = {document.id: document for document in used}
    for paper in paper_files(form, data):
        document = by_id[paper.file]
        beside = _beside(data, paper.path)
        found.append(beside | {"document": document.id, "pages": document.pages, "media_type": document.media_type})
    return found


def _beside(data: dict[str, Any], path: str) -> dict[str, Any]:
    """The plain values that stand in the same group as the file at ``path``."""
    group: Any = data
    for part in path.split(".")[:-1]:
        group = group[int(part)] if isinstance(group, list) else group[part]
    return {name: value for name, value in group.items() if not isinstance(value, dict | list)}
