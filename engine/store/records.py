"""The rows of the store as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.model.status import Business, Delivery, Finance, Sync


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier (hồ sơ): one application and where it stands."""

    number: str
    procedure: str
    procedure_name: str
    digest: str  #: of the bundle it is bound to
    revision: int
    business: Business
    finance: Finance
    delivery: Delivery
    sync: Sync
    channel: str  #: online, desk or post
    applicant: str  #: account of the submitter (người nộp)
    applicant_name: str
    holder_name: str  #: chủ hồ sơ
    applicant_email: str
    receiving_unit: str
    competent_unit: str
    filed_at: datetime
    clock_from: datetime | None  #: the reception event the deadline counts from
    received_at: datetime | None
    due_at: datetime | None  #: derived, never typed; None while the clock is paused or has not begun
    closed_at: datetime | None
    lateness: str  #: '', due_soon or overdue, as last announced by a timer
    waiting_for: str  #: what an outside answer is awaited for, in plain words, else ''
    deadline: dict[str, Any]  #: what the due moment is derived from: limit, pauses, extensions
    data: dict[str, Any]  #: the application as filed (and supplemented)
    state: bytes  #: snapshot of the process instance, read by engine.bpmn alone
    seq: int
    head: str
    tracking: str  #: unguessable part of the tracking address
    search: str
    promised_at: datetime | None = None  #: the due moment without extensions; statistics judge by this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A user task of a dossier."""

    id: str
    dossier: str
    node: str
    name: str
    form: str
    role: str
    unit: str
    state: str
    assignee: str
    claimed_by: str
    revision: int
    priority: int
    procedure: str
    procedure_name: str
    applicant_name: str
    note: str
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    completed_by: str
    lateness: str = ""  #: of its dossier, as last announced
    follow_up_at: datetime | None = None  #: when its holder wants to look at it again
    owner: str = ""  #: who delegated it and gets it back when the delegate has resolved it


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A moment at which something happens to a dossier."""

    id: str
    dossier: str
    kind: str
    ref: str
    due_at: datetime
    state: str
    lease_until: datetime | None
    lease_owner: str
    attempts: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A row of the outbox: work for a connector, answered by a command."""

    id: str
    dossier: str
    topic: str
    task: str
    payload: dict[str, Any]
    state: str
    attempts: int
    priority: int  #: larger first
    due_at: datetime
    lease_until: datetime | None
    lease_owner: str
    error: str
    note: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A stored file that belongs to a draft or a dossier."""

    id: str
    draft: str
    dossier: str
    kind: str
    paper: str
    name: str
    digest: str
    media_type: str
    pages: int
    size: int
    view: str
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What was read from a document."""

    document: str
    dossier: str
    text: str
    confidence: float
    fields: list[Any]
    codes: list[Any]
    steps: list[Any]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One fee demanded of a dossier, once."""

    id: str
    dossier: str
    item: str
    name: str
    amount: int
    state: str
    unit: str
    bank: str
    account: str
    beneficiary: str
    explanation: list[Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An attempt to pay a charge."""

    reference: str
    charge: str
    gateway: str
    amount: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A notice of a gateway, recorded once."""

    gateway: str
    transaction_no: str
    reference: str
    charge: str
    amount: int
    outcome: str
    paid_at: datetime
    raw: dict[str, Any]
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The receipt (biên lai) of a paid charge."""

    number: str
    charge: str
    dossier: str
    amount: int
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that has to go back."""

    id: str
    dossier: str
    charge: str
    gateway: str
    transaction_no: str
    amount: int
    reason: str
    state: str
    created_at: datetime
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The signed result (kết quả) of a dossier, its own alone."""

    dossier: str
    number: str
    kind: str
    digest: str
    document: str
    signatures: list[Any]
    signed_by: str
    signed_at: datetime
    verify_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An application being filled in."""

    id: str
    owner: str
    procedure: str
    digest: str
    unit: str
    data: dict[str, Any]
    registers: dict[str, Any]  #: answers of the registers, the source of locked fields
    revision: int
    created_at: datetime
    updated_at: datetime
    dossier: str
    holder: dict[str, Any] = field(default_factory=dict)  #: whom the desk files for: id, name, login, email; else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit (cơ quan, đơn vị) as of a date."""

    code: str
    valid_from: datetime
    valid_to: datetime | None
    name: str
    short_name: str
    kind: str
    parent: str
    schedule: dict[str, Any]
    bank: str
    account: str
    beneficiary: str
    address: str
    phone: str
    certificate: str  #: serial number of the seal's certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who can sign in."""

    login: str
    name: str
    person_id: str
    email: str
    phone: str
    password: str
    certificate: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A role held in a unit from a date on."""

    id: str
    login: str
    unit: str
    role: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The stored files of one version of a procedure; the digest is the version's identity."""

    digest: str
    procedure: str
    version: str
    manifest: dict[str, Any]
    files: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A version of a procedure in force from a moment on."""

    id: str
    procedure: str
    digest: str
    effective_from: datetime
    effective_to: datetime | None
    decision: str
    author: str
    approver: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A notification as the person sees it in the application."""

    id: str
    dossier: str
    recipient: str
    address: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterQueryRow:
    """A look-up in a national register with its purpose."""

    id: str
    dossier: str
    register: str
    subject: str
    purpose: str
    officer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """One number in a unit's book (sổ) of a year, given for one occasion of a dossier."""

    book: str
    unit: str
    year: int
    number: int
    dossier: str
    occasion: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The answer given to an idempotency key."""

    key: str
    actor: str
    fingerprint: str
    answer: dict[str, Any]
    at: datetime
