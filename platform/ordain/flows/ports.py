"""What flows ask of the world outside the database; gateways give it, wiring.py joins the two."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ordain.engines.calls.answers import Answer
from ordain.engines.calls.requests import Request
from ordain.store.connections import Connection


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `key` makes its Message-ID, so that sent twice it is seen to be one."""

    to: str
    subject: str
    body: str
    key: str


class Doorbell(Protocol):
    """Wakes workers; losing a ring costs time, never work."""

    def ring(self, lanes: Iterable[str]) -> None:
        """Tell the workers of these lanes that something waits."""
        ...


class ChannelGateway(Protocol):
    """Asks outside systems."""

    def ask(self, connection: Connection, request: Request, *, deadline: float, per_second: float) -> Answer:
        """Return the answer, whatever its status; GatewayError where there is none.

        `deadline` in seconds. Waits first where the connection was asked more often than `per_second`.
        """
        ...


class MailGateway(Protocol):
    """Sends mail."""

    def send(self, connection: Connection, mail: Mail) -> str:
        """Send one mail and return its Message-ID; GatewayError where it did not go out."""
        ...


class Locks(Protocol):
    """Keeps instances apart as a courtesy: what must hold is held by the database."""

    def take(self, name: str, seconds: float) -> str | None:
        """Return a token, or None while somebody else holds the lock; it opens by itself after `seconds`."""
        ...

    def give_back(self, name: str, token: str) -> None:
        """Open the lock if it is still held by this token."""
        ...
