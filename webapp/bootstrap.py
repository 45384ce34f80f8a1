"""The only composition root: settings become one working product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import metadata
from pathlib import Path

from connectors.dispatch.distributed import DistributedDispatcher
from connectors.files.inspector import Inspector
from connectors.files.s3 import BucketStore, S3Settings
from connectors.files.store import FileStore
from connectors.letters.renderer import Renderer
from connectors.notify.mail import MailNotifier
from connectors.ocr.tesseract import TesseractReader
from connectors.payment.gateway import RedirectGateway
from connectors.registry.client import HttpRegistry
from connectors.signing.signers import SigningConnector, connect
from connectors.signing.signing_settings import SigningSettings
from engine.bus import Bus
from engine.clock import SystemClock
from engine.commands.context import Rules
from engine.model.queue import QUEUES
from engine.ports import Clock, Dispatcher, ObjectStore, PaymentGateway, Sealer
from engine.procedures import Library
from engine.queries.verification import Verification
from engine.store.database import Database, Limits, sqlite_url
from engine.store.database_clock import DatabaseClock
from engine.store.migration import migrate
from engine.store.unit_of_work import UnitOfWork
from engine.worker import EmbeddedDispatcher, Plan, Ports, RunningWorker, Worker
from webapp.calendar_files import read_calendar, read_functions, read_office
from webapp.heartbeat import Heartbeat
from webapp.sandboxes import Sandboxes, start_sandboxes
from webapp.secrets_file import Secrets
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = ROOT / "processes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Everything a process of the product needs, put together once."""

    settings: Settings
    secrets: Secrets
    clock: Clock
    database: Database
    bus: Bus
    ports: Ports
    gateway: PaymentGateway
    inspector: Inspector
    sandboxes: Sandboxes | None

    @property
    def heartbeat(self) -> Heartbeat:
        """The sign of life of this installation's worker."""
        return Heartbeat(path=self.settings.home / "worker.beat", clock=self.clock)

    def verification(self, uow: UnitOfWork) -> Verification:
        """The auditor's check with this installation's calendar, hours and files."""
        rules = self.bus.rules
        return Verification(uow, self.ports.files, calendar=rules.calendar, office=rules.office)

    def worker(self, *, queues: Sequence[str] = QUEUES, concurrency: int = 0) -> Worker:
        """A new worker on this product, for all queues and as many rows at once as the settings say, or as given."""
        plan = Plan(
            queues=tuple(queues),
            concurrency=concurrency or self.settings.concurrency,
            lease=timedelta(seconds=self.settings.lease_seconds),
            version=version(),
        )
        return Worker(self.bus, self.ports, plan=plan, beat=self.heartbeat.beat)

    def start(self, worker: Worker, dispatcher: Dispatcher | None = None) -> RunningWorker:
        """Let a worker work until it is stopped; ``dispatcher`` instead of the one that the settings name."""
        dispatcher = dispatcher or dispatcher_for(self.settings, self.database)
        self.database.announcer = dispatcher
        return RunningWorker(worker, dispatcher)


def version() -> str:
    """The version of the code."""
    return metadata.version("motcua")


def dispatcher_for(settings: Settings, database: Database) -> Dispatcher:
    """A dispatcher of the kind that the settings name."""
    if settings.dispatcher == "distributed":
        return DistributedDispatcher(database.conninfo)
    return EmbeddedDispatcher(database)


@contextmanager
def assemble(settings: Settings, *, clock: Clock | None = None, sandboxes: bool | None = None) -> Iterator[Product]:
    """A working product; its sandboxes (unless told otherwise, outside production) stop at the end."""
    settings.home.mkdir(parents=True, exist_ok=True)
    secrets = Secrets(settings.home / "secrets.json")
    database = open_database(settings)
    clock = clock or clock_of(database)
    running: Sandboxes | None = None
    wanted = not settings.production if sandboxes is None else sandboxes
    try:
        if wanted:
            running = start_sandboxes(settings, secrets, clock)
        yield _product(_complete(settings, secrets, running), secrets, clock, database, running)
    finally:
        if running is not None:
            running.stop()
        database.close()


def reach_database(settings: Settings) -> Database:
    """The database as it is."""
    settings.home.mkdir(parents=True, exist_ok=True)
    limits = Limits(
        pool=settings.database_pool,
        statement=settings.database_statement_seconds,
        lock=settings.database_lock_seconds,
    )
    return Database(settings.database_url or sqlite_url(settings.home.resolve() / "motcua.db"), limits)


def open_database(settings: Settings) -> Database:
    """The database, brought to the present schema."""
    database = reach_database(settings)
    migrate(database)
    database.announcer = dispatcher = dispatcher_for(settings, database)
    dispatcher.prepare()
    return database


def clock_of(database: Database) -> Clock:
    """The database server's clock; SQLite's is this machine's own."""
    return SystemClock() if database.sqlite else DatabaseClock(database.url)


def open_files(settings: Settings) -> ObjectStore:
    """The file store: a bucket where one is set, else the home folder."""
    if not settings.s3_endpoint:
        return FileStore(settings.home / "files")
    return BucketStore(
        S3Settings(
            endpoint=settings.s3_endpoint,
            bucket=settings.s3_bucket,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            prefix=settings.s3_prefix,
        )
    )


def open_sealer(settings: Settings, clock: Clock) -> Sealer | None:
    """Who judges and makes checkpoints; None before the demo has made its keys and where no key is set."""
    whole = _complete(settings, Secrets(settings.home / "secrets.json"), None)
    if not whole.checkpoint_key or whole.signing_roots is None or not whole.signing_roots.is_dir():
        return None
    return _signing(whole, clock).sealer


def _complete(settings: Settings, secrets: Secrets, running: Sandboxes | None) -> Settings:
    """Fill what the demo's sandboxes decide."""
    if settings.production:
        return settings
    base = settings.sandbox_port
    return replace(
        settings,
        smtp_host=settings.smtp_host or "127.0.0.1",
        smtp_port=settings.smtp_port if settings.smtp_host else (running.mail_port if running else base + 3),
        gateway_pay_url=settings.gateway_pay_url or f"{running.payment_url if running else _at(base + 1)}/pay",
        gateway_query_url=settings.gateway_query_url or f"{running.payment_url if running else _at(base + 1)}/query",
        gateway_secret=settings.gateway_secret or secrets["gateway"],
        registry_url=settings.registry_url or (running.registry_url if running else _at(base + 2)),
        registry_token=settings.registry_token or secrets["registry"],
        signing_keys=settings.signing_keys or settings.home / "pki" / "keys",
        signing_roots=settings.signing_roots or settings.home / "pki" / "roots",
        time_stamp_url=settings.time_stamp_url or f"{_at(base)}/tsa",
        checkpoint_key=settings.checkpoint_key or "seal:H56",
    )


def _at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _signing(settings: Settings, clock: Clock) -> SigningConnector:
    assert settings.signing_keys is not None
    assert settings.signing_roots is not None
    return connect(
        SigningSettings(
            keys=settings.signing_keys,
            roots=settings.signing_roots,
            time_stamp_url=settings.time_stamp_url,
            checkpoint_key=settings.checkpoint_key,
        ),
        clock,
    )


def _product(
    settings: Settings, secrets: Secrets, clock: Clock, database: Database, running: Sandboxes | None
) -> Product:
    signing = _signing(settings, clock)
    registry = HttpRegistry(name="CSDL quốc gia về dân cư", url=settings.registry_url, token=settings.registry_token)
    ports = Ports(
        files=open_files(settings),
        reader=TesseractReader(),
        signer=signing.signer,
        verifier=signing.verifier,
        letters=Renderer(PROCESSES / "_shared" / "letters"),
        notifier=MailNotifier(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_from,
            user=settings.smtp_user,
            password=settings.smtp_password,
            starttls=settings.smtp_starttls,
        ),
        registries={"population": registry, "civil-status": registry},
        base_url=settings.address,
        sealer=signing.sealer if settings.checkpoint_key else None,
    )
    rules = Rules(
        calendar=read_calendar(), office=read_office(), base_url=settings.address, gateway=settings.gateway_name
    )
    return Product(
        settings=settings,
        secrets=secrets,
        clock=clock,
        database=database,
        bus=Bus(database, clock, Library(functions=read_functions()), rules),
        ports=ports,
        gateway=RedirectGateway(
            name=settings.gateway_name,
            pay_url=settings.gateway_pay_url,
            query_url=settings.gateway_query_url,
            merchant=settings.gateway_merchant,
            secret=settings.gateway_secret,
        ),
        inspector=Inspector.with_clamd(settings.clamd_socket),
        sandboxes=running,
    )
