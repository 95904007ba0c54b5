"""Mail through a connector: the same breaker, turns and outcomes as every call, over SMTP."""

import time
from typing import Final

from ordain.base.errors import GatewayError
from ordain.flows import calling
from ordain.flows.calling import Called, Target
from ordain.flows.ports import Mail
from ordain.flows.services import Services
from ordain.store.connectors import Outcome

_TURN: Final = 2.0


def post(services: Services, connector: str, mail: Mail) -> Called:
    """Send one mail by the first target that takes it; the same mail sent twice carries the same Message-ID."""
    _, targets = calling.targets_of(services, connector)
    last = Called("not_done", cause="connection", text="no target has a connection")
    for target in targets:
        if target.connection is None:
            continue
        if not calling.admits(services, target):
            last = last if last.target else Called("not_done", target=target.name, cause="open")
            continue
        last = _try(services, target, mail)
        if last.result in ("done", "refused"):
            break
    return last


def _try(services: Services, target: Target, mail: Mail) -> Called:
    begun = time.monotonic()
    turn = services.turns.take(f"{target.connector}.{target.name}", int(target.spec.get("concurrent", 2)), _TURN)
    with turn as free:
        called = _send(services, target, mail) if free else Called("not_done", target=target.name, cause="limit")
    if free:
        spent = int((time.monotonic() - begun) * 1000)
        failed = called.result != "done" and called.cause in ("reach", "answer")
        outcome = Outcome(failed, called.cause == "authentication", spent, called.cause, called.text)
        calling.note(services, target, outcome)
    return called


def _send(services: Services, target: Target, mail: Mail) -> Called:
    if target.connection is None:
        return Called("not_done", cause="connection")
    try:
        receipt = services.mail.send(target.connection, mail)
    except GatewayError as error:
        let_in = error.cause != "authentication"
        result: calling.Result = "refused" if error.permanent and let_in else "not_done"
        return Called(result, target=target.name, cause=error.cause, text=str(error))
    return Called("done", {"receipt": receipt}, target.name, at=services.now())
