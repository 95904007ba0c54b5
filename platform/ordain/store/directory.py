"""What directories tell of our people, and how their feeds stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.store.adding import add_new
from ordain.store.tables.directory import DirectoryPersonRow, DirectoryRow
from ordain.store.tables.people import UserRow
from ordain.store.vault import Vault

_PLACE: Final = "directory_person.document"


@dataclass(frozen=True, slots=True)
class Told:
    """What a directory tells of one person, and what stands of them with us; `said`: whether it called them active."""

    person_id: str
    name: str
    display_name: str
    active: bool
    created_at: datetime
    source: str = ""
    external_id: str = ""
    gone: bool = False
    version: int = 1
    hash: str = ""
    modified_at: datetime | None = None
    said: bool | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the feed of one directory stands."""

    source: str
    known: int = 0
    listed: int = 0
    last_try: datetime | None = None
    last_success: datetime | None = None
    alarm: str = ""
    accepted: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How one person is reached."""

    person_id: str
    roles: tuple[str, ...]
    mail: str
    phone: str
    language: str


def told(conn: sa.Connection, person_id: str) -> Told | None:
    """Return one person as directories see them."""
    row = conn.execute(_SELECT.where(UserRow.id == person_id)).one_or_none()
    return _told(row) if row else None


def by_name(conn: sa.Connection, name: str) -> Told | None:
    """Return the person of a name, compared without case."""
    row = conn.execute(_SELECT.where(sa.func.lower(UserRow.name) == name.lower()).limit(1)).one_or_none()
    return _told(row) if row else None


def by_external_id(conn: sa.Connection, external_id: str) -> Told | None:
    """Return the person a directory knows by an id of its own."""
    row = conn.execute(_SELECT.where(DirectoryPersonRow.external_id == external_id).limit(1)).one_or_none()
    return _told(row) if row else None


def find(
    conn: sa.Connection, *, active: bool | None = None, start: int = 1, count: int = 100
) -> tuple[list[Told], int]:
    """Return people by name from the `start`-th on, those deleted by a directory left out, and how many there are."""
    there = sa.or_(DirectoryPersonRow.gone.is_(None), DirectoryPersonRow.gone == sa.false())
    where = there if active is None else sa.and_(there, UserRow.active == (sa.true() if active else sa.false()))
    total = conn.scalar(sa.select(sa.func.count()).select_from(_JOINED).where(where)) or 0
    rows = conn.execute(_SELECT.where(where).order_by(UserRow.name).offset(start - 1).limit(count))
    return [_told(row) for row in rows], total


def of_source(conn: sa.Connection, source: str) -> list[Told]:
    """Return everybody a directory told of, by name."""
    rows = conn.execute(_SELECT.where(DirectoryPersonRow.source == source).order_by(UserRow.name))
    return [_told(row) for row in rows]


def document(conn: sa.Connection, vault: Vault, person_id: str) -> dict[str, Any]:
    """Return what a directory told of a person; {} where none did."""
    row = DirectoryPersonRow
    sealed = conn.scalar(sa.select(row.document).where(row.person_id == person_id))
    found: dict[str, Any] = json.loads(vault.open(_PLACE, person_id, sealed)) if sealed else {}
    return found


def put(
    conn: sa.Connection, vault: Vault, person_id: str, source: str, external_id: str, document: Mapping[str, Any],
    now: datetime, *, active: bool, gone: bool = False,
) -> None:  # fmt: skip
    """Write what a directory tells of a person."""
    row = DirectoryPersonRow
    values: dict[str, Any] = {
        "source": source,
        "external_id": external_id,
        "active": active,
        "gone": gone,
        "hash": json.content_hash(document),
        "document": vault.seal(_PLACE, person_id, json.dumps(dict(document)).decode()),
        "modified_at": now,
    }
    if not add_new(conn, row, ["person_id"], {"person_id": person_id, "version": 1, **values}):
        moved = sa.update(row).where(row.person_id == person_id).values(version=row.version + 1, **values)
        conn.execute(moved)


def rename(conn: sa.Connection, person_id: str, name: str) -> None:
    """Let a person sign in by another name."""
    conn.execute(sa.update(UserRow).where(UserRow.id == person_id).values(name=name))


def feeds(conn: sa.Connection) -> list[Feed]:
    """Return every feed, by source."""
    rows = conn.execute(sa.select(DirectoryRow.__table__).order_by(DirectoryRow.source)).mappings()
    return [Feed(**row) for row in rows]


def feed(conn: sa.Connection, source: str) -> Feed:
    """Return where a feed stands; one that never ran stands at the beginning."""
    return next((found for found in feeds(conn) if found.source == source), Feed(source))


def put_feed(conn: sa.Connection, source: str, **values: Any) -> None:
    """Write parts of a feed's state."""
    fresh = {"known": 0, "listed": 0, "alarm": "", "accepted": False, "error": ""}
    if not add_new(conn, DirectoryRow, ["source"], {"source": source, **fresh, **values}):
        conn.execute(sa.update(DirectoryRow).where(DirectoryRow.source == source).values(**values))


def reaches(conn: sa.Connection, vault: Vault) -> list[Reach]:
    """Return how every active person is reached."""
    chosen = sa.select(UserRow.id, UserRow.roles, UserRow.mail, UserRow.phone, UserRow.language)
    return [
        Reach(
            row.id,
            tuple(row.roles),
            vault.reach("person.mail", row.id, row.mail),
            vault.reach("person.phone", row.id, row.phone),
            row.language or "zh",
        )
        for row in conn.execute(chosen.where(UserRow.active == sa.true()))
    ]


def contact(conn: sa.Connection, vault: Vault, person_id: str) -> tuple[str, str]:
    """Return the mail address and phone of a person; "" for none."""
    row = conn.execute(sa.select(UserRow.mail, UserRow.phone).where(UserRow.id == person_id)).one()
    return vault.reach("person.mail", person_id, row.mail), vault.reach("person.phone", person_id, row.phone)


_JOINED: Final = sa.outerjoin(UserRow, DirectoryPersonRow, UserRow.id == DirectoryPersonRow.person_id)
_SELECT: Final = sa.select(
    UserRow.id.label("person_id"), UserRow.name, UserRow.display_name, UserRow.active, UserRow.created_at,
    DirectoryPersonRow.source, DirectoryPersonRow.external_id, DirectoryPersonRow.gone, DirectoryPersonRow.version,
    DirectoryPersonRow.hash, DirectoryPersonRow.modified_at, DirectoryPersonRow.active.label("said"),
).select_from(_JOINED)  # fmt: skip


def _told(row: Any) -> Told:
    return Told(
        row.person_id, row.name, row.display_name, row.active, row.created_at, row.source or "", row.external_id or "",
        bool(row.gone), row.version or 1, row.hash or "", row.modified_at, row.said,
    )  # fmt: skip
