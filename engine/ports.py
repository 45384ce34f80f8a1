"""What the engine needs from outside, as Protocols of one to four methods. No implementation lives here.

Every method may raise ``ConnectorUnavailable`` (try again later) or ``ConnectorRefused`` (a final no); nothing else
escapes a connector. None of them is called inside a database transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.values import Digest, Money


class Clock(Protocol):
    """The time of the server."""

    def now(self) -> datetime:
        """The present moment, aware, in the product's zone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is to be handled now. The row is the truth; this only names it."""

    topic: str  #: of the outbox row, or ``timer``
    id: str
    queue: str
    priority: int  #: larger first
    again: bool = False  #: it may have been announced before


class Announcer(Protocol):
    """Hears within a transaction what becomes due by it."""

    def announce(self, connection: Any, due: Sequence[Due]) -> None:
        """Note ``due`` over the database driver's own ``connection``: it holds if the transaction does."""
        ...

    def committed(self) -> None:
        """That transaction has been committed."""
        ...


class Crew(Protocol):
    """Those who handle what is due: what a dispatcher drives. Every method may be called by any thread."""

    name: str
    queues: Sequence[str]
    concurrency: int

    def lease(self, room: int) -> Sequence[Any]:
        """Take at most ``room`` rows that are due; each is then to be handled, or given back by ``rest``."""
        ...

    def take(self, due: Due) -> Any | None:
        """Take one row; None when it is not due, held, done, or its connector is left alone for now."""
        ...

    def handle(self, row: Any) -> None:
        """Do what a taken row asks for; raises nothing."""
        ...

    def keep(self) -> None:
        """To be called at least each second: holds what is in hand, shows that the worker lives, does periodic work."""
        ...

    def announce(self, *, fresh: bool) -> float:
        """Have rows that are due and that nobody holds announced (again): all, or only the newly due.

        Seconds until the next timer comes due that is known now, ``inf`` when there is none: time for the next call.
        """
        ...

    def rest(self) -> None:
        """Give back what is still in hand, and say good-bye."""
        ...


class Dispatcher(Announcer, Protocol):
    """Decides who delivers: hands due rows to a crew."""

    name: str

    def prepare(self) -> None:
        """Bring what it keeps in the database to the present shape; harmless when there is nothing to do."""
        ...

    def run(self, crew: Crew) -> None:
        """Hand out work until ``stop``; then finish what is in hand within the patience."""
        ...

    def stop(self, *, patience: float = 30.0) -> None:
        """Begin nothing new; what is in hand has ``patience`` seconds. Returns at once."""
        ...


class ObjectStore(Protocol):
    """Content-addressed files; a stored file is never changed."""

    def put(self, content: bytes) -> Digest:
        """Store ``content`` durably before returning its digest; storing it twice is harmless."""
        ...

    def get(self, digest: Digest) -> bytes:
        """The content, checked against its digest (``IntegrityBroken``); ``NotFound`` when absent."""
        ...

    def exists(self, digest: Digest) -> bool:
        """Whether the file is there (content not checked)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedUpload:
    """What an upload turned out to be after sniffing and parsing."""

    media_type: str  #: ``image/png``, ``image/jpeg`` or ``application/pdf``
    pages: int
    width: int = 0  #: pixels of the first page, 0 for a PDF
    height: int = 0
    signed: bool = False  #: a PDF that carries a signature is never re-written
    safe_view: bytes = b""  #: re-encoded or cleaned copy to show; empty = show the original
    notes: tuple[str, ...] = ()  #: for the record: ``owner-password``, ``not-scanned``, ``removed:…``


class UploadInspector(Protocol):
    """Judges an upload by extension, magic number, full parse and virus scan."""

    def inspect(self, name: str, content: bytes) -> InspectedUpload:
        """Accept the upload or raise ``InvalidInput`` with a sentence a citizen understands."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWord:
    """One recognised word; the box is in pixels of the page, confidence 0–100."""

    text: str
    confidence: float
    left: int
    top: int
    width: int
    height: int
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadField:
    """A value found on a paper. ``check`` is true when a person has to look before trusting it at all."""

    key: str
    value: str
    confidence: float  #: 0–100, the least of its words
    page: int = 1
    box: tuple[int, int, int, int] = (0, 0, 0, 0)  #: left, top, width, height in pixels
    label_found: bool = True
    check: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """Everything a reader found on a paper."""

    text: str
    mean_confidence: float
    pages: int
    fields: tuple[ReadField, ...] = ()
    codes: tuple[str, ...] = ()  #: contents of QR and bar codes
    words: tuple[ReadWord, ...] = ()
    steps: tuple[str, ...] = ()  #: pre-processing applied, for the record


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How to find one field on a paper: text right of (or below) one of the labels, matching the pattern."""

    key: str
    labels: tuple[str, ...]
    pattern: str = ""  #: a regular expression the value must match wholly; empty = any text
    kind: str = "text"  #: text, date, id12, number, name
    expected: str = ""  #: the typed or registered value to agree with; empty = none known


class TextReader(Protocol):
    """Reads a scanned paper."""

    def read(self, content: bytes, media_type: str, rules: Sequence[FieldRule] = ()) -> ReadText:
        """Recognise the text and the asked fields; proposes only, a person confirms."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """What the verifier says of one signature in a file."""

    field: str
    signer: str  #: common name of the certificate's subject
    serial: str  #: certificate serial number, hexadecimal
    level: str  #: B-B, B-T, B-LT or B-LTA
    signed_at: datetime | None  #: trusted time, from the time stamp
    valid: bool  #: everything passed: intact, trusted, not revoked, covers the file
    intact: bool
    trusted: bool
    revoked: bool
    coverage: str
    modification: str
    problem: str = ""  #: why it is not valid, empty when it is
    reason: str = ""  #: what the signer states, as it was signed


class SignatureVerifier(Protocol):
    """Judges every signature of a PDF against the configured trust roots."""

    def verify(self, pdf: bytes, *, at: datetime | None = None) -> tuple[SignatureReport, ...]:
        """One report per signature in the order of signing, none for an unsigned file; any doubt is ``valid=False``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRequest:
    """Who signs, and what is shown on the page."""

    key: str  #: name of the key in the key store, for example ``officer:LD01`` or ``seal:H56.12``
    reason: str
    location: str
    label: str = ""  #: visible text; empty = an invisible signature
    page: int = 0
    box: tuple[int, int, int, int] = (0, 0, 0, 0)  #: left, bottom, right, top in points


class Signer(Protocol):
    """Puts PAdES signatures on a PDF and raises the file to B-LTA."""

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """The PDF with one more signature with a trusted time (B-T); refuses what it cannot sign correctly."""
        ...

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """The PDF with revocation data for each signature and a document time stamp (B-LTA)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """A demand for one charge, in the words of the gateway protocol."""

    reference: str  #: unique, ours
    amount: Money
    purpose: str
    account: str  #: the competent unit's own account number
    bank: str  #: BIN of the bank, six digits
    beneficiary: str
    return_url: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A gateway's signed server-to-server notice after its signature was checked."""

    reference: str
    amount: Money
    transaction: str  #: the gateway's own number, unique per gateway
    bank: str
    succeeded: bool
    paid_at: datetime
    raw: Mapping[str, str] = field(default_factory=dict)


class PaymentGateway(Protocol):
    """A payment gateway with redirect, signed return and signed notice (IPN)."""

    name: str

    def payment_url(self, intent: PaymentIntent) -> str:
        """Where the citizen pays; carries our signature."""
        ...

    def read_notice(self, parameters: Mapping[str, str]) -> PaymentNotice:
        """The notice when its signature is right, else ``ConnectorRefused``."""
        ...

    def query(self, intent: PaymentIntent) -> PaymentNotice | None:
        """Ask the gateway what became of an intent; None when it knows no payment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryQuery:
    """One look-up in a national register, with the purpose the law asks for."""

    register: str  #: ``population``, ``civil-status`` …
    subject: str
    purpose: str
    dossier: str
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAnswer:
    """What a register knows; ``data`` is empty when it knows nothing."""

    source: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """One entry to be made in a national register, with the purpose the law asks for."""

    key: str  #: idempotency key: the same entry is made once and answered the same
    register: str
    purpose: str
    dossier: str
    officer: str
    record: Mapping[str, Any]


class Registry(Protocol):
    """A national register."""

    def look_up(self, query: RegistryQuery) -> RegistryAnswer:
        """The record of the subject."""
        ...

    def register(self, entry: RegistryRecord) -> RegistryAnswer:
        """Make an entry; what the register gave it (a number), ``ConnectorRefused`` when it does not take it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notification to a person."""

    key: str  #: idempotency key: the same message is delivered once
    to: str
    subject: str
    body: str  #: plain text
    attachments: tuple[tuple[str, str, bytes], ...] = ()  #: name, media type, content


class Notifier(Protocol):
    """Delivers messages to people."""

    def send(self, message: Message) -> None:
        """Hand the message over; returning means the mail server took it."""
        ...


#: Left, bottom, right, top in points from the page's lower left corner.
Box = tuple[int, int, int, int]


class LetterRenderer(Protocol):
    """Makes PDF letters, slips and results from the procedure's templates."""

    def render(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> bytes:
        """A PDF/A-2u with Tinos embedded. ``sources`` are extra templates by name (a procedure's own letters)."""
        ...

    def html(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> str:
        """The same letter as HTML."""
        ...

    def certified_copy(self, original: bytes, media_type: str, template: str, data: Mapping[str, Any]) -> bytes:
        """A PDF whose pages are the original's, each stamped, followed by the certification page of ``template``."""
        ...

    def join(self, parts: Sequence[bytes]) -> bytes:
        """One PDF with the pages of all parts in order."""
        ...

    def page_count(self, pdf: bytes) -> int:
        """How many pages a PDF has."""
        ...

    def signature_boxes(self, *, result: bool) -> tuple[Box, Box]:
        """Where on the last page the official's signature and the unit's seal are shown, on a result or on a letter."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReport:
    """What is said of the signature over a checkpoint."""

    signer: str  #: common name of the certificate's subject
    signed_at: datetime | None  #: trusted time, from the time stamp
    problem: str = ""  #: why it does not hold, empty when it does


class Sealer(Protocol):
    """Signs checkpoints with the installation's own key and has the signature time-stamped (RFC 3161)."""

    def seal(self, content: bytes) -> bytes:
        """A detached CMS signature over ``content`` with a time stamp."""
        ...

    def judge(self, content: bytes, signature: bytes) -> SealReport:
        """Whether a signature holds; any doubt is a ``problem``."""
        ...
