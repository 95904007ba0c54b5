"""People as a directory wants them: created, changed, shut out at once. One change, one transaction, one audit row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.engines import directory as scim
from ordain.engines.directory import Entry, ScimRefused
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import audit, people
from ordain.store import directory as store
from ordain.store.directory import Told

PUSHED: Final = "scim"  # the source of what is pushed
GONE: Final = "no such user"


@dataclass(frozen=True, slots=True)
class Resource:
    """One person with what their directory said of them, and how they are reached."""

    told: Told
    document: Mapping[str, Any]
    mail: str
    phone: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of people and how many there are in all."""

    items: Sequence[Resource]
    total: int


def find(services: Services, text: str, start: int, count: int) -> Listed:
    """Return the people a filter names, or all of them in pages; ScimRefused for a filter nobody knows."""
    asked = scim.parse_filter(text)
    with services.db.read() as conn:
        match asked.attribute:
            case "":
                found, total = store.find(conn, start=start, count=count)
            case "active":
                found, total = store.find(conn, active=bool(asked.value), start=start, count=count)
            case _:
                one = _one(conn, services, asked.attribute, str(asked.value))
                found = [one] if one and not one.gone else []
                total = len(found)
        return Listed([_resource(conn, services, told) for told in found], total)


def get(services: Services, person_id: str) -> Resource:
    """Return one person; ScimRefused where there is none."""
    with services.db.read() as conn:
        return _resource(conn, services, _known(conn, person_id))


def create(services: Services, document: Any, origin: Origin) -> Resource:
    """Add a person as a directory tells of them; ScimRefused where somebody has that name or id already."""
    entry = scim.read(document)
    with services.db.write() as conn:
        known = store.by_name(conn, entry.user_name)
        if known is not None and not known.gone:
            raise ScimRefused(409, "userName already exists", "uniqueness")
        same = store.by_external_id(conn, entry.external_id) if entry.external_id else None
        if same is not None and same != known:
            raise ScimRefused(409, "externalId already exists", "uniqueness")
        person_id = keep(conn, services, PUSHED, entry, origin, known)
        return _resource(conn, services, _known(conn, person_id))


def replace(services: Services, person_id: str, document: Any, origin: Origin) -> Resource:
    """Let a person be as a directory tells of them."""
    entry = scim.read(document)
    with services.db.write() as conn:
        _change(conn, services, _known(conn, person_id), entry, origin)
        return _resource(conn, services, _known(conn, person_id))


def patch(services: Services, person_id: str, operations: Any, origin: Origin) -> Resource:
    """Change parts of a person; ScimRefused where an operation makes no sense, and then nothing is changed."""
    with services.db.write() as conn:
        known = _known(conn, person_id)
        before = {**_basic(conn, services, known), **store.document(conn, services.vault, person_id)}
        _change(conn, services, known, scim.read(scim.patched(before, operations)), origin)
        return _resource(conn, services, _known(conn, person_id))


def remove(services: Services, person_id: str, origin: Origin) -> None:
    """Shut out a person the directory deleted; to it they are gone, their doings stay in the audit."""
    with services.db.write() as conn:
        known = _known(conn, person_id)
        entry = scim.read(
            {**_basic(conn, services, known), **store.document(conn, services.vault, person_id), "active": False}
        )
        keep(conn, services, known.source or PUSHED, entry, origin, known, gone=True)


def keep(
    conn: sa.Connection,
    services: Services,
    source: str,
    entry: Entry,
    origin: Origin,
    known: Told | None,
    *,
    gone: bool = False,
) -> str:
    """Write a person as a directory tells of them, and what follows: who is not active is out at once."""
    now = services.now()
    person_id = known.person_id if known else _added(conn, services, entry)
    people.set_contact(
        conn,
        services.vault,
        person_id,
        display_name=entry.display_name,
        mail=entry.mail,
        phone=entry.phone,
    )
    if entry.language:
        people.set_language(conn, person_id, entry.language)
    if known and known.name != entry.user_name:
        store.rename(conn, person_id, entry.user_name)
    if not entry.active:
        people.deactivate(conn, person_id, now)
    elif known and known.said is False:  # whom an administrator shut out stays out
        people.reactivate(conn, person_id)
    store.put(
        conn, services.vault, person_id, source, entry.external_id, entry.document, now, active=entry.active, gone=gone
    )
    was = {"name": known.name, "active": known.active} if known else None
    after = {"name": entry.user_name, "active": entry.active, "source": source}
    audit.record(conn, origin, now, _action(known, entry), f"person:{person_id}", was, after)
    return person_id


def changed(told: Told, entry: Entry) -> bool:
    """Tell whether a directory tells something new of a person, or lets somebody go who is still here."""
    return told.hash != json.content_hash(entry.document) or (told.active and not entry.active)


def _change(conn: sa.Connection, services: Services, known: Told, entry: Entry, origin: Origin) -> None:
    taken = store.by_name(conn, entry.user_name)
    if taken is not None and taken.person_id != known.person_id:
        raise ScimRefused(409, "userName already exists", "uniqueness")
    if changed(known, entry):
        keep(conn, services, known.source or PUSHED, entry, origin, known)


def _action(known: Told | None, entry: Entry) -> str:
    if known is None:
        return "person.add"
    if known.active == entry.active:
        return "person.edit"
    return "person.reactivate" if entry.active else "person.deactivate"


def _added(conn: sa.Connection, services: Services, entry: Entry) -> str:
    made = people.add_person(conn, entry.user_name, _roles(conn, services, entry), services.now())
    if made is None:
        raise ScimRefused(409, "userName already exists", "uniqueness")
    return made


def _roles(conn: sa.Connection, services: Services, entry: Entry) -> list[str]:
    """Return the roles a newcomer of this department begins with, as the directory's connector says."""
    live = services.live.at(conn)
    for version in live.all("connector"):
        given = version.document["spec"].get("directory", {}).get("roles", {}).get(entry.department, ())
        if given:
            return [role for role in given if live.get("role", role) is not None]
    return []


def _one(conn: sa.Connection, services: Services, attribute: str, value: str) -> Told | None:
    match attribute:
        case "userName":
            return store.by_name(conn, value)
        case "externalId":
            return store.by_external_id(conn, value)
        case "emails.value":
            found = people.of_mail(conn, services.vault, value)
            return store.told(conn, found.id) if found else None
        case _:
            return store.told(conn, value)


def _known(conn: sa.Connection, person_id: str) -> Told:
    found = store.told(conn, person_id)
    if found is None or found.gone:
        raise ScimRefused(404, GONE)
    return found


def _resource(conn: sa.Connection, services: Services, told: Told) -> Resource:
    mail, phone = store.contact(conn, services.vault, told.person_id)
    return Resource(told, store.document(conn, services.vault, told.person_id), mail, phone)


def _basic(conn: sa.Connection, services: Services, told: Told) -> dict[str, Any]:
    """Return a person no directory told of yet as a resource, so that a change of one part loses no other."""
    mail, phone = store.contact(conn, services.vault, told.person_id)
    made = {"schemas": [scim.USER], "userName": told.name, "displayName": told.display_name, "active": told.active}
    made |= {"emails": [{"value": mail, "type": "work", "primary": True}]} if mail else {}
    return made | ({"phoneNumbers": [{"value": phone, "type": "mobile"}]} if phone else {})
