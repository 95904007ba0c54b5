"""The definition store: what runs, every version there ever was, drafts; and a cache that follows the epoch."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from ordain.store import connections
from ordain.store.connections import Connection
from ordain.store.epoch import epoch
from ordain.store.tables.definitions import (
    ChangeSetRow,
    DefinitionDraftRow,
    DefinitionRow,
    DefinitionVersionRow,
)
from ordain.store.tables.orders import DecisionRow
from ordain.store.vault import Vault

T = TypeVar("T")
_LATELY = 20_000  # decisions a history looks back on
Place = tuple[str, str, int, str, object]  # kind, key, number, hash, by what it was compiled


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable version."""

    kind: str
    key: str
    number: int
    document: Mapping[str, Any]
    hash: str
    author: str = ""
    note: str = ""
    at: datetime | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Work in progress on a definition; `base_version` is the version it began from."""

    kind: str
    key: str
    owner: str
    base_version: int | None
    document: Mapping[str, Any]
    hash: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of definitions."""

    kind: str
    key: str
    title: Mapping[str, str]
    live: int | None
    canary: int | None
    draft: bool
    versions: int
    changed_at: datetime | None


class Live:
    """What runs at one epoch: live versions, what they compile to, connections. Nothing in it changes."""

    def __init__(self, number: int, versions: Mapping[tuple[str, str], Version], compiled: dict[Place, Any]) -> None:
        self.epoch = number
        self._versions = versions
        self._compiled = compiled
        self._connections: dict[str, Connection | None] = {}

    def kept(self, versions: Mapping[tuple[str, str], Version]) -> dict[Place, Any]:
        """Return the compiled forms that go on being right for other versions."""
        hashes = {version.hash for version in versions.values()}
        return {place: made for place, made in self._compiled.items() if place[3] in hashes}

    def get(self, kind: str, key: str) -> Version | None:
        """Return the live version."""
        return self._versions.get((kind, key))

    def all(self, kind: str) -> list[Version]:
        """Return the live versions of a kind, by key."""
        return [version for (of, _), version in sorted(self._versions.items()) if of == kind]

    def compiled(self, kind: str, key: str, compile_version: Callable[[Version], T]) -> T:
        """Return what `compile_version` makes of the live version, compiled once per content."""
        version = self._versions[kind, key]
        place = (kind, key, version.number, version.hash, compile_version)
        if place not in self._compiled:
            self._compiled[place] = compile_version(version)
        made: T = self._compiled[place]
        return made

    def connection(self, conn: sa.Connection, vault: Vault, name: str) -> Connection | None:
        """Return a connection with its secrets."""
        if name not in self._connections:
            self._connections[name] = connections.get(conn, vault, name)
        return self._connections[name]


class LiveDefinitions:
    """The live definitions of one process: read anew when the epoch has moved."""

    def __init__(self) -> None:
        self._live = Live(-1, {}, {})
        self._lock = threading.Lock()

    def known(self, epoch: int | None) -> Live | None:
        """Return what is held here where it is of this epoch."""
        held = self._live
        return held if held.epoch == epoch else None

    def at(self, conn: sa.Connection) -> Live:
        """Return what runs as of now, for one decision: all of it is judged by the same definitions."""
        now = epoch(conn)
        if self._live.epoch != now:
            with self._lock:
                if self._live.epoch != now:
                    versions = {(v.kind, v.key): v for v in live_versions(conn)}
                    self._live = Live(now, versions, self._live.kept(versions))
        return self._live


def live_versions(conn: sa.Connection) -> list[Version]:
    """Return the live version of every definition."""
    version = DefinitionVersionRow
    live = sa.and_(
        version.kind == DefinitionRow.kind,
        version.key == DefinitionRow.key,
        version.number == DefinitionRow.live_version,
    )
    return [_version(row) for row in conn.execute(sa.select(version.__table__).join(DefinitionRow, live)).mappings()]


def live(conn: sa.Connection, kind: str, key: str) -> Version | None:
    """Return the live version of one definition."""
    number = conn.scalar(
        sa.select(DefinitionRow.live_version).where(DefinitionRow.kind == kind, DefinitionRow.key == key)
    )
    return get(conn, kind, key, number) if number is not None else None


def get(conn: sa.Connection, kind: str, key: str, number: int) -> Version | None:
    """Return one version."""
    table = DefinitionVersionRow.__table__
    row = conn.execute(
        sa.select(table).where(table.c.kind == kind, table.c.key == key, table.c.number == number)
    ).mappings()
    found = row.one_or_none()
    return _version(found) if found else None


def history(conn: sa.Connection, kind: str, key: str) -> list[Version]:
    """Return every version, newest first."""
    table = DefinitionVersionRow.__table__
    rows = conn.execute(
        sa.select(table).where(table.c.kind == kind, table.c.key == key).order_by(table.c.number.desc())
    ).mappings()
    return [_version(row) for row in rows]


def draft(conn: sa.Connection, kind: str, key: str) -> Draft | None:
    """Return the draft of a definition, if there is one."""
    table = DefinitionDraftRow.__table__
    row = conn.execute(sa.select(table).where(table.c.kind == kind, table.c.key == key)).mappings().one_or_none()
    return Draft(**{name: row[name] for name in Draft.__slots__}) if row else None


def drafts(conn: sa.Connection) -> list[Draft]:
    """Return every draft there is, the newest first."""
    table = DefinitionDraftRow.__table__
    rows = conn.execute(sa.select(table).order_by(table.c.saved_at.desc())).mappings()
    return [Draft(**{name: row[name] for name in Draft.__slots__}) for row in rows]


def listed(conn: sa.Connection, kind: str | None = None) -> list[Listed]:
    """Return all definitions, those that are only drafts included, by kind and key."""
    newest: dict[tuple[str, str], Any] = {}
    counts: dict[tuple[str, str], int] = {}
    version = DefinitionVersionRow
    pointers = {(row.kind, row.key): row for row in conn.execute(sa.select(DefinitionRow.__table__))}
    chosen = sa.select(version.kind, version.key, version.number, version.document, version.at).order_by(version.number)
    for row in conn.execute(chosen if kind is None else chosen.where(version.kind == kind)):
        place = (row.kind, row.key)
        counts[place] = counts.get(place, 0) + 1
        live = pointers[place].live_version if place in pointers else None
        if place not in newest or newest[place].number != live:  # what runs is what it is called by
            newest[place] = row
    drafts = {(row.kind, row.key): row for row in conn.execute(sa.select(DefinitionDraftRow.__table__))}
    keys = sorted({*newest, *(place for place in drafts if kind in (None, place[0]))})
    return [
        _listed(place, newest.get(place), pointers.get(place), drafts.get(place), counts.get(place, 0))
        for place in keys
    ]


def put_draft(conn: sa.Connection, made: Draft) -> None:
    """Write a draft in place of the one there is."""
    drop_draft(conn, made.kind, made.key)
    values = {name: getattr(made, name) for name in Draft.__slots__} | {"document": dict(made.document)}
    conn.execute(sa.insert(DefinitionDraftRow).values(**values))


def drop_draft(conn: sa.Connection, kind: str, key: str) -> bool:
    """Forget a draft."""
    row = DefinitionDraftRow
    return bool(conn.execute(sa.delete(row).where(row.kind == kind, row.key == key)).rowcount)


def decided_lately(conn: sa.Connection, kind: str, key: str) -> dict[int, int]:
    """Return how many of the newest decisions of the house were made by each version of a definition."""
    row = DecisionRow
    newest = sa.select(row.kind, row.key, row.version).order_by(row.id.desc()).limit(_LATELY).subquery()
    counted = sa.select(newest.c.version, sa.func.count().label("decisions")).where(
        newest.c.kind == kind, newest.c.key == key
    )
    return {row.version: row.decisions for row in conn.execute(counted.group_by(newest.c.version))}


def add_version(conn: sa.Connection, made: Version, *, change_set: str | None, schema_version: int) -> int:
    """Append a version under the next number and return that number."""
    table = DefinitionVersionRow.__table__
    own = sa.and_(table.c.kind == made.kind, table.c.key == made.key)
    number = (conn.scalar(sa.select(sa.func.max(table.c.number)).where(own)) or 0) + 1
    values = {name: getattr(made, name) for name in Version.__slots__ if name != "number"}
    values |= {"document": dict(made.document), "change_set": change_set, "schema_version": schema_version}
    conn.execute(sa.insert(DefinitionVersionRow).values(number=number, **values))
    return number


def point(conn: sa.Connection, kind: str, key: str, number: int) -> None:
    """Make a version the live one."""
    row = DefinitionRow
    moved = sa.update(row).where(row.kind == kind, row.key == key).values(live_version=number)
    if not conn.execute(moved).rowcount:
        conn.execute(sa.insert(row).values(kind=kind, key=key, live_version=number))


def add_change_set(
    conn: sa.Connection, set_id: str, author: str, note: str, at: datetime, members: Sequence[str]
) -> None:
    """Remember that these definitions were published together."""
    conn.execute(sa.insert(ChangeSetRow).values(id=set_id, author=author, note=note, at=at, members=list(members)))


def _version(row: Any) -> Version:
    return Version(**{name: row[name] for name in Version.__slots__})


def _listed(place: tuple[str, str], newest: Any, pointer: Any, drafted: Any, versions: int) -> Listed:
    document = (newest or drafted).document
    return Listed(
        *place,
        document.get("title") or {"zh": place[1], "en": place[1]},
        pointer.live_version if pointer else None,
        pointer.canary_version if pointer else None,
        drafted is not None,
        versions,
        newest.at if newest else drafted.saved_at,
    )
