"""The distributed dispatcher: procrastinate on PostgreSQL hands rows to any number of worker machines.

A job only names a row. It is written in the transaction that makes the row due, so that there is never one without the
other; what becomes of the row is in the row alone. Procrastinate leaves the job of a killed worker "doing" for ever:
the row's lease runs out, the sweep announces the row again, and the stale job is removed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions, jobs, schema

from engine.errors import MotcuaError
from engine.ports import Crew, Due

_log = structlog.get_logger("motcua.dispatcher")
_TASK = "motcua.handle"
#: Longest and shortest time, in seconds, between two looks for what became due in silence: timers, and rows whose wait
#: is over. Between the two, the next timer that is known decides.
_FRESH, _AT_ONCE = 0.1, 0.01
#: Seconds between two sweeps over everything that is due and that nobody holds.
SWEEP = 15.0
#: Seconds without a beat after which procrastinate's worker counts as gone.
_STALLED = 30.0
#: Seconds to wait after the database did not answer.
_AWAY = 1.0
_PREPARING = 0x6D6F7464
_KNOWN = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)"
T = TypeVar("T")


class DistributedDispatcher:
    """Jobs of procrastinate over our rows; ``conninfo`` is libpq's address of the database.

    A worker looks every ``sweep`` seconds for everything that is due and that nobody holds.
    """

    name = "distributed"

    def __init__(self, conninfo: str, *, sweep: float = SWEEP) -> None:
        self._conninfo = conninfo
        self._sweep = sweep
        self._deferrer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo))
        self._stopped = threading.Event()
        self._patience = 30.0

    def prepare(self) -> None:
        """Install procrastinate's tables once; processes that start together wait for the first."""
        with psycopg.connect(self._conninfo) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_PREPARING,))
            found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if found is None or found[0] is None:
                connection.execute(schema.SchemaManager.get_schema())

    # -- within the transaction that makes rows due ------------------------------------------------------------------

    def announce(self, connection: Any, due: Sequence[Due]) -> None:
        """Write one job for each row over the transaction's own connection."""
        new = [one for one in due if not one.again]
        if new:
            self._defer(connection, new)
        again = [one for one in due if one.again]
        if again:
            self._defer_again(connection, again)

    def committed(self) -> None:
        """Nothing: PostgreSQL tells the workers."""

    def _defer(self, connection: Any, due: Sequence[Due]) -> None:
        self._deferrer.job_manager.batch_defer_jobs(
            jobs=[
                jobs.Job(
                    id=None,
                    task_name=_TASK,
                    queue=one.queue,
                    priority=one.priority,
                    lock=None,
                    queueing_lock=one.id,
                    task_kwargs={"topic": one.topic, "row": one.id, "queue": one.queue, "priority": one.priority},
                )
                for one in due
            ],
            connection=connection,
        )

    def _defer_again(self, connection: Any, due: Sequence[Due]) -> None:
        """Write jobs for rows that may have one; a row has at most one that waits."""
        found = connection.execute(_KNOWN, ([one.id for one in due],)).fetchall()
        known = {row[0] for row in found}
        for one in due:
            if one.id in known:
                continue
            try:
                with connection.transaction():  # a savepoint: a row announced elsewhere meanwhile spoils nothing
                    self._defer(connection, [one])
            except exceptions.AlreadyEnqueued:
                _log.info("announced-elsewhere", row=one.id)

    # -- at work -----------------------------------------------------------------------------------------------------

    def stop(self, *, patience: float = 30.0) -> None:
        """Begin nothing new; what is in hand has ``patience`` seconds."""
        self._patience = patience
        self._stopped.set()

    def run(self, crew: Crew) -> None:
        """Hand out work until ``stop``; a database that is away is waited for."""
        loop = asyncio.new_event_loop()
        try:
            while not self._stopped.is_set():
                try:
                    loop.run_until_complete(self._work(crew))
                except (exceptions.ConnectorException, psycopg.Error, MotcuaError):
                    _log.warning("dispatcher-lost", worker=crew.name)
                    self._stopped.wait(_AWAY)
        finally:
            loop.close()
        self._rest(crew)

    def _rest(self, crew: Crew) -> None:
        """Give back what is still in hand; where the database is away, leases do it."""
        try:
            crew.rest()
        except Exception:  # the process ends in any case
            _log.exception("rest-failed", worker=crew.name)

    async def _work(self, crew: Crew) -> None:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=4)
        )

        @app.task(name=_TASK)
        async def handle(topic: str, row: str, queue: str, priority: int) -> None:
            await _in_thread(lambda: _handle(crew, Due(topic=topic, id=row, queue=queue, priority=priority)))

        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=list(crew.queues),
                    name=crew.name,
                    concurrency=crew.concurrency,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",  # the row is the record
                    install_signal_handlers=False,
                    update_heartbeat_interval=_STALLED / 3,
                    stalled_worker_timeout=_STALLED,
                )
            )
            sweeps = asyncio.create_task(self._sweeps(app, crew))
            await asyncio.wait({worker, sweeps}, return_when=asyncio.FIRST_COMPLETED)
            failed = worker.exception() if worker.done() else sweeps.exception()
            worker.cancel()  # begins nothing new, waits for what is in hand
            await asyncio.wait({worker}, timeout=self._patience if self._stopped.is_set() else _AWAY)
            sweeps.cancel()
            await asyncio.wait({sweeps}, timeout=_AWAY)
        if failed is not None and not self._stopped.is_set():
            raise failed

    async def _sweeps(self, app: procrastinate.App, crew: Crew) -> None:
        """Announce what became due in silence, and now and then everything that nobody holds, until ``stop``."""
        whole = 0.0
        while not self._stopped.is_set():
            await _in_thread(crew.keep)
            fresh = time.monotonic() - whole < self._sweep
            quiet: float = await _in_thread(lambda fresh=fresh: crew.announce(fresh=fresh))  # type: ignore[misc]
            if not fresh:
                whole = time.monotonic()
                await self._bury(app)
            await asyncio.sleep(min(max(quiet, _AT_ONCE), _FRESH))

    async def _bury(self, app: procrastinate.App) -> None:
        """Remove the jobs of workers that are gone; their rows are announced anew."""
        manager = app.job_manager
        await manager.prune_stalled_workers(_STALLED)
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
            assert job.id is not None
            await manager.finish_job_by_id_async(job.id, jobs.Status.FAILED, delete_job=True)


def _handle(crew: Crew, due: Due) -> None:
    row = crew.take(due)
    if row is not None:
        crew.handle(row)


async def _in_thread(call: Callable[[], T]) -> T:
    """Run ``call`` in a daemon thread of its own: one that hangs for ever does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: Exception | None) -> None:
        if not done.done():
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: Exception | None = None
        try:
            result = call()
        except Exception as raised:  # told to whoever waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="motcua-hand", daemon=True).start()
    return await done
