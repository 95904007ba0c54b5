"""Listening: what a channel pushes to /hooks/<channel>.

The signature is checked over the raw bytes before anything is parsed. Messages of all requests that arrive
together are stored in one commit, and answered after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ordain.engines.channel.webhook import Heard, Pushed, hear
from ordain.flows.intake import Arrival, Result, take_all
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.records.message import Incoming
from ordain.store import schedule
from ordain.store.combiner import Combiner


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender hears."""

    status: int
    body: str = ""
    results: Sequence[Result] = ()


class Listener:
    """The ears of one process: requests that arrive together share a commit."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._combiner: Combiner[list[Arrival], list[Result]] = Combiner(self._store, most=64)

    def receive(self, channel: str, headers: Mapping[str, str], body: bytes, origin: Origin) -> Reply | None:
        """Return the reply for a webhook, None where there is no such channel. Header names in lower case."""
        services = self._services
        with services.db.read() as conn:
            version = services.live.get(conn, "channel", channel)
            if version is None or "webhook" not in version.document["spec"]["intakes"]:
                return None
            spec: Mapping[str, Any] = version.document["spec"]
            connection = services.live.connection(conn, services.vault, spec["connection"])
        now = services.now()
        secrets = connection.secrets if connection else {}
        heard = hear(spec["intakes"]["webhook"], secrets, headers, body, now)
        if heard.verdict != "verified":
            return Reply(heard.status, heard.body)
        arrived = [
            Arrival(services.new_id(), channel, "webhook", _incoming(pushed), now, origin)
            for pushed in heard.messages
            if pushed.then == "take"
        ]
        results = self._combiner.submit(arrived) if arrived else []
        self._hint(channel, heard)
        return Reply(heard.status, heard.body, results)

    def _store(self, batch: Sequence[list[Arrival]]) -> list[list[Result]]:
        results = iter(take_all(self._services, [arrival for arrived in batch for arrival in arrived]))
        return [[next(results) for _ in arrived] for arrived in batch]

    def _hint(self, channel: str, heard: Heard) -> None:
        """Ask the channel soon where a message only said that something changed."""
        if any(pushed.then == "poll" for pushed in heard.messages):
            with self._services.db.write() as conn:
                schedule.next_due(conn, f"poll:{channel}", self._services.now())


def webhook_origin(channel: str, request_id: str, ip: str | None) -> Origin:
    """Return the origin of what a channel pushes."""
    return Origin(System(f"webhook:{channel}"), request_id, ip)


def _incoming(pushed: Pushed) -> Incoming:
    return Incoming(
        pushed.event_id, pushed.raw, pushed.payload, pushed.topic, pushed.record, pushed.mapping, pushed.unreadable
    )
