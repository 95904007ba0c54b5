"""Single questions asked by every request, over connections that stay open and commit by themselves."""

import threading
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

_MOST: Final = 8


class Glances:
    """Asks over the driver alone; as many connections as threads ask at the same moment, but not more than a few."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._free: deque[DBAPIConnection] = deque()
        self._room = threading.BoundedSemaphore(_MOST)
        self._errors: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._is_sqlite = engine.dialect.name == "sqlite"

    def ask(self, question: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """Return the first row of the answer; a connection that broke meanwhile is replaced once."""
        with self._room:
            try:
                return self._ask(self._free.pop(), question, values)
            except IndexError:
                pass
            except self._errors:
                self.close()  # the server may have gone: what else lies here is as old
            return self._ask(self._connect(), question, values)

    def close(self) -> None:
        """Let go of the connections nobody is using."""
        while self._free:
            self._free.pop().close()

    def _ask(self, connection: DBAPIConnection, question: str, values: Sequence[Any]) -> Sequence[Any] | None:
        cursor = connection.cursor()
        try:
            cursor.execute(question if self._is_sqlite else _with_percents(question), values)
            row: Sequence[Any] | None = cursor.fetchone()
            cursor.close()
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        return row

    def _connect(self) -> DBAPIConnection:
        pooled = self._engine.raw_connection()
        made: Any = pooled.driver_connection
        pooled.detach()
        if not self._is_sqlite:
            made.rollback()
            made.autocommit = True
        return made  # type: ignore[no-any-return] # the driver's own


@cache
def _with_percents(question: str) -> str:
    return question.replace("?", "%s")
