"""Files that people uploaded: found, given to a record, let go of. Their content is `store/file_box.py`'s."""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.tables.base import table_of
from ordain.store.tables.files import FileRow
from ordain.store.vault import Vault

_TABLE: Final = table_of(FileRow)
NAME: Final = "file.name"
KEY: Final = "file.key"


@dataclass(frozen=True, slots=True)
class File:
    """One file; `form` and `record` are "" while it belongs to none."""

    id: str
    name: str
    key: bytes
    media: str
    size: int
    sha256: str
    small: bool
    owner: str
    form: str
    record: str
    made_at: datetime


def add(conn: sa.Connection, vault: Vault, made: File) -> None:
    """Keep what is known of a new file, which belongs to no record yet."""
    plain = {name: getattr(made, name) for name in File.__slots__}
    sealed = {
        "name": vault.seal(NAME, made.id, made.name),
        "key": vault.seal(KEY, made.id, base64.b64encode(made.key).decode()),
        "loose_since": made.made_at,
    }
    conn.execute(sa.insert(_TABLE).values(**plain | sealed))


def get(conn: sa.Connection, vault: Vault, file_id: str) -> File | None:
    """Return one file."""
    row = conn.execute(sa.select(_TABLE).where(_TABLE.c.id == file_id)).mappings().one_or_none()
    return _file(vault, row) if row else None


def names(conn: sa.Connection, vault: Vault, own: sa.ColumnElement[bool], ids: Collection[str]) -> dict[str, File]:
    """Return those of these files that fit, by id."""
    chosen = sa.select(_TABLE).where(_TABLE.c.id.in_(ids), own)
    return {row["id"]: _file(vault, row) for row in conn.execute(chosen).mappings()}


def usable(owner: str, form: str, record: str) -> sa.ColumnElement[bool]:
    """Return which files a record may hold: those it holds, and those its writer uploaded and gave to none."""
    loose = sa.and_(_TABLE.c.record == "", _TABLE.c.owner == owner)
    return sa.or_(loose, sa.and_(_TABLE.c.form == form, _TABLE.c.record == record)) if record else loose


def give(conn: sa.Connection, own: sa.ColumnElement[bool], ids: Collection[str], form: str, record: str) -> int:
    """Give files to a record; return how many it now holds of them."""
    given = sa.update(_TABLE).where(_TABLE.c.id.in_(ids), own).values(form=form, record=record, loose_since=None)
    return int(conn.execute(given).rowcount)


def let_go(conn: sa.Connection, form: str, record: str, keep: Collection[str], now: datetime) -> None:
    """Let go of the files that a record no longer holds."""
    own = sa.and_(_TABLE.c.form == form, _TABLE.c.record == record, _TABLE.c.id.not_in(keep))
    conn.execute(sa.update(_TABLE).where(own).values(form="", record="", loose_since=now))


def loose(conn: sa.Connection, owner: str) -> int:
    """Return how many files of a person belong to no record."""
    own = sa.and_(_TABLE.c.record == "", _TABLE.c.owner == owner)
    return conn.scalar(sa.select(sa.func.count()).select_from(_TABLE).where(own)) or 0


def forget(conn: sa.Connection, before: datetime, *, limit: int) -> list[str]:
    """Forget files that belonged to no record since then; return their ids."""
    old = sa.select(_TABLE.c.id).where(_TABLE.c.loose_since < before).order_by(_TABLE.c.loose_since).limit(limit)
    ids = list(conn.scalars(old))
    gone = sa.delete(_TABLE).where(_TABLE.c.id.in_(ids), _TABLE.c.loose_since < before).returning(_TABLE.c.id)
    return list(conn.scalars(gone)) if ids else []


def known(conn: sa.Connection, ids: Collection[str]) -> set[str]:
    """Return those of these ids that files have."""
    return set(conn.scalars(sa.select(_TABLE.c.id).where(_TABLE.c.id.in_(ids))))


def _file(vault: Vault, row: Mapping[Any, Any]) -> File:
    values = {name: row[name] for name in File.__slots__}
    opened = {
        "name": vault.open(NAME, row["id"], row["name"]),
        "key": base64.b64decode(vault.open(KEY, row["id"], row["key"])),
    }
    return File(**values | opened)
