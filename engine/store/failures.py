"""What the two servers' errors mean to us: busy, unavailable, refused or stored before."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from engine.errors import Conflict, MotcuaError, Text


class DatabaseBusy(Conflict):
    """The database was busy; nothing was changed. Try again."""

    code = "database-busy"
    vi = "Cơ sở dữ liệu đang bận; chưa có gì thay đổi. Hãy thử lại."


class AlreadyStored(Conflict):
    """This was stored before: {what}"""

    code = "already-stored"
    vi = "Nội dung này đã được ghi trước đó: {what}"


class DatabaseUnavailable(MotcuaError):
    """The database cannot be reached or cannot write now; nothing was changed. Try again in a moment. ({why})"""

    code = "database-unavailable"
    vi = "Cơ sở dữ liệu tạm thời không dùng được; chưa có gì thay đổi. Hãy thử lại sau giây lát. ({why})"


class OutcomeUnknown(DatabaseUnavailable):
    """The database went away while this was being stored; look whether it is there before you do it again. ({why})"""

    code = "database-outcome-unknown"
    vi = "Cơ sở dữ liệu mất kết nối đúng lúc đang ghi; hãy xem việc đã được ghi chưa trước khi làm lại. ({why})"


class DatabaseSlow(DatabaseUnavailable):
    """The database took too long and the work was stopped; nothing was changed. Try again in a moment. ({why})"""

    code = "database-slow"
    vi = "Cơ sở dữ liệu xử lý quá lâu nên đã dừng lại; chưa có gì thay đổi. Hãy thử lại sau giây lát. ({why})"


class DatabaseRefused(MotcuaError):
    """The database refused a statement: {why}"""

    code = "database-refused"
    vi = "Cơ sở dữ liệu từ chối: {why}"


#: SQLSTATEs of PostgreSQL: another transaction was in the way, and doing it again may succeed.
_BUSY = frozenset({"40001", "40P01", "55P03"})
#: The server goes down or comes up, refuses one more connection, or has no room.
_AWAY = frozenset({"57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "58000", "58030"})
_SLOW = frozenset({"57014", "25P03"})
_READ_ONLY = "25006"  # a standby, or a server that was put into read-only mode
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_SQLITE_AWAY = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})

#: What is told of a connection that could not be made or broke.
BROKEN = Text(vi="kết nối bị đứt", en="the connection failed")
_RESTARTING = Text(vi="máy chủ đang khởi động hoặc đang dừng", en="it is starting or stopping")
_IN_USE = Text(vi="mọi kết nối của tiến trình này đều đang dùng", en="every connection of this process is in use")

#: Everything by which a statement, a transaction or the pool can fail.
DRIVER_ERRORS = (sqlite3.Error, psycopg.Error, SQLAlchemyError)


def meaning(error: BaseException) -> MotcuaError | None:
    """The error of ours that a driver's error stands for; None when it is none of a database."""
    # Statements run on the driver's cursor, DDL through SQLAlchemy: the same fact has two faces.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    why = _first_line(cause)
    if isinstance(cause, PoolExhausted):
        return DatabaseUnavailable(why=_IN_USE)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, why)
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause, why)
    return DatabaseRefused(why=why) if isinstance(cause, SQLAlchemyError) else None


def is_lost(error: BaseException) -> bool:
    """Whether the connection on which this happened may be gone, so that nobody knows what a COMMIT came to."""
    return isinstance(meaning(error), DatabaseUnavailable)


def _of_sqlite(cause: sqlite3.Error, why: str) -> MotcuaError:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary code of an extended one
    if isinstance(cause, sqlite3.IntegrityError):
        return DatabaseRefused(why=why) if "append-only" in why else AlreadyStored(what=why)
    if code in _SQLITE_BUSY:
        return DatabaseBusy()
    if code in _SQLITE_AWAY:
        return DatabaseUnavailable(why=why)
    return DatabaseRefused(why=why)


def _of_postgresql(cause: psycopg.Error, why: str) -> MotcuaError:
    state = cause.sqlstate or ""
    if isinstance(cause, psycopg.IntegrityError):
        return AlreadyStored(what=why)
    if state in _BUSY:
        return DatabaseBusy()
    if state in _SLOW:
        return DatabaseSlow(why=why)
    if state in _AWAY or state == _READ_ONLY or state.startswith("08"):
        return DatabaseUnavailable(why=_without_address(cause))
    # Without a state the server said nothing: the connection could not be made, or broke.
    if not state and isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return DatabaseUnavailable(why=_without_address(cause))
    return DatabaseRefused(why=why)


def _without_address(cause: psycopg.Error) -> Text:
    """What is shown to everybody names no host, user or database."""
    return _RESTARTING if (cause.sqlstate or "").startswith("57") else BROKEN


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
