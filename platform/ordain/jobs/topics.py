"""Which flow does which work: the topics of the outbox."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ordain.flows import filing, polling, reconciling, scheduling
from ordain.flows.services import Services

Handler = Callable[[Services, Mapping[str, Any]], object]

HANDLERS: Final[Mapping[str, Handler]] = {
    "channel.poll": lambda services, payload: polling.poll(services, payload["channel"]),
    "channel.files": lambda services, payload: filing.fetch(services, payload["channel"]),
    "channel.reconcile": lambda services, payload: reconciling.reconcile(services, payload["channel"]),
    "house.sweep": lambda services, _: scheduling.sweep(services),
}
