"""The beginning of an installation: the schema, the starter definitions, the demo's connections and catalogue."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.flows import demo as demo_people
from ordain.flows import exchange, publishing, rotating, stocking
from ordain.flows.services import Services
from ordain.flows.stocking import Move
from ordain.records.actor import Origin, System
from ordain.store import audit, catalogue, connections, definitions, people, tokens
from ordain.store.connections import Connection
from ordain.store.migrations import upgrade

# The partners that the sandbox plays, and the role each one's token has: name of the token, role.
_PARTNERS: Final = {"sandbox-hr": "directory", "sandbox-shop": "shop"}
_ORIGIN: Final = Origin(System("init"))
# The starter roles that ask for a second factor where real orders are at stake.
_STRICT: Final = frozenset({"admin", "operations-lead", "supervisor", "finance"})
FOLDER: Final = Path(__file__).parents[3] / "definitions"


@dataclass(frozen=True, slots=True)
class Founded:
    """What was new."""

    definitions: int
    connections: int
    products: int
    people: int


def found(services: Services, *, demo: bool) -> Founded:
    """Bring the schema up to date and add what is missing; what an admin changed stays as it is."""
    upgrade(services.db)
    rotating.prepare(services)
    added_connections = _connections(services) if demo else 0
    products = _products(services) if demo else 0
    for name, role in _PARTNERS.items() if demo else ():
        _partner_token(services, name, role)
    new = _definitions(services)
    if services.settings.production:
        demo_people.shut_out(services)
    people = demo_people.add_people(services) if demo and services.settings.demo else 0
    return Founded(new, added_connections, products, people)


def _definitions(services: Services) -> int:
    """Publish the starter definitions whose keys are not there yet."""
    with services.db.read() as conn:
        known = {(d.kind, d.key) for d in definitions.listed(conn)}
    documents: list[Mapping[str, Any]] = [
        _strict(found.document) if services.settings.production else found.document
        for found in exchange.read(FOLDER / "starter")
        if found.document is not None and (found.document["kind"], found.document["key"]) not in known
    ]
    if documents:
        publishing.publish(services, documents, "starter definitions", _ORIGIN)
    return len(documents)


def _strict(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a starter definition as production begins with it."""
    if document["kind"] != "role" or document["key"] not in _STRICT:
        return document
    return {**document, "spec": {**document["spec"], "second_factor": True}}


def _connections(services: Services) -> int:
    """Add the connections that point at the sandbox, unless they are set."""
    settings = services.settings
    place = f"http://127.0.0.1:{settings.sandbox_port}"
    post = f"smtp://127.0.0.1:{settings.mail_port}"
    stored = json.loads((FOLDER / "demo" / "connections.json").read_bytes())
    added = 0
    with services.db.write() as conn:
        known = set(connections.names(conn))
        for name, spec in stored.items():
            if name not in known:
                url = spec["base_url"].replace("{sandbox}", place).replace("{mail}", post)
                made = Connection(name, url, tuple(spec["hosts"]), spec["secrets"])
                connections.put(conn, services.vault, made, services.now())
                after = {"base_url": made.base_url, "secrets": sorted(made.secrets)}
                audit.record(conn, _ORIGIN, services.now(), "connection.set", f"connection:{name}", None, after)
                added += 1
    return added


def _partner_token(services: Services, name: str, role: str) -> None:
    """Give a partner that the sandbox plays a token: made anew for each installation, kept in its home."""
    file = services.settings.home / f"{name}.token"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(people.secret())
    now = services.now()
    with services.db.write() as conn:
        if tokens.add(conn, name, [role], file.read_text().strip(), now, 365):
            audit.record(conn, _ORIGIN, now, "token.add", f"token:{name}", None, {"roles": [role]})


def _products(services: Services) -> int:
    """Add the demo's catalogue, and what lies in its warehouse."""
    products = json.loads((FOLDER / "demo" / "catalogue.json").read_bytes())
    with services.db.write() as conn:
        added = catalogue.add(conn, products, services.now())
        if added:
            audit.record(conn, _ORIGIN, services.now(), "catalogue.add", "catalogue", None, {"products": added})
    received = [
        Move(product["sku"], "receive", product["stock"], reason="demo", key=f"demo:{product['sku']}")
        for product in products
        if "stock" in product
    ]
    stocking.move_all(services, received, Origin(System("init")))
    return added
