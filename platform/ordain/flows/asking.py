"""Asking a channel: a few times where a failure may pass, with a new token where the old one wore out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from ordain.base.errors import GatewayError
from ordain.engines.calls import answers
from ordain.engines.calls.requests import Asking, build
from ordain.engines.channel.window import Window
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit, connections
from ordain.store.connections import Connection
from ordain.store.definitions import Version

TRIES: Final = 3
_PATIENCE: Final = 5  # seconds; whoever names a longer time is asked again by the next round


class Failed(Exception):
    """A question that got no answer, with the failure that stopped it."""

    def __init__(self, failure: answers.Failure) -> None:
        self.failure = failure
        super().__init__(failure.text)


@dataclass(frozen=True, slots=True)
class Channel:
    """A live channel ready to be asked."""

    key: str
    spec: Mapping[str, Any]
    connection: Connection
    rules: tuple[answers.ErrorRule, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone its texts of time are in."""
        return ZoneInfo(self.spec.get("timezone", "Asia/Shanghai"))

    @property
    def deadline(self) -> float:
        """The seconds one request may take."""
        return float(self.spec.get("limits", {}).get("deadline_seconds", 10))

    @property
    def per_second(self) -> float:
        """How many requests a second it takes."""
        return float(self.spec.get("limits", {}).get("per_second", 10))


def rules_of(version: Version) -> tuple[answers.ErrorRule, ...]:
    """Return a channel's declared failures, for the cache of live definitions."""
    poll = version.document["spec"]["intakes"].get("poll", {})
    return answers.compile_errors(poll.get("errors", ()), "spec.intakes.poll.errors")


def load(services: Services, key: str) -> Channel | None:
    """Return a channel that runs and is not paused, with its connection; None where there is none."""
    with services.db.read() as conn:
        live = services.live.at(conn)
        version = live.get("channel", key)
        if version is None or version.document["spec"].get("paused"):
            return None
        spec = version.document["spec"]
        connection = connections.get(conn, services.vault, spec["connection"])
        rules = live.compiled("channel", key, rules_of)
    return Channel(key, spec, connection, rules) if connection else None


class Asker:
    """Asks one channel during one run; a token is renewed once a run at most."""

    def __init__(self, services: Services, channel: Channel) -> None:
        self._services = services
        self._channel = channel
        self._renewed = False

    def ask(
        self,
        request: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        window: Window | None = None,
        instead: Mapping[str, Any] | None = None,
    ) -> tuple[answers.Answer, Any]:
        """Return the answer and its document; Failed where there is none, GatewayError where nobody answers."""
        span = {"from": window.start, "to": window.end} if window else {}
        attempt = 0
        while True:
            answer = self.fetch(request, {**span, **values}, instead)
            document, failure = answers.read(answer, self._channel.rules)
            if failure is None:
                return answer, document
            if failure.then == "refresh-token" and not self._renewed:
                self._renew(failure)
                continue
            attempt += 1
            if failure.then != "retry" or attempt == TRIES or (failure.retry_after or 0) > _PATIENCE:
                raise Failed(failure)
            pause = 2**attempt / self._channel.per_second * (0.5 + self._services.jitter())
            time.sleep(failure.retry_after or pause)

    def fetch(
        self, request: Mapping[str, Any], values: Mapping[str, Any], instead: Mapping[str, Any] | None = None
    ) -> answers.Answer:
        """Return the answer as it came, asked for once: a file, a page."""
        services, channel = self._services, self._channel
        known = {"now": services.now(), "nonce": services.new_id(), **values}
        asking = Asking(known, channel.connection.secrets, channel.connection.base_url, channel.zone)
        made = build(request, asking, instead=instead)
        return services.channels.ask(channel.connection, made, deadline=channel.deadline, per_second=channel.per_second)

    def _renew(self, worn: answers.Failure) -> None:
        """Put a new token in place of the worn one; Failed with the first failure where there is none to be had."""
        self._renewed = True
        services, channel = self._services, self._channel
        spec = channel.spec.get("token")
        with services.db.read() as conn:
            stored = connections.get(conn, services.vault, channel.connection.name)
        if stored is not None and stored.secrets != channel.connection.secrets:  # somebody was faster
            self._channel = replace(channel, connection=stored)
            return
        refused = replace(worn, then="stop", cause="authentication")
        if spec is None:
            raise Failed(refused)
        try:
            document, failure = answers.read(self.fetch(spec["request"], {}), channel.rules)
        except GatewayError:
            raise Failed(refused) from None
        found = {name: str(answers.value(document, path) or "") for name, path in spec["keep"].items()}
        if failure is not None or not all(found.values()):
            raise Failed(replace(failure or refused, then="stop", cause="authentication"))
        made = replace(channel.connection, secrets={**channel.connection.secrets, **found})
        origin = Origin(System(f"poll:{channel.key}"))
        with services.db.write() as conn:
            connections.put(conn, services.vault, made, services.now())
            after = {"secrets": sorted(found)}
            audit.record(conn, origin, services.now(), "connection.renew", f"connection:{made.name}", None, after)
        self._channel = replace(channel, connection=made)
