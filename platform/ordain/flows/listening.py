"""Listening: what a channel pushes to /hooks/<channel>.

The signature is checked over the raw bytes before anything is parsed. Messages of all requests that arrive
together are stored in one commit, and answered after it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.engines.channel.webhook import Heard, Pushed, hear
from ordain.flows import intake
from ordain.flows.intake import Arrival, Result
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.records.message import Incoming
from ordain.store import schedule
from ordain.store.combiner import Combiner
from ordain.store.definitions import Live


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender hears."""

    status: int
    body: str = ""
    results: Sequence[Result] = ()


@dataclass(frozen=True, slots=True)
class Knock:
    """What stands at the door: a webhook as it came. Header names in lower case."""

    channel: str
    headers: Mapping[str, str]
    body: bytes
    origin: Origin


class Listener:
    """The ears of one process: requests that arrive together are judged by one epoch and share a commit."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._combiner: Combiner[Knock, Reply | None] = Combiner(self._take, most=64)

    def receive(self, knock: Knock) -> Reply | None:
        """Return the reply for a webhook, None where there is no such channel."""
        return self._combiner.submit(knock)

    def _take(self, knocks: Sequence[Knock]) -> list[Reply | None]:
        services, now = self._services, self._services.now()
        with services.db.read() as conn:
            live = services.live.at(conn)
            heard = [_hear(services, conn, live, knock, now) for knock in knocks]
            arrived = [_arrivals(services, knock, said, now) for knock, said in zip(knocks, heard, strict=True)]
            prepared = intake.prepare(services, conn, [item for items in arrived for item in items])
        results = iter(intake.store(services, prepared))
        self._hint({k.channel for k, said in zip(knocks, heard, strict=True) if said and _asks_to_poll(said)})
        return [
            Reply(said.status, said.body, [next(results) for _ in items]) if said else None
            for said, items in zip(heard, arrived, strict=True)
        ]

    def _hint(self, channels: Collection[str]) -> None:
        """Ask those channels soon whose message only said that something changed."""
        if channels:
            with self._services.db.write() as conn:
                for channel in sorted(channels):
                    schedule.next_due(conn, f"poll:{channel}", self._services.now())


def _hear(services: Services, conn: sa.Connection, live: Live, knock: Knock, now: datetime) -> Heard | None:
    """Return what a webhook says, with its signature checked; None where there is no such channel."""
    version = live.get("channel", knock.channel)
    if version is None or "webhook" not in version.document["spec"]["intakes"]:
        return None
    spec: Mapping[str, Any] = version.document["spec"]
    connection = live.connection(conn, services.vault, spec["connection"])
    return hear(spec["intakes"]["webhook"], connection.secrets if connection else {}, knock.headers, knock.body, now)


def _arrivals(services: Services, knock: Knock, heard: Heard | None, now: datetime) -> list[Arrival]:
    """Return the messages to take in; none where the sender is not believed."""
    return [
        Arrival(services.new_id(), knock.channel, "webhook", _incoming(pushed), now, knock.origin)
        for pushed in (heard.messages if heard else ())
        if pushed.then == "take"
    ]


def _asks_to_poll(heard: Heard) -> bool:
    return any(pushed.then == "poll" for pushed in heard.messages)


def webhook_origin(channel: str, request_id: str, ip: str | None) -> Origin:
    """Return the origin of what a channel pushes."""
    return Origin(System(f"webhook:{channel}"), request_id, ip)


def _incoming(pushed: Pushed) -> Incoming:
    return Incoming(
        pushed.event_id, pushed.raw, pushed.payload, pushed.topic, pushed.record, pushed.mapping, pushed.unreadable
    )
