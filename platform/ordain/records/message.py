"""A raw message from a channel, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ordain.base.errors import Problem

Source = Literal["webhook", "poll", "file", "api", "reconcile"]
Fate = Literal["received", "applied", "unchanged", "stale", "held", "quarantined", "discarded", "noted", "refused"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One source document on its way in.

    `event_id` makes a repeated delivery a no-op (unique per channel). `payload` is the parsed document the
    mapping reads; `raw` the bytes as received. `unreadable` says why `payload` is None.
    """

    event_id: str
    raw: bytes
    payload: Mapping[str, Any] | None
    topic: str = ""
    record: str = "order"
    mapping: str = ""  # the mapping's key; "" = the channel's own
    unreadable: Problem | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message with its fate; `order_id` is the order it spoke of, where that could be read."""

    id: str
    channel: str
    source: Source
    event_id: str
    topic: str
    record: str
    received_at: datetime
    state: Fate
    problems: tuple[Problem, ...]
    order_id: str | None
    mapping: str
    mapping_version: int | None
    tries: int
    size: int | None  # None for whom the raw content, which it would tell of, is not


@dataclass(frozen=True, slots=True)
class Correction:
    """One field a person corrected: what the mapping read there then, and what it should be, both as JSON holds them.

    `line` is the channel's id of the line for a field of a line, so that it is never put into another one.
    """

    path: str
    value: str | int | None
    was: str | int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a person corrected in one message, who and why; `revision` counts the times."""

    message_id: str
    revision: int
    at: datetime
    by: str
    reason: str
    corrections: tuple[Correction, ...]
