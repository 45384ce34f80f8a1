"""The worker: takes due timers and outbox rows, acts, and feeds what came of it back as commands."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from engine.bus import Bus
from engine.commands.batches import TOPIC as ITEM
from engine.commands.bulk import RecordBatchItem, command_of
from engine.commands.errands import MAIL
from engine.commands.inbound import DeferDelivery, RecordAnswer, RecordRefusal
from engine.commands.moments import FailTimer, FireTimer
from engine.errors import ConnectorUnavailable, Forbidden, MotcuaError, Text
from engine.model.both_languages import joined
from engine.model.permission import SYSTEM
from engine.model.queue import TIMER, TIMERS
from engine.model.queue import topic as topic_of
from engine.ports import Due
from engine.store.failures import DatabaseBusy, DatabaseUnavailable
from engine.store.records import OutboxRow, Timer
from engine.store.rows import RowChanged
from engine.store.unit_of_work import UnitOfWork
from engine.store.workers import WorkerRow
from engine.worker.breakers import Breakers
from engine.worker.deliveries import Ports, deliver, gather, mail
from engine.worker.holding import Holding, Row
from engine.worker.periodic import WORK, Periods, checkpoints
from engine.worker.plan import Plan
from engine.worker.sweep import Sweep

_log = structlog.get_logger("motcua.worker")


class Worker:
    """Delivers what the database says is due. Any number may run: the lease decides who acts.

    It is the crew that a dispatcher drives; ``run_once`` and ``drain`` do the same work in the caller's thread.
    """

    def __init__(
        self, bus: Bus, ports: Ports, *, plan: Plan | None = None, beat: Callable[[], None] | None = None
    ) -> None:
        self.bus, self.ports, self.plan = bus, ports, plan or Plan()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.queues, self.concurrency = self.plan.queues, self.plan.concurrency
        self.periods = Periods(bus, (*WORK, *checkpoints(ports.sealer)))
        self._beat = beat
        self._breakers = Breakers(self.plan)
        self._holding = Holding(self.name, self.plan.lease, self.plan.longest)
        self._sweep = Sweep(bus)
        self._begun = bus.clock.now()
        self._kept: float | None = None
        self._idle = False  #: the last look found nothing
        self._keeping = threading.Lock()
        self._periodic: threading.Thread | None = None
        self._taking = threading.Lock()  #: what is counted as in hand is so before the next row is judged

    # -- in the caller's thread --------------------------------------------------------------------------------------

    def run_once(self) -> int:
        """Handle what is due now; how many things were handled."""
        rows = self.lease(self.plan.batch)
        for row in rows:
            self.handle(row)
        if self._beat is not None:
            self._beat()
        return len(rows)

    def drain(self, *, limit: int = 1000) -> int:
        """Handle what is due until nothing is, at most ``limit`` rounds; how many things were handled."""
        total = 0
        for _ in range(limit):
            handled = self.run_once()
            total += handled
            if not handled:
                break
        return total

    def daily(self) -> tuple[str, ...]:
        """Do periodic work whose slot has come; the names of what was this worker's turn."""
        return self.periods.run(self.bus.clock.now())

    # -- the crew of a dispatcher ------------------------------------------------------------------------------------

    def lease(self, room: int) -> tuple[Row, ...]:
        """Take at most ``room`` due rows, timers first; each is then to be handled."""
        if self._idle and not self._anything():
            return ()
        with self.bus.database.begin() as uow:
            now = self.bus.clock.now()
            taken: list[Row] = []
            if TIMERS in self.queues:
                taken += uow.timers.lease(now, owner=self.name, limit=room, hold=self.plan.lease)
            left = room - len(taken)
            if left > 0:
                ids = self._breakers.choose(uow, now, left, self._holding.connectors())
                taken += uow.outbox.claim(ids, now, owner=self.name, hold=self.plan.lease)
        for row in taken:
            self._holding.add(row, now)
        self._idle = not taken
        return tuple(taken)

    def _anything(self) -> bool:
        """Whether it is worth a transaction that writes; who looks often must not stand in the writers' way."""
        with self.bus.database.read() as connection:
            uow, now = UnitOfWork(connection), self.bus.clock.now()
            return uow.timers.any_due(now) or uow.outbox.any_due(now)

    def take(self, due: Due) -> Row | None:
        """Take one row by name; None when it is not for this worker now."""
        with self._taking:
            with self.bus.database.begin() as uow:
                now = self.bus.clock.now()
                row: Row | None = None
                if due.topic == TIMER:
                    row = uow.timers.take(due.id, now, owner=self.name, hold=self.plan.lease)
                elif self._breakers.allow(uow, due, now, self._holding.connectors()):
                    row = next(iter(uow.outbox.claim([due.id], now, owner=self.name, hold=self.plan.lease)), None)
            if row is not None:
                self._holding.add(row, now)
        return row

    def handle(self, row: Row) -> None:
        """Do what a taken row asks for; what cannot be recorded comes back when its lease runs out."""
        try:
            if isinstance(row, Timer):
                self._fire(row)
            else:
                self._deliver(row)
        except Exception as error:  # the database may be away: the row is held until its lease ends, then tried again
            _log.exception("row-not-handled", worker=self.name, row=row.id)
            if isinstance(row, OutboxRow) and self.plan.backoff.exhausted(row.attempts):
                self._bury(row, _message(error))
        finally:
            self._holding.drop(row)

    def _bury(self, row: OutboxRow, message: str) -> None:
        """Show to an operator a row that can be neither delivered nor recorded as refused."""
        try:
            with self.bus.database.begin() as uow:
                uow.outbox.finish(row.id, "failed", at=self.bus.clock.now(), error=message)
        except Exception:  # the database is away: the next try ends here again
            _log.exception("row-not-buried", row=row.id)

    def keep(self) -> None:
        """Hold what is in hand, show that the worker lives, begin periodic work; does little when called often."""
        if not self._keeping.acquire(blocking=False):
            return
        try:
            self._begin_periodic()
            beat = time.monotonic()
            if self._kept is not None and beat - self._kept < self.plan.lease.total_seconds() / 4:
                return
            self._kept = beat
            with self.bus.database.begin() as uow:
                now = self.bus.clock.now()
                self._holding.renew(uow, now)
                uow.workers.beat(self._told(now))
            if self._beat is not None:
                self._beat()
        except Exception:  # the database may be away: the next call tries again
            _log.exception("keep-failed", worker=self.name)
        finally:
            self._keeping.release()

    def _begin_periodic(self) -> None:
        """Do periodic work in a thread of its own: what takes minutes must not let leases run out."""
        if self._periodic is not None and self._periodic.is_alive():
            return
        if self.periods.has_come(self.bus.clock.now()):
            self._periodic = threading.Thread(target=self.daily, name="motcua-periodic", daemon=True)
            self._periodic.start()

    def announce(self, *, fresh: bool) -> float:
        """Have due rows that nobody holds announced: all, or those that became due since the last call.

        Seconds until the next timer comes due.
        """
        return self._sweep.announce(fresh=fresh)

    def rest(self) -> None:
        """Give back what is in hand, and take this worker off the roll."""
        with self.bus.database.begin() as uow:
            left = self._holding.release(uow)
            uow.workers.leave(self.name)
        _log.info("worker-rests", worker=self.name, given_back=left)

    def _told(self, now: datetime) -> WorkerRow:
        announcer = self.bus.database.announcer
        return WorkerRow(
            name=self.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            dispatcher=getattr(announcer, "name", ""),
            queues=list(self.queues),
            concurrency=self.concurrency,
            version=self.plan.version,
            started_at=self._begun,
            beat_at=now,
            holding=self._holding.names(),
        )

    # -- timers ------------------------------------------------------------------------------------------------------

    def _fire(self, timer: Timer) -> None:
        try:
            self.bus.execute(FireTimer(timer=timer.id, dossier=timer.dossier), SYSTEM)
        except Exception as error:  # one dossier's failure never stops another's timers (I23)
            _log.exception("timer-failed", timer=timer.id, dossier=timer.dossier)
            retry_at = self.bus.clock.now() + self.plan.backoff.wait(timer.attempts)
            self.bus.execute(FailTimer(timer=timer.id, message=_message(error), retry_at=retry_at), SYSTEM)

    # -- outbox ------------------------------------------------------------------------------------------------------

    def _deliver(self, row: OutboxRow) -> None:
        """Gather in a short transaction, act in none, record in another."""
        if row.topic == ITEM:
            self._item(row)
            return
        begun = time.monotonic()
        try:
            answer = mail(row, self.ports) if row.topic == MAIL else self._act(row)
        except (DatabaseBusy, DatabaseUnavailable, RowChanged):
            raise  # our own database, not the connector: nothing is known about the delivery
        except ConnectorUnavailable as error:
            self._unavailable(row, error.message("vi"))
            return
        except MotcuaError as error:  # the connector answered: a final no says nothing against it
            self._seen(row, begun)
            self.bus.execute(RecordRefusal(row=row.id, error=error.code, message=error.message("vi")), SYSTEM)
            return
        except Exception as error:  # a fault of ours becomes an incident that an operator sees, never a lost row
            _log.exception("delivery-failed", row=row.id, topic=row.topic)
            self._failed(row, _message(error))
            self.bus.execute(RecordRefusal(row=row.id, error="fault", message=_message(error)), SYSTEM)
            return
        self._seen(row, begun)
        self._record(row, answer)

    def _unavailable(self, row: OutboxRow, message: str) -> None:
        """Wait and try again; after too many tries an operator has to look."""
        self._failed(row, message)
        if self.plan.backoff.exhausted(row.attempts):
            self.bus.execute(RecordRefusal(row=row.id, error="tries-exhausted", message=message), SYSTEM)
            return
        retry_at = self.bus.clock.now() + self.plan.backoff.wait(row.attempts)
        self.bus.execute(DeferDelivery(row=row.id, message=message, retry_at=retry_at, owner=self.name), SYSTEM)

    def _seen(self, row: OutboxRow, begun: float) -> None:
        """The connector answered; one that takes too long is as good as down for everybody who waits."""
        took, slow = time.monotonic() - begun, topic_of(row.topic).slow
        if took >= slow:
            self._failed(row, f"trả lời sau {took:.0f} giây")
            return
        self._breakers.succeeded(self.bus.database, row.topic, self.bus.clock.now())

    def _failed(self, row: OutboxRow, message: str) -> None:
        self._breakers.failed(self.bus.database, row.topic, self.bus.clock.now(), message)

    def _act(self, row: OutboxRow) -> dict[str, Any]:
        """Read what the delivery needs, holding no row: a machine that stops here stands in nobody's way."""
        now = self.bus.clock.now()
        with self.bus.database.read() as connection:
            uow = UnitOfWork(connection)
            dossier = uow.dossiers.get(row.dossier)
            procedure = self.bus.library.get(uow, dossier.digest)
            job = gather(uow, row, procedure, dossier, now)
        return deliver(job, self.ports)

    def _item(self, row: OutboxRow) -> None:
        """One dossier of a bulk action, with the rights its person has now; its key makes a second try harmless."""
        batch_id, position = str(row.payload["batch"]), int(row.payload["position"])
        with self.bus.database.begin() as uow:
            batch, item = uow.batches.get(batch_id), uow.batches.item(batch_id, position)
            actor = uow.organisation.actor(batch.login, self.bus.clock.now())
        code = message = ""
        try:
            if actor is None:
                raise Forbidden(
                    why=Text(vi=f"tài khoản {batch.login} đã khóa", en=f"the account {batch.login} is locked")
                )
            self.bus.execute(command_of(batch, item), actor, key=f"batch:{batch_id}:{position}")
        except MotcuaError as error:
            code, message = error.code, joined(Text(vi=error.message("vi"), en=error.message("en")))
        except Exception as error:  # a fault in one dossier never stops the others of the batch
            _log.exception("batch-item-failed", batch=batch_id, position=position)
            code, message = "fault", _message(error)
        record = RecordBatchItem(row=row.id, batch=batch_id, position=position, code=code, message=message)
        self.bus.execute(record, SYSTEM)

    def _record(self, row: OutboxRow, answer: dict[str, Any]) -> None:
        try:
            self.bus.execute(RecordAnswer(row=row.id, answer=answer), SYSTEM)
        except (DatabaseBusy, DatabaseUnavailable, RowChanged):
            raise  # it is delivered again under the same key, and recorded then
        except MotcuaError as error:
            _log.exception("answer-refused", row=row.id, topic=row.topic)
            self.bus.execute(RecordRefusal(row=row.id, error=error.code, message=error.message("vi")), SYSTEM)


def _message(error: Exception) -> str:
    if isinstance(error, MotcuaError):
        return error.message("vi")
    return f"Lỗi hệ thống ({type(error).__name__}); xem nhật ký vận hành."
