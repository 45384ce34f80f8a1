"""Plays a scenario through the same commands as the web, and compares what came of it with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn.schedule import duration
from engine.clock import ZONE
from engine.commands.intake import AttachUpload, FileDossier, SaveDraft, StartDraft
from engine.commands.results import HandOver
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.definitions.scenario import Paper, Scenario, ScenarioStep, differences
from engine.errors import InvalidInput, MotcuaError, Text
from engine.model.chain import Event
from engine.model.permission import APPLICANT, Actor
from engine.ports import RegistryQuery
from engine.store.records import Task
from webapp.bootstrap import Product
from webapp.scenarios.observation import observed
from webapp.scenarios.papers import drawn
from webapp.scenarios.payments import pay
from webapp.scenarios.stage import Stage, set_stage

#: Why a dossier of a story is late, where the story does not say.
_STORY = "kịch bản"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one scenario."""

    file: str
    title: str
    number: str
    failures: tuple[Text, ...]
    steps: tuple[list[Any], ...]  #: element, event, moment, from the journal

    @property
    def holds(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def play(scenario: Scenario, installation: Product) -> Outcome:
    """Play on a fresh database of ``installation``; the first step that goes wrong ends it."""
    with set_stage(installation, scenario.start, fast=scenario.fast) as stage:
        return Play(stage, scenario).run()


class Play:
    """One scenario being played."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self.stage, self.scenario, self.product = stage, scenario, stage.product
        self.worker = stage.product.worker()
        self.number = ""
        self.citizen = ""
        self._acts: Mapping[str, Callable[[ScenarioStep], None]] = {
            "file": self._file,
            "pay": lambda step: pay(self.product, self.person(self.citizen), self.number, step.value),
            "complete": self._complete,
            "advance": self._advance,
            "fault": lambda step: self.stage.fail(step.value),
            "repair": lambda step: self.stage.repair(step.value),
            "hand_over": self._hand_over,
        }

    def run(self) -> Outcome:
        """Every step in turn, then the auditor's check of the whole dossier."""
        failures: tuple[Text, ...] = ()
        for step in self.scenario.steps:
            failures = self._step(step)
            if failures:
                break
        events = self._events()
        if not failures:
            failures = self._verified()
        steps = tuple(entry for event in events for entry in event.content().get("steps", ()))
        return Outcome(
            file=self.scenario.file,
            title=self.scenario.title.en,
            number=self.number,
            failures=failures,
            steps=steps,
        )

    def _step(self, step: ScenarioStep) -> tuple[Text, ...]:
        before = len(self._events())
        try:
            self._acts[step.act](step)
        except MotcuaError as refused:
            if refused.code != step.refused:
                return (step.says(_why(refused, "vi"), _why(refused, "en")),)
            if step.act != "complete" and len(self._events()) != before:
                said = Text(
                    vi="bị từ chối như mong đợi, nhưng hồ sơ đã thay đổi",
                    en="refused as expected, but the dossier changed",
                )
                return (step.says(said.vi, said.en),)
        else:
            if step.refused:
                said = Text(
                    vi=f"mong bị từ chối {step.refused}, nhưng lại được nhận",
                    en=f"expected the refusal {step.refused}, but it was accepted",
                )
                return (step.says(said.vi, said.en),)
        self.worker.drain()
        if not step.expect:
            return ()
        found = observed(self.product, self.number)
        return tuple(step.says(said.vi, said.en) for said in differences(step.expect, found))

    def _events(self) -> tuple[Event, ...]:
        if not self.number:
            return ()
        with self.product.database.begin() as uow:
            return uow.journal.of(self.number)

    def _verified(self) -> tuple[Text, ...]:
        with self.product.database.begin() as uow:
            verdict = self.product.verification(uow).verify(self.number)
        return tuple(
            Text(vi=f"kiểm tra hồ sơ: {found.place}: {found.what}", en=f"verification: {found.place}: {found.what}")
            for found in verdict.findings
        )

    def person(self, login: str) -> Actor:
        """A person with the posts held now."""
        with self.product.database.begin() as uow:
            actor = uow.organisation.actor(login, self.product.clock.now())
        if actor is None:
            raise InvalidInput(what=login, why=Text(vi="không có người này", en="there is no such person"))
        return actor

    # -- acts ----------------------------------------------------------------------------------------------------

    def _file(self, step: ScenarioStep) -> None:
        self.citizen = step.who
        actor, bus = self.person(step.who), self.product.bus
        asked = {"requester": ("population", actor.person_id)} | dict(step.registers)
        registers = {root: self._ask(register, subject, actor) for root, (register, subject) in asked.items()}
        draft = bus.execute(StartDraft(procedure=step.value, unit=step.unit, registers=registers), actor)["draft"]
        with self.product.database.begin() as uow:
            data = _laid_over(uow.drafts.get(draft).data, step.data)
        for place, paper in step.papers.items():
            _put(data, place, self._upload(paper, actor, draft=draft))
        bus.execute(SaveDraft(draft=draft, data=data), actor)
        self.number = str(bus.execute(FileDossier(draft=draft, channel=step.channel), actor)["number"])

    def _ask(self, register: str, subject: str, actor: Actor) -> dict[str, Any]:
        purpose = "Điền sẵn tờ khai"
        query = RegistryQuery(register=register, subject=subject, purpose=purpose, dossier="", officer=actor.login)
        answer = self.product.ports.registries[register].look_up(query)
        told = {"source": answer.source, "at": answer.at.isoformat(), "data": dict(answer.data)}
        return told | {"subject": subject, "purpose": purpose, "register": register}

    def _upload(self, paper: Paper, actor: Actor, *, draft: str = "", task: str = "") -> str:
        name, content = drawn(paper)
        seen = self.product.inspector.inspect(name, content)
        digest = self.product.ports.files.put(content)
        upload = AttachUpload(
            draft=draft,
            task=task,
            name=name,
            digest=digest,
            media_type=seen.media_type,
            pages=seen.pages,
            size=len(content),
            view="",
        )
        return str(self.product.bus.execute(upload, actor)["document"])

    def _complete(self, step: ScenarioStep) -> None:
        task = self._task(step.value)
        actor, revision = self._doer(step.who, task), task.revision
        if task.role != APPLICANT and task.assignee != actor.login:
            claimed = self.product.bus.execute(ClaimTask(task=task.id, revision=revision), actor)
            revision = claimed["revision"]
        data = _laid_over({}, step.data)
        for place, paper in step.papers.items():
            _put(data, place, self._upload(paper, actor, task=task.id))
        reason = _STORY if step.late_reason is None else step.late_reason
        command = CompleteTask(task=task.id, data=data, revision=revision, late_reason=reason)
        self.product.bus.execute(command, actor)

    def _task(self, node: str) -> Task:
        with self.product.database.begin() as uow:
            tasks = [task for task in uow.tasks.of(self.number) if task.state == "open"]
            waiting = uow.dossiers.get(self.number).waiting_for
        for task in tasks:
            if task.node == node:
                return task
        names = ", ".join(task.node for task in tasks) or "–"
        raise InvalidInput(
            what=node,
            why=Text(
                vi=f"bước này không mở; đang mở: {names}; đang chờ: {waiting or '–'}",
                en=f"no such task is open; open: {names}; waiting for: {waiting or '–'}",
            ),
        )

    def _doer(self, who: str, task: Task) -> Actor:
        """The person named, or the first one who holds the role in the task's unit."""
        if task.role == APPLICANT and not who:
            return self.person(self.citizen)
        with self.product.database.begin() as uow:
            logins = [account.login for account in uow.organisation.accounts()]
        if who in logins:
            return self.person(who)
        for login in logins:
            actor = self.person(login)
            if actor.holds(who or task.role, task.unit):
                return actor
        raise InvalidInput(
            what=who or task.role,
            why=Text(vi=f"không ai giữ vai trò này tại {task.unit}", en=f"nobody holds this role in {task.unit}"),
        )

    def _advance(self, step: ScenarioStep) -> None:
        """Let time pass; every timer on the way fires at its own moment."""
        period = duration(step.value)
        now = self.product.clock.now()
        target = period.after(now) if period else datetime.fromisoformat(step.value).astimezone(ZONE)
        while True:
            with self.product.database.begin() as uow:
                due = [timer.due_at for timer in uow.timers.of(self.number) if timer.state == "waiting"]
            following = min((moment for moment in due if now < moment <= target), default=None)
            if following is None:
                break
            now = following
            self.stage.clock.set(now)
            self.worker.drain()
        self.stage.clock.set(max(target, now + timedelta(0)))

    def _hand_over(self, step: ScenarioStep) -> None:
        actor = self.person(step.who or self.citizen)
        self.product.bus.execute(HandOver(dossier=self.number, way=step.value, evidence=step.evidence), actor)


def _why(refused: MotcuaError, language: str) -> str:
    """The refusal with its code and each mistake of a form."""
    details = [f"{error.path}: {error.message.in_(language)}" for error in getattr(refused, "errors", ())]
    return f"{refused.code}: {refused.message(language)} {'; '.join(details)}".rstrip()


def _laid_over(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` over ``base``: groups entry by entry, lists and values whole."""
    whole = dict(base)
    for name, value in data.items():
        known = whole.get(name)
        if isinstance(value, Mapping):
            whole[name] = _laid_over(known if isinstance(known, Mapping) else {}, value)
        elif isinstance(value, list):
            whole[name] = [_laid_over({}, item) if isinstance(item, Mapping) else item for item in value]
        else:
            whole[name] = value
    return whole


def _put(data: dict[str, Any], place: str, value: str) -> None:
    """Set the field at a dotted place; groups and items on the way are made."""
    *way, last = place.split(".")
    here: Any = data
    for part, following in zip(way, [*way, last][1:], strict=True):
        if isinstance(here, list):
            while len(here) <= int(part):
                here.append({})
            here = here[int(part)]
        else:
            here = here.setdefault(part, [] if following.isdecimal() else {})
    here[last] = value
