"""Connections and transactions, the same on SQLite and PostgreSQL.

A writer on SQLite takes the file lock first and then BEGIN IMMEDIATE: SQLite's own busy wait sleeps and is
unfair, and a deferred transaction that reads before it writes loses updates. See docs/decisions.
"""

import contextlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from ordain.base import json
from ordain.store.audit import SEALS
from ordain.store.audit_chain import Seals
from ordain.store.glances import Glances

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has one process per file anyway
    fcntl = None  # type: ignore[assignment] # the module is its own absence

T = TypeVar("T")
_AGAIN: Final = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock time-out
_TRIES: Final = 3
_PAUSE: Final = 0.03
_REST: Final = 1.0  # seconds after which a connection is asked whether it still lives
_PATIENCE: Final = 10  # seconds a writer waits for the others of its process


class Busy(Exception):
    """Too many want the same rows at once; nothing was changed, and asked again in a moment it will be."""


class Database:
    """One database: `read` for queries, `write` for exactly one transaction.

    `seals` mark what the audit tells; `schema` names one on PostgreSQL, the default when "".
    """

    def __init__(
        self,
        url: str,
        *,
        statement_seconds: int = 5,
        durable: bool = True,
        seals: Seals | None = None,
        schema: str = "",
    ) -> None:
        self.url = sa.make_url(url)
        self.seals = seals
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"
        )
        self._gate: _Gate | contextlib.AbstractContextManager[object]
        if self.dialect == "sqlite":
            self._writer = _sqlite(self.url, begin="BEGIN IMMEDIATE", durable=durable)
            self._reader = _sqlite(self.url, begin="BEGIN", durable=durable, query_only=True)
            self._gate = _Gate(Path(f"{self.url.database}.lock"))
        else:
            self._writer = _postgresql(self.url, statement_seconds, schema)
            self._reader = self._writer.execution_options(postgresql_readonly=True)
            self._gate = contextlib.nullcontext()
        self._glances = Glances(self._reader)
        self._writer = self._writer.execution_options(**{SEALS: seals})

    @property
    def engine(self) -> sa.Engine:
        """The writing engine, for migrations."""
        return self._writer

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a view for queries, which the database itself lets nothing be written through."""
        with self._reader.connect() as connection:
            yield connection
            connection.commit()  # at a rollback the driver forgets every statement it has prepared

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a view of one moment, for reading all there is."""
        with self._reader.connect() as connection:
            if self.dialect == "postgresql":  # SQLite shows one moment anyway
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
            connection.commit()

    def glance(self, question: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """Return the first row of a driver's own statement (its parameters as `?`), or None.

        For what every request asks: it costs a tenth of a transaction, and sees what is committed at this moment.
        """
        return self._glances.ask(question, values)

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open the one transaction of a unit of work: committed at the end, rolled back on any exception."""
        with self._gate, self._writer.begin() as connection:
            yield connection

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction; try again, at most thrice, where the database asks for it, then say Busy."""
        for turn in range(_TRIES):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not is_contention(error):
                    raise
                cause = error
            time.sleep(_PAUSE * (turn + 1) * (0.5 + random.random()))  # noqa: S311 so that two do not meet again
        raise Busy from cause

    def close(self) -> None:
        """Let go of all connections."""
        self._glances.close()
        self._writer.dispose()
        self._reader.dispose()
        if isinstance(self._gate, _Gate):
            self._gate.close()


def is_contention(error: DBAPIError) -> bool:
    """Tell whether a statement failed only because others were at the same rows."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _AGAIN


class _Gate:
    """Lets one writer at a time through, among the threads of this process and all processes of this file."""

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._path = path
        self._file: Any = None

    def __enter__(self) -> None:
        if not self._threads.acquire(timeout=_PATIENCE):
            raise Busy
        if fcntl is not None:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("wb")
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """Let go of the lock file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _sqlite(url: sa.URL, *, begin: str, durable: bool, query_only: bool = False) -> sa.Engine:
    engine = sa.create_engine(
        url, json_serializer=_json_text, json_deserializer=_json_value, pool_size=32, max_overflow=32, pool_timeout=5
    )

    @event.listens_for(engine, "connect")
    def _connect(raw: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        raw.isolation_level = None  # the driver must not begin by itself
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: sa.URL, statement_seconds: int, schema: str) -> sa.Engine:
    limits = (
        f"-c statement_timeout={statement_seconds}s -c lock_timeout=2s "
        "-c idle_in_transaction_session_timeout=15s -c timezone=UTC"
    ) + (f" -c search_path={schema}" if schema else "")
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=_json_text,
        json_deserializer=_json_value,
        pool_size=16,
        max_overflow=16,
        pool_timeout=2,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
        connect_args={"options": limits},
    )
    _ping_after_rest(engine)
    return engine


def _ping_after_rest(engine: sa.Engine) -> None:
    """Look whether a connection still lives before it is used, where it lay unused for a while."""

    @event.listens_for(engine, "checkin")
    def _rested(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _woken(raw: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("since", 0.0) <= _REST:
            return
        try:
            engine.dialect.do_ping(raw)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _json_text(value: object) -> str:
    return json.dumps(value).decode()


def _json_value(text: str | bytes) -> Any:
    import orjson

    return orjson.loads(text)
