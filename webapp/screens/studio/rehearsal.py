"""Playing a draft's scenarios at a click, in a separate little installation of invented people, in memory."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.letters.renderer import Renderer
from connectors.registry.sandbox import RegistrySandbox
from engine.bus import Bus
from engine.clock import ZONE
from engine.commands.authoring import Rehearsal
from engine.commands.draft_problems import own_flows, package_of
from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import AttachUpload
from engine.commands.library import Library, Procedure, compile_package
from engine.commands.organisation import AddAccount, AddUnit
from engine.definitions.package import Package
from engine.definitions.scenario import Paper, Scenario, ScenarioStep, read_scenario
from engine.errors import ConnectorUnavailable, DefinitionRefused, InvalidInput, MotcuaError, Problem
from engine.model.permission import SYSTEM, Actor
from engine.ports import FieldRule, ReadText
from engine.store.database import Database, sqlite_url
from engine.store.migration import migrate
from engine.store.records import Account, Bundle, Deployment
from engine.worker import Ports
from webapp.bootstrap import PROCESSES, Product
from webapp.demo.people import PEOPLE, PEOPLE_FILE, UNITS
from webapp.scenarios.coverage import Coverage
from webapp.scenarios.faults import Broken, FastLetters
from webapp.scenarios.player import Outcome, Play
from webapp.scenarios.stage import Stage, StageClock
from webapp.screens.studio.stand_ins import SERIAL, MemoryFiles, MemoryMail, TrialRegistry, TrialSigner

_SINCE = datetime(2020, 1, 1, tzinfo=ZONE)
_MEMORY = Path("/dev/shm")  # noqa: S108 - only asked whether it exists; folders in it get random names
_SCENARIO = "scenarios/"
#: Played at most so many in one go.
MAX_SCENARIOS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a draft's scenarios."""

    digest: str
    outcomes: tuple[Outcome, ...]
    passed: frozenset[str]  #: nodes
    taken: frozenset[str]  #: flows
    flows_missing: tuple[str, ...]  #: of the procedure's own diagrams
    milliseconds: float

    @property
    def rehearsal(self) -> Rehearsal:
        """What a submission or an approval says of it."""
        failures = tuple(f"{one.file}: {one.failures[0]}" for one in self.outcomes if one.failures)
        return Rehearsal(
            digest=self.digest,
            scenarios=len(self.outcomes),
            failures=failures,
            flows_missing=self.flows_missing,
        )


class Theatre:
    """The little installation: a database of invented units and people that every scenario gets a copy of."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._lock = threading.Lock()
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._known: dict[str, Played] = {}

    def play(self, files: Mapping[str, bytes], *, only: str = "") -> Played:
        """Play every scenario of a draft, or one of them. ``DefinitionRefused`` when the draft cannot run."""
        package = package_of(files)
        with self._lock:
            known = self._known.get(package.digest) if not only else None
            if known is not None:
                return known
            played = self._play(package, only)
            if not only:
                if len(self._known) > 50:
                    self._known.clear()
                self._known[package.digest] = played
            return played

    def known(self, files: Mapping[str, bytes]) -> Played | None:
        """What these very files came to when they were last played, None when they were not."""
        return self._known.get(package_of(files).digest)

    def _play(self, package: Package, only: str) -> Played:
        procedure = compile_package(package, functions=self._product.bus.library.functions)
        scenarios = scenarios_of(package.files, only=only)
        coverage, begun = Coverage.of(procedure.definition), time.perf_counter()
        outcomes = []
        for scenario in scenarios:
            outcome = self._one(procedure, scenario)
            coverage.add(outcome.steps)
            outcomes.append(outcome)
        own = own_flows(package.files, procedure.definition)
        return Played(
            digest=str(package.digest),
            outcomes=tuple(outcomes),
            passed=frozenset(coverage.passed),
            taken=frozenset(coverage.taken),
            flows_missing=tuple(sorted(own - coverage.taken)),
            milliseconds=(time.perf_counter() - begun) * 1000,
        )

    def _one(self, procedure: Procedure, scenario: Scenario) -> Outcome:
        clock, broken = StageClock(scenario.start), Broken()
        with tempfile.TemporaryDirectory(prefix="motcua-trial-", dir=_folder()) as folder:
            file = Path(folder) / "trial.db"
            shutil.copyfile(self._template(), file)
            database = Database(sqlite_url(file))
            library = Library(functions=self._product.bus.library.functions)
            library.put(procedure)
            bus = Bus(database, clock, library, self._product.bus.rules)
            _put_in_force(database, procedure)
            product = dataclasses.replace(
                self._product, clock=clock, database=database, bus=bus, ports=self._ports(clock, broken), sandboxes=None
            )
            try:
                return Trial(Stage(product=product, clock=clock, broken=broken), scenario).run()
            except MotcuaError as error:
                said = (error.message("vi"),)
                return Outcome(file=scenario.file, title=scenario.title.en, number="", failures=said, steps=())
            finally:
                database.close()

    def _ports(self, clock: StageClock, broken: Broken) -> Ports:
        signer = TrialSigner(clock, broken)
        people = RegistrySandbox(PEOPLE_FILE, token="", now=clock.now)
        registry = TrialRegistry(people, clock, broken)
        return dataclasses.replace(
            self._product.ports,
            files=MemoryFiles(),
            reader=_Reader(broken),
            signer=signer,
            verifier=signer,
            letters=FastLetters(Renderer(PROCESSES / "_shared" / "letters")),
            notifier=MemoryMail(),
            registries={"population": registry, "civil-status": registry},
        )

    def _template(self) -> Path:
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="motcua-theatre-", dir=_folder())
            file = Path(self._home.name) / "template.db"
            database = Database(sqlite_url(file))
            migrate(database)
            bus = Bus(database, StageClock(_SINCE), Library(), self._product.bus.rules)
            _people(bus)
            with database.begin():
                pass
            database.close()
        return Path(self._home.name) / "template.db"


def scenarios_of(files: Mapping[str, bytes], *, only: str = "") -> tuple[Scenario, ...]:
    """The scenarios of a draft by name, or the one called ``only``; ``DefinitionRefused`` for one that is malformed."""
    names = sorted(name for name in files if name.startswith(_SCENARIO) and (not only or name == only))
    if len(names) > MAX_SCENARIOS:
        raise InvalidInput(what="kịch bản / scenarios", why=f"{len(names)} > {MAX_SCENARIOS}")
    found: list[Scenario] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found.append(_tried(read_scenario(files[name], file=name)))
        except DefinitionRefused as refusal:
            problems += refusal.problems
    if problems:
        raise DefinitionRefused(problems=tuple(problems))
    return tuple(found)


def _tried(scenario: Scenario) -> Scenario:
    """The scenario without what only real papers can show: a trial draws none, so nothing can be read from them."""
    steps = tuple(
        dataclasses.replace(step, expect={name: value for name, value in step.expect.items() if name != "read"})
        for step in scenario.steps
    )
    return dataclasses.replace(scenario, fast=True, steps=steps)


class Trial(Play):
    """One scenario being tried: papers are not drawn and payments need no gateway."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._acts = dict(self._acts) | {
            "pay": self._pay,
            "fault": lambda step: stage.broken.now.add(step.value),
            "repair": lambda step: stage.broken.now.discard(step.value),
        }

    def _pay(self, step: ScenarioStep) -> None:
        with self.product.database.begin() as uow:
            charges = [charge for charge in uow.money.charges(self.number) if charge.state == "due"]
        if not charges:
            raise InvalidInput(what=self.number, why="không có khoản nào phải nộp / nothing is due")
        citizen = self.person(self.citizen)
        for charge in charges:
            attempts = 2 if step.value == "twice" else 1
            orders = [self.product.bus.execute(BeginPayment(charge=charge.id), citizen) for _ in range(attempts)]
            for order in orders:
                self._record(order, citizen, succeeded=step.value != "fail")

    def _record(self, order: Mapping[str, Any], citizen: Actor, *, succeeded: bool) -> None:
        self.product.bus.execute(
            RecordPayment(
                gateway=self.product.gateway.name,
                reference=order["reference"],
                amount=order["amount"],
                transaction=f"T-{order['reference']}",
                succeeded=succeeded,
                paid_at=self.product.clock.now(),
                raw={},
            ),
            citizen,
        )

    def _upload(self, paper: Paper, actor: Actor, *, draft: str = "", task: str = "") -> str:
        content = orjson.dumps([paper.title, *paper.lines])
        kind = "application/pdf" if paper.type == "pdf" else "image/png"
        upload = AttachUpload(
            draft=draft,
            task=task,
            name=f"giay-to.{paper.type}",
            digest=self.product.ports.files.put(content),
            media_type=kind,
            pages=1,
            size=len(content),
            view="",
        )
        return str(self.product.bus.execute(upload, actor)["document"])


@dataclass(frozen=True, slots=True)
class _Reader:
    """Port ``TextReader`` that reads nothing and can be down."""

    broken: Broken

    def read(self, content: bytes, media_type: str, rules: Sequence[FieldRule] = ()) -> ReadText:
        """No text."""
        if "ocr" in self.broken.now:
            raise ConnectorUnavailable(system="OCR", why="không trả lời / no answer")
        return ReadText(text="", mean_confidence=0, pages=1)


def _put_in_force(database: Database, procedure: Procedure) -> None:
    package, manifest = procedure.package, procedure.manifest
    with database.begin() as uow:
        uow.definitions.add_bundle(
            Bundle(
                digest=package.digest,
                procedure=manifest.code,
                version=manifest.version,
                manifest=orjson.loads(package.files["procedure.json"]),
                files=package.pack(),
                created_at=_SINCE,
            )
        )
        uow.definitions.deploy(
            Deployment(
                id="trial",
                procedure=manifest.code,
                digest=package.digest,
                effective_from=_SINCE,
                effective_to=None,
                decision=manifest.decision,
                author="",
                approver="",
                created_at=_SINCE,
            )
        )


def _people(bus: Bus) -> None:
    for unit in UNITS:
        bus.execute(AddUnit(unit=dataclasses.replace(unit, valid_from=_SINCE, certificate=SERIAL)), SYSTEM)
    for person in PEOPLE:
        account = Account(
            login=person.login,
            name=person.name,
            person_id=person.person_id,
            email=f"{person.login}@example.vn",
            phone="",
            password="",
            certificate=SERIAL,
            active=True,
        )
        bus.execute(AddAccount(account=account, posts=person.posts), SYSTEM)


def _folder() -> str | None:
    return str(_MEMORY) if _MEMORY.is_dir() else None
