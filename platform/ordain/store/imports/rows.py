"""The rows of a file while they wait: sealed whole, in batches, never all at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base import json
from ordain.store.tables.imports import ImportFaultRow, ImportLineRow
from ordain.store.vault import Vault

Fate = Literal["waiting", "new", "changed", "unchanged", "bad", "left"]
FATES: Final[tuple[Fate, ...]] = ("new", "changed", "unchanged", "bad")
_ROW: Final = ImportLineRow.__table__
_CELLS: Final = "import.cells"
FAULTS: Final = "import.faults"


@dataclass(frozen=True, slots=True)
class CellFault:
    """One problem of one row: its column (-1 for none), its code, a sentence in both languages."""

    column: int
    code: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file as it waits."""

    number: int
    cells: tuple[str, ...]
    head: int
    fate: Fate = "waiting"
    faults: tuple[CellFault, ...] = ()
    made: Mapping[str, Any] | None = None
    subject: str | None = None
    mark: str | None = None


def stage(conn: sa.Connection, vault: Vault, import_id: str, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Let rows wait, each on its own."""
    if rows:
        conn.execute(
            _STAGE,
            [
                {
                    "import_id": import_id,
                    "number": number,
                    "cells": sealed(vault, _CELLS, import_id, number, list(cells)),
                    "head": number,
                    "fate": "waiting",
                }
                for number, cells in rows
            ],
        )


def forget_after(conn: sa.Connection, import_id: str, number: int) -> None:
    """Forget the rows behind a number, and all that was found out about them."""
    for table in (ImportFaultRow, ImportLineRow):
        conn.execute(sa.delete(table).where(table.import_id == import_id, table.number > number))


def count(conn: sa.Connection, import_id: str) -> int:
    """Return how many rows wait."""
    return conn.scalar(sa.select(sa.func.count()).select_from(_ROW).where(_ROW.c.import_id == import_id)) or 0


def counts(conn: sa.Connection, import_id: str) -> dict[str, int]:
    """Return how many rows have which fate."""
    chosen = sa.select(_ROW.c.fate, sa.func.count()).where(_ROW.c.import_id == import_id).group_by(_ROW.c.fate)
    return dict(conn.execute(chosen).all())


def after(conn: sa.Connection, vault: Vault, import_id: str, number: int, *, limit: int, fate: str = "") -> list[Row]:
    """Return the rows behind a number, in the file's order."""
    where = sa.and_(_ROW.c.import_id == import_id, _ROW.c.number > number)
    where = sa.and_(where, _ROW.c.fate == fate) if fate else where
    rows = conn.execute(sa.select(_ROW).where(where).order_by(_ROW.c.number).limit(limit)).mappings()
    return [row_of(vault, import_id, row) for row in rows]


def heads_after(
    conn: sa.Connection,
    vault: Vault,
    import_id: str,
    head: int,
    *,
    limit: int,
    fates: Collection[str] = (),
    bare: bool = False,
) -> list[Row]:
    """Return whole groups of rows behind a head: about `limit` rows, in the order of their heads.

    Bare rows come without their cells and problems, which need not be opened then.
    """
    where = sa.and_(_ROW.c.import_id == import_id, _ROW.c.head > head)
    where = sa.and_(where, _ROW.c.fate.in_(fates)) if fates else where
    ends = list(conn.scalars(sa.select(_ROW.c.head).where(where).order_by(_ROW.c.head).limit(limit)))
    if not ends:
        return []
    chosen = sa.select(_ROW).where(where, _ROW.c.head <= ends[-1]).order_by(_ROW.c.head, _ROW.c.number)
    if bare:
        return [
            Row(row.number, (), row.head, row.fate, (), row.made, row.subject, row.mark) for row in conn.execute(chosen)
        ]
    return [row_of(vault, import_id, row) for row in conn.execute(chosen).mappings()]


def of_heads(conn: sa.Connection, vault: Vault, import_id: str, heads: Collection[int]) -> list[Row]:
    """Return the rows of some groups, in the order of their heads."""
    chosen = sa.select(_ROW).where(_ROW.c.import_id == import_id, _ROW.c.head.in_(heads))
    rows = conn.execute(chosen.order_by(_ROW.c.head, _ROW.c.number)).mappings()
    return [row_of(vault, import_id, row) for row in rows]


def get(conn: sa.Connection, vault: Vault, import_id: str, number: int) -> Row | None:
    """Return one row."""
    chosen = sa.select(_ROW).where(_ROW.c.import_id == import_id, _ROW.c.number == number)
    row = conn.execute(chosen).mappings().one_or_none()
    return row_of(vault, import_id, row) if row else None


def put_cells(conn: sa.Connection, vault: Vault, import_id: str, rows: Mapping[int, Sequence[str]]) -> None:
    """Write the cells of rows anew."""
    if rows:
        conn.execute(
            _CELLS_ANEW,
            [
                {"of": import_id, "at": number, "made_of": sealed(vault, _CELLS, import_id, number, list(cells))}
                for number, cells in rows.items()
            ],
        )


def put_marks(conn: sa.Connection, import_id: str, marks: Mapping[int, str | None]) -> None:
    """Write what the rows are told apart by."""
    if marks:
        conn.execute(
            _MARK, [{"of": import_id, "at": number, "sign": mark, "own": number} for number, mark in marks.items()]
        )


def gather(conn: sa.Connection, import_id: str) -> None:
    """Let rows with the same mark belong together, under the first of them."""
    other = _ROW.alias()
    first = sa.select(sa.func.min(other.c.number)).where(other.c.import_id == import_id, other.c.mark == _ROW.c.mark)
    where = sa.and_(_ROW.c.import_id == import_id, _ROW.c.mark.is_not(None))
    conn.execute(sa.update(ImportLineRow).where(where).values(head=first.scalar_subquery()))


def left_out(conn: sa.Connection, import_id: str) -> None:
    """Mark the rows with problems as left out of what was imported."""
    own = sa.and_(_ROW.c.import_id == import_id, _ROW.c.fate == "bad")
    conn.execute(sa.update(ImportLineRow).where(own).values(fate="left"))


def put_subjects(conn: sa.Connection, import_id: str, subjects: Mapping[int, tuple[str, str]]) -> None:
    """Write what became of rows: their fate, and the record they became."""
    if subjects:
        conn.execute(
            _SUBJECT,
            [
                {"of": import_id, "at": number, "now_is": fate, "whom": subject}
                for number, (fate, subject) in subjects.items()
            ],
        )


def own(table: Any) -> sa.ColumnElement[bool]:
    """Return the condition of statements that are run once for each row: its import and number are bound."""
    return sa.and_(table.c.import_id == sa.bindparam("of"), table.c.number == sa.bindparam("at"))


def sealed(vault: Vault, place: str, import_id: str, number: int, value: Any) -> str:
    """Return a value as text sealed for one row."""
    return vault.seal(place, f"{import_id}|{number}", json.dumps(value).decode())


def row_of(vault: Vault, import_id: str, row: Any) -> Row:
    """Return a row as it stands, opened."""
    bound = f"{import_id}|{row['number']}"
    faults = json.loads(vault.open(FAULTS, bound, row["faults"])) if row["faults"] else ()
    return Row(
        row["number"],
        tuple(json.loads(vault.open(_CELLS, bound, row["cells"]), limit=json.ANSWER_LIMIT)),
        row["head"],
        row["fate"],
        tuple(CellFault(*fault) for fault in faults),
        row["made"],
        row["subject"],
        row["mark"],
    )


_STAGE: Final = sa.insert(ImportLineRow)
_CELLS_ANEW: Final = sa.update(ImportLineRow).where(own(_ROW)).values(cells=sa.bindparam("made_of"))
_MARK: Final = sa.update(ImportLineRow).where(own(_ROW)).values(mark=sa.bindparam("sign"), head=sa.bindparam("own"))
_SUBJECT: Final = (
    sa.update(ImportLineRow).where(own(_ROW)).values(fate=sa.bindparam("now_is"), subject=sa.bindparam("whom"))
)
