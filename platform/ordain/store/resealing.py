"""Sealing values anew with today's key, a batch of rows of one column at a time, and finding what older keys sealed.

A batch locks its rows and leaves aside those that somebody else is writing: these come with the next pass.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.sealed_places import SPOTS, Row, Spot
from ordain.store.tables import metadata
from ordain.store.tables.base import Sealed
from ordain.store.vault import Vault, VaultError, marked

_SEALED: Final = re.compile(r"v1\.([0-9A-Za-z]+)\.[\w-]{16}\.[\w-]{22,}")
_LONGEST: Final = 33  # bytes of a piece's mark


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: values resealed, values that do not open, and the last row, None where none is left."""

    done: int
    broken: int
    cursor: Sequence[Any] | None


def reseal(
    conn: sa.Connection, vault: Vault, spot: Spot, old: Collection[str], after: Sequence[Any] | None, limit: int
) -> Batch:
    """Seal anew what these old keys sealed in the next rows of a column."""
    column, keys = spot.table.c[spot.column], spot.keys
    chosen = sa.select(spot.table).where(sa.or_(*(_sealed_by(column, spot.shape, kid) for kid in old)))
    if after is not None:
        chosen = chosen.where(
            sa.tuple_(*keys) > sa.tuple_(*(sa.literal(v, k.type) for v, k in zip(after, keys, strict=True)))
        )
    rows = conn.execute(chosen.order_by(*keys).limit(limit).with_for_update(skip_locked=True)).mappings().all()
    changed, done, broken = [], 0, 0
    for row in rows:
        try:
            value, count = _anew(vault, spot, dict(row), old)
        except VaultError:
            broken += 1
            continue
        done += count
        changed.append({f"k{place}": row[key.name] for place, key in enumerate(keys)} | {"_anew": value})
    if changed:
        own = sa.and_(*(key == sa.bindparam(f"k{place}") for place, key in enumerate(keys)))
        conn.execute(
            sa.update(spot.table).where(own).values({spot.column: sa.bindparam("_anew", type_=column.type)}), changed
        )
    return Batch(done, broken, [rows[-1][key.name] for key in keys] if len(rows) == limit else None)


def carried(conn: sa.Connection, kid: str) -> Iterator[tuple[str, int]]:
    """Yield every column of the database that holds a value of this key, with how many rows do."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            shape = _shape(column)
            if shape and table.name != "data_key":
                count = conn.scalar(sa.select(sa.func.count()).select_from(table).where(_sealed_by(column, shape, kid)))
                if count:
                    yield f"{table.name}.{column.name}", count


def named(conn: sa.Connection) -> dict[str, str]:
    """Return the keys that sealed values name, each with a column where it is named."""
    found: dict[str, str] = {}
    for spot in SPOTS:
        column = spot.table.c[spot.column]
        for kid in _kids(conn, spot, column):
            found.setdefault(kid, spot.name)
    return found


def _kids(conn: sa.Connection, spot: Spot, column: sa.ColumnElement[Any]) -> Iterator[str]:
    if spot.shape == "text":
        tail = sa.func.substr(column, 4)
        end = sa.func.instr(tail, ".") if conn.dialect.name == "sqlite" else sa.func.strpos(tail, ".")
        yield from conn.scalars(sa.select(sa.func.substr(column, 4, end - 1)).where(column.is_not(None)).distinct())
    elif spot.shape == "bytes":
        for mark in conn.scalars(sa.select(sa.func.substr(column, 1, _LONGEST, type_=sa.LargeBinary)).distinct()):
            yield bytes(mark)[1 : mark[0] + 1].decode("ascii", "replace") if mark else ""
    else:
        whole = sa.cast(column, sa.Text)
        for content in conn.scalars(sa.select(whole).where(whole.contains("v1.")).execution_options(yield_per=500)):
            yield from set(_SEALED.findall(content))


def _anew(vault: Vault, spot: Spot, row: Row, old: Collection[str]) -> tuple[Any, int]:
    held = row[spot.column]
    if spot.shape == "text":
        return vault.reseal(*spot.bound(row), held), 1
    if spot.shape == "bytes":
        return vault.reseal_bytes(*spot.bound(row), bytes(held)), 1
    starts, done = tuple(f"v1.{kid}." for kid in old), 0
    for slot in spot.slots(row, held):
        sealed = slot.holder.get(slot.name)
        if isinstance(sealed, str) and sealed.startswith(starts):
            slot.holder[slot.name] = vault.reseal(slot.place, slot.row, sealed)
            done += 1
    return held, done


def _shape(column: sa.Column[Any]) -> str:
    if isinstance(column.type, Sealed):
        return "text"
    return "json" if isinstance(column.type, sa.JSON) else "bytes" if isinstance(column.type, sa.LargeBinary) else ""


def _sealed_by(column: sa.ColumnElement[Any], shape: str, kid: str) -> sa.ColumnElement[bool]:
    if shape == "bytes":
        mark = marked(kid)
        return sa.func.substr(column, 1, len(mark), type_=sa.LargeBinary) == sa.literal(mark, sa.LargeBinary)
    if shape == "json":
        return sa.cast(column, sa.Text).contains(f"v1.{kid}.", autoescape=True)
    return sa.cast(column, sa.Text).startswith(f"v1.{kid}.", autoescape=True)
