"""Playing a draft's scenarios at a click, in a separate little installation of invented people, in memory."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.letters.renderer import Renderer
from connectors.registry.sandbox import RegistrySandbox
from engine import bpmn
from engine.bus import Bus
from engine.commands.authoring import Rehearsal
from engine.commands.draft_problems import own_flows, package_of
from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import AttachUpload
from engine.definitions.package import Package
from engine.definitions.scenario import Paper, Scenario, ScenarioStep, read_scenario
from engine.errors import ConnectorUnavailable, DefinitionRefused, InvalidInput, MotcuaError, Problem, Text
from engine.forms import Form
from engine.model.permission import Actor
from engine.ports import FieldRule, ReadText
from engine.procedures import Library, Procedure, compile_package
from engine.store.database import Database, sqlite_url
from engine.store.migration import migrate
from engine.values import aware
from engine.worker import Ports
from webapp.bootstrap import PROCESSES, Product
from webapp.demo.people import PEOPLE, PEOPLE_FILE
from webapp.scenarios.coverage import Coverage
from webapp.scenarios.faults import Broken, FastLetters
from webapp.scenarios.observation import observed
from webapp.scenarios.player import Outcome, Play
from webapp.scenarios.stage import Stage, StageClock
from webapp.screens.studio.little_installation import SINCE, put_in_force, settle_people
from webapp.screens.studio.stand_ins import MemoryFiles, MemoryMail, TrialRegistry, TrialSigner

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
        failures = tuple(
            Text(vi=f"{one.file}: {one.failures[0].vi}", en=f"{one.file}: {one.failures[0].en}")
            for one in self.outcomes
            if one.failures
        )
        return Rehearsal(
            digest=self.digest,
            scenarios=len(self.outcomes),
            failures=failures,
            flows_missing=self.flows_missing,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Where a scenario stands after its last step: what a person may do next."""

    now: datetime
    number: str  #: of the dossier; '' before it is filed
    failures: tuple[Text, ...]
    tasks: tuple[tuple[str, str], ...]  #: node and name of each open task
    due: int  #: đồng still to be paid
    state: Mapping[str, Any]  #: as ``observed`` tells it
    broken: tuple[str, ...]  #: what is broken now
    procedure: Procedure
    sources: Mapping[str, Mapping[str, Any]]  #: inputs of each open task; of ``application`` the register's answer

    def form(self, chosen: str) -> Form | None:
        """The e-form of an open task, or the application form while nothing is filed."""
        if chosen == "application":
            return None if self.number else self.procedure.form(self.procedure.manifest.application_form)
        if chosen not in {node for node, _name in self.tasks}:
            return None
        name = self.procedure.definition.elements[chosen].attributes.get("form", "")
        return self.procedure.forms.get(name)

    def source(self, chosen: str) -> dict[str, Any]:
        """What the form's locked and proposed fields are filled from."""
        return dict(self.sources.get(chosen, {}))

    @property
    def expectation(self) -> dict[str, Any]:
        """What a recorded step expects: the open steps, how business and money stand, and what is out of the ordinary:
        money to be paid back, a connector that is waited for, a result."""
        always = ("open", "business", "finance")
        kept = {name: self.state[name] for name in always if name in self.state}
        return kept | {name: self.state[name] for name in ("refunds", "waiting", "result") if self.state.get(name)}


class Theatre:
    """The little installation: a database of invented units and people that every scenario gets a copy of."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._lock = threading.Lock()
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._known: dict[str, Played] = {}
        self._letters = FastLetters(Renderer(PROCESSES / "_shared" / "letters"))

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

    def halt(self, files: Mapping[str, bytes], data: Mapping[str, Any], file: str) -> Halt:
        """Play a scenario as it is so far, and look where it stands."""
        package = package_of(files)
        procedure = compile_package(package, functions=self._product.bus.library.functions)
        if not any("file" in step for step in steps_of(data)):
            filed = {"file": str(package.manifest.code)}  # is the rest of it well made?
            read_scenario(orjson.dumps({**data, "steps": [*steps_of(data), filed]}), file=file)
            return _before(procedure, data)
        scenario = _tried(read_scenario(orjson.dumps(data), file=file))
        with self._lock, self._staged(procedure, scenario) as trial:
            outcome = trial.run()
            return trial.halted(outcome, procedure)

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
        with self._staged(procedure, scenario) as trial:
            try:
                return trial.run()
            except MotcuaError as error:
                said = (Text(vi=error.message("vi"), en=error.message("en")),)
                return Outcome(file=scenario.file, title=scenario.title.en, number="", failures=said, steps=())

    @contextmanager
    def _staged(self, procedure: Procedure, scenario: Scenario) -> Iterator[Trial]:
        """A fresh copy of the little installation with the draft in force."""
        clock, broken = StageClock(scenario.start), Broken()
        with tempfile.TemporaryDirectory(prefix="motcua-trial-", dir=_folder()) as folder:
            file = Path(folder) / "trial.db"
            shutil.copyfile(self._template(), file)
            database = Database(sqlite_url(file))
            library = Library(functions=self._product.bus.library.functions)
            library.put(procedure)
            bus = Bus(database, clock, library, self._product.bus.rules)
            put_in_force(database, procedure)
            ports = self._ports(clock, broken)
            product = dataclasses.replace(
                self._product, clock=clock, database=database, bus=bus, ports=ports, sandboxes=None
            )
            try:
                yield Trial(Stage(product=product, clock=clock, broken=broken), scenario)
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
            letters=self._letters,
            notifier=MemoryMail(),
            registries={"population": registry, "civil-status": registry},
        )

    def _template(self) -> Path:
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="motcua-theatre-", dir=_folder())
            file = Path(self._home.name) / "template.db"
            database = Database(sqlite_url(file))
            migrate(database)
            bus = Bus(database, StageClock(SINCE), Library(), self._product.bus.rules)
            settle_people(bus)
            with database.begin():
                pass
            database.close()
        return Path(self._home.name) / "template.db"


def _before(procedure: Procedure, data: Mapping[str, Any]) -> Halt:
    """Nothing is filed yet; the application form is filled from the invented citizen's record."""
    start = aware(datetime.fromisoformat(str(data["start"])), what="start")
    people = RegistrySandbox(PEOPLE_FILE, token="", now=lambda: start)
    citizen = next(person for person in PEOPLE if not person.posts)
    return Halt(
        now=start,
        number="",
        failures=(),
        tasks=(),
        due=0,
        state={},
        broken=tuple(step["fault"] for step in steps_of(data)),
        procedure=procedure,
        sources={"application": {"requester": people.records["population"].get(citizen.person_id, {})}},
    )


def steps_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps of a scenario's JSON that are steps at all; what else stands there is told by ``read_scenario``."""
    steps = data.get("steps")
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def scenarios_of(files: Mapping[str, bytes], *, only: str = "") -> tuple[Scenario, ...]:
    """The scenarios of a draft by name, or the one called ``only``; ``DefinitionRefused`` for one that is malformed."""
    names = sorted(name for name in files if name.startswith(_SCENARIO) and (not only or name == only))
    if len(names) > MAX_SCENARIOS:
        raise InvalidInput(what=Text(vi="kịch bản", en="scenarios"), why=f"{len(names)} > {MAX_SCENARIOS}")
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

    def halted(self, outcome: Outcome, procedure: Procedure) -> Halt:
        """Where the dossier stands now."""
        state = observed(self.product, self.number) if self.number else {}
        tasks: list[tuple[str, str]] = []
        sources: dict[str, Mapping[str, Any]] = {}
        due = 0
        if self.number:
            with self.product.database.begin() as uow:
                dossier = uow.dossiers.get(self.number)
                charges = uow.money.charges(self.number)
            due = sum(charge.amount for charge in charges if charge.state == "due")
            instance = bpmn.Instance.load(procedure.definition, dossier.state, now=self.product.clock.now())
            for task in instance.open_tasks():
                if task.kind == "user":
                    tasks.append((task.element, task.name or task.element))
                    sources[task.element] = dict(task.inputs)
        return Halt(
            now=self.product.clock.now(),
            number=self.number,
            failures=outcome.failures,
            tasks=tuple(tasks),
            due=due,
            state=state,
            broken=tuple(sorted(self.stage.broken.now)),
            procedure=procedure,
            sources=sources,
        )

    def _pay(self, step: ScenarioStep) -> None:
        with self.product.database.begin() as uow:
            charges = [charge for charge in uow.money.charges(self.number) if charge.state == "due"]
        if not charges:
            raise InvalidInput(what=self.number, why=Text(vi="không có khoản nào phải nộp", en="nothing is due"))
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
            raise ConnectorUnavailable(system="OCR", why=Text(vi="không trả lời", en="no answer"))
        return ReadText(text="", mean_confidence=0, pages=1)


def _folder() -> str | None:
    return str(_MEMORY) if _MEMORY.is_dir() else None
