"""Which flow does which work: the topics of the outbox."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ordain.flows import (
    directory,
    expiring,
    filing,
    indexing,
    lapsing,
    login_reset,
    notifying,
    polling,
    pushing,
    reconciling,
    rotating,
    scheduling,
    working,
)
from ordain.flows.services import Services
from ordain.flows.works import WORKS

Handler = Callable[[Services, Mapping[str, Any]], object]

HANDLERS: Final[Mapping[str, Handler]] = {
    "channel.poll": lambda services, payload: polling.poll(services, payload["channel"]),
    "channel.files": lambda services, payload: filing.fetch(services, payload["channel"]),
    "channel.reconcile": lambda services, payload: reconciling.reconcile(services, payload["channel"]),
    indexing.TOPIC: lambda services, _: indexing.keep(services),
    working.TOPIC: lambda services, payload: working.go_on(services, payload["work"], WORKS),
    directory.TOPIC: lambda services, payload: directory.poll(services, payload["connector"]),
    rotating.TOPIC: lambda services, _: rotating.go_on(services),
    pushing.TOPIC: lambda services, payload: pushing.push(services, payload["channel"], full="full" in payload),
    notifying.TOPIC: lambda services, payload: notifying.send(services, payload["notice"]),
    lapsing.TOPIC: lambda services, payload: lapsing.tell(services, payload["orders"]),
    "stock.expire": lambda services, _: expiring.sweep(services),
    login_reset.TOPIC: login_reset.send,
    "house.sweep": lambda services, _: scheduling.sweep(services),
}
