"""Logs: one JSON object a line on standard error, with known keys only and no customer's data.

What an exception says may hold anything, so a log tells its type and where it came from, and its words only with
every longer number blotted out.
"""

import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ordain.base import json

KEYS: Final = frozenset(
    [
        "event",
        "level",
        "at",
        "logger",
        "request_id",
        "method",
        "path",
        "endpoint",
        "status",
        "actor",
        "error",
        "code",
        "problems",
        "trace",
        "kind",
        "key",
        "version",
        "subject",
        "outcome",
        "channel",
        "lane",
        "topic",
        "task",
        "tries",
        "count",
        "seconds",
        "job",
        "name",
        "cause",
        "link",
        "signature",
    ]
)
_PLAIN: Final = frozenset({"request_id", "trace", "at", "task", "subject", "link", "signature"})
_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_DEEPEST: Final = 30
Line = MutableMapping[str, Any]


def configure() -> None:
    """Let every logger of this process write that way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            _timed,
            _exception,
            _known,
            _line,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _timed(_: Any, __: str, line: Line) -> Line:
    return structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")(_, __, line)


def _exception(_: Any, __: str, line: Line) -> Line:
    """Say of an exception what it is and where it came from."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    elif isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        line["error"] = _named(given)
        frames = traceback.extract_tb(given.__traceback__)[-_DEEPEST:]
        line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def _named(error: BaseException) -> str:
    """Return an exception's type and its words; of a database's only its code, for its words repeat the row."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        return f"{name}: {type(error.orig).__name__} {getattr(error.orig, 'sqlstate', None) or ''}".rstrip()
    return name if isinstance(error, SQLAlchemyError) else f"{name}: {str(error)[:300]}"


def _known(_: Any, __: str, line: Line) -> Mapping[str, Any]:
    """Keep known keys; blot out what may be a phone or a card."""
    return {key: _blotted(key, value) for key, value in line.items() if key in KEYS}


def _blotted(key: str, value: Any) -> Any:
    plain = key in _PLAIN or not isinstance(value, str)
    return value if plain else _LONG_NUMBER.sub("•••••", value)


def _line(_: Any, __: str, line: Mapping[str, Any]) -> str:
    return json.dumps(dict(line)).decode()
