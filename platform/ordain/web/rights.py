"""What the caller may do, asked by "record.action"."""

from flask import g

from ordain.flows.services import Services
from ordain.records.access import Access
from ordain.records.actor import Actor
from ordain.store.access import access
from ordain.store.definitions import Live


def may(services: Services, actor: Actor, right: str) -> bool:
    """Tell whether a role of the actor allows "record.action"."""
    record, _, action = right.partition(".")
    return access_to(services, actor, record).may(action)


def access_to(services: Services, actor: Actor, record: str) -> Access:
    """Return what the actor may do with a type of record; looked up once a request."""
    known: dict[str, Access] = g.setdefault("access", {})
    if record not in known:
        known[record] = access(live(services), actor, record)
    return known[record]


def live(services: Services) -> Live:
    """Return what runs, by the epoch this request has seen already or by the database."""
    held = services.live.known(g.get("epoch"))
    if held is not None:
        return held
    with services.db.read() as conn:
        found = services.live.at(conn)
    g.epoch = found.epoch
    return found
