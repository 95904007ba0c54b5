"""The people of the demo: one for each starter role, whom one signs in as with one press while trying things out.

They are there in development only. Where an installation turns productive, they are shut out for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ordain.base.text import Text
from ordain.flows.login_password import keep_lightly
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit
from ordain.store import people as store

# Name, role, regions.
PEOPLE: Final = (
    ("demo-admin", "admin", ()),
    ("demo-lead", "operations-lead", ()),
    ("demo-service", "service", ()),
    ("demo-supervisor", "supervisor", ()),
    ("demo-finance", "finance", ()),
    ("demo-warehouse", "warehouse", ("east", "south")),
    ("demo-viewer", "viewer", ()),
)
_ORIGIN: Final = Origin(System("init"))


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as, with the title of their role."""

    name: str
    title: Text
    regions: Sequence[str]


def add_people(services: Services) -> int:
    """Add the people of the demo that are not there; return how many were new."""
    added, now = 0, services.now()
    with services.db.write() as conn:
        for name, role, regions in PEOPLE:
            made = store.add_person(conn, name, [role], now, regions=regions, demo=True)
            if made is not None:
                store.set_password(conn, made, keep_lightly(password(services, name)))
                audit.record(conn, _ORIGIN, now, "person.add", f"person:{made}", None, {"name": name, "roles": [role]})
                added += 1
    return added


def shut_out(services: Services) -> int:
    """Deactivate the people of the demo; return how many could still sign in."""
    now = services.now()
    with services.db.write() as conn:
        gone = [who for who in store.find(conn) if who.demo and store.deactivate(conn, who.id, now)]
        for who in gone:
            audit.record(conn, _ORIGIN, now, "person.deactivate", f"person:{who.id}")
    return len(gone)


def people(services: Services) -> list[DemoPerson]:
    """Return whom one may sign in as with one press; nobody but in development."""
    if not services.settings.demo:
        return []
    with services.db.read() as conn:
        roles = services.live.at(conn)
        found = [who for who in store.find(conn) if who.demo and who.active]
        order = {name: place for place, (name, _, _) in enumerate(PEOPLE)}
        found.sort(key=lambda who: order.get(who.name, len(order)))
        versions = [(who, roles.get("role", who.roles[0]) if who.roles else None) for who in found]
    return [
        DemoPerson(who.name, Text.of(version.document["title"]) if version else Text(who.name, who.name), who.regions)
        for who, version in versions
    ]


def password(services: Services, name: str) -> str:
    """Return the password of somebody of the demo: made from this installation's own key, so it is nobody else's."""
    letters = services.vault.blind("demo.password", name)
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))
