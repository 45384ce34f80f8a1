"""The worker: leases due timers and outbox rows, acts, and feeds what came of it back as commands."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog

from engine.bus import Bus
from engine.commands.bulk import TOPIC as ITEM
from engine.commands.bulk import RecordBatchItem, command_of
from engine.commands.digest import SendDigests
from engine.commands.errands import MAIL
from engine.commands.inbound import DeferDelivery, RecordAnswer, RecordRefusal
from engine.commands.moments import FailTimer, FireTimer
from engine.errors import ConnectorUnavailable, Forbidden, MotcuaError, Text
from engine.model.permission import SYSTEM
from engine.store.records import OutboxRow, Timer
from engine.worker.deliveries import Ports, deliver, gather, mail

_log = structlog.get_logger("motcua.worker")
#: How long a worker may hold a row before another may take it over.
LEASE = timedelta(seconds=60)
#: When a digest may go out, by the clock of the product's zone.
DIGEST_AT = time(7, 0)
#: Waits between tries while a connector cannot be reached, in seconds; the last one repeats.
BACKOFF = (2, 5, 15, 60, 300)


class Worker:
    """Delivers what the database says is due. Any number may run: the lease decides who acts."""

    def __init__(self, bus: Bus, ports: Ports, *, batch: int = 10) -> None:
        self.bus, self.ports, self.batch = bus, ports, batch
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._digested: date | None = None

    def run_once(self) -> int:
        """Handle what is due now; how many things were handled."""
        return self._timers() + self._deliveries()

    def drain(self, *, limit: int = 1000) -> int:
        """Handle what is due until nothing is, at most ``limit`` rounds; how many things were handled."""
        total = 0
        for _ in range(limit):
            handled = self.run_once()
            total += handled
            if not handled:
                break
        return total

    def run(self, *, idle: float = 0.25) -> None:
        """Work until ``stop`` is called."""
        while not self._stop.is_set():
            try:
                handled = self.run_once() + self.daily()
            except Exception:  # the loop outlives any single failure; it is logged with its place
                _log.exception("round-failed", worker=self.name)
                handled = 0
                self._stop.wait(2)
            if not handled:
                self._stop.wait(idle)

    def start(self) -> None:
        """Work in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="motcua-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand, then stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    # -- timers --------------------------------------------------------------------------------------------------

    def _timers(self) -> int:
        with self.bus.database.begin() as uow:
            due = uow.timers.lease(self.bus.clock.now(), limit=self.batch, hold=LEASE)
        for timer in due:
            self._fire(timer)
        return len(due)

    def _fire(self, timer: Timer) -> None:
        try:
            self.bus.execute(FireTimer(timer=timer.id, dossier=timer.dossier), SYSTEM)
        except Exception as error:  # one dossier's failure never stops another's timers (I23)
            _log.exception("timer-failed", timer=timer.id, dossier=timer.dossier)
            retry_at = self.bus.clock.now() + timedelta(seconds=_wait(timer.attempts))
            self.bus.execute(FailTimer(timer=timer.id, message=_message(error), retry_at=retry_at), SYSTEM)

    # -- outbox --------------------------------------------------------------------------------------------------

    def _deliveries(self) -> int:
        with self.bus.database.begin() as uow:
            due = uow.outbox.lease(self.bus.clock.now(), owner=self.name, limit=self.batch, hold=LEASE)
        for row in due:
            self._deliver(row)
        return len(due)

    def _deliver(self, row: OutboxRow) -> None:
        """Gather in a short transaction, act in none, record in another."""
        if row.topic == ITEM:
            self._item(row)
            return
        now = self.bus.clock.now()
        try:
            answer = mail(row, self.ports) if row.topic == MAIL else self._act(row, now)
        except ConnectorUnavailable as error:
            retry_at = now + timedelta(seconds=_wait(row.attempts))
            self.bus.execute(DeferDelivery(row=row.id, message=error.message("vi"), retry_at=retry_at), SYSTEM)
            return
        except MotcuaError as error:
            self.bus.execute(RecordRefusal(row=row.id, error=error.code, message=error.message("vi")), SYSTEM)
            return
        except Exception as error:  # a fault of ours becomes an incident that an operator sees, never a lost row
            _log.exception("delivery-failed", row=row.id, topic=row.topic)
            self.bus.execute(RecordRefusal(row=row.id, error="fault", message=_message(error)), SYSTEM)
            return
        self._record(row, answer)

    def _act(self, row: OutboxRow, now: datetime) -> dict[str, Any]:
        with self.bus.database.begin() as uow:
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
            code, message = error.code, error.message("vi")
        except Exception as error:  # a fault in one dossier never stops the others of the batch
            _log.exception("batch-item-failed", batch=batch_id, position=position)
            code, message = "fault", _message(error)
        record = RecordBatchItem(row=row.id, batch=batch_id, position=position, code=code, message=message)
        self.bus.execute(record, SYSTEM)

    # -- once a day ----------------------------------------------------------------------------------------------

    def daily(self) -> bool:
        """Send the officials' digests once each day from ``DIGEST_AT`` on; whether it was this worker's turn now."""
        now = self.bus.clock.now()
        if now.timetz().replace(tzinfo=None) < DIGEST_AT or self._digested == now.date():
            return False
        day = now.date()
        self.bus.execute(SendDigests(day=day), SYSTEM, key=f"digest:{day.isoformat()}")
        self._digested = day
        return True

    def _record(self, row: OutboxRow, answer: dict[str, Any]) -> None:
        try:
            self.bus.execute(RecordAnswer(row=row.id, answer=answer), SYSTEM)
        except MotcuaError as error:
            _log.exception("answer-refused", row=row.id, topic=row.topic)
            self.bus.execute(RecordRefusal(row=row.id, error=error.code, message=error.message("vi")), SYSTEM)


def _wait(attempts: int) -> int:
    return BACKOFF[min(attempts, len(BACKOFF) - 1)]


def _message(error: Exception) -> str:
    if isinstance(error, MotcuaError):
        return error.message("vi")
    return f"Lỗi hệ thống ({type(error).__name__}); xem nhật ký vận hành."
