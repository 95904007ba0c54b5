"""The rows of a file while they wait: sealed whole, in batches, never all at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base import json
from ordain.store.tables.imports import ImportFaultRow, ImportKnownRow, ImportLineRow
from ordain.store.vault import Vault

Fate = Literal["waiting", "new", "changed", "unchanged", "bad", "left"]
FATES: Final[tuple[Fate, ...]] = ("new", "changed", "unchanged", "bad")
_ROW: Final = ImportLineRow.__table__
_FAULT: Final = ImportFaultRow.__table__
_KNOWN: Final = ImportKnownRow.__table__
_CELLS: Final = "import.cells"
_FAULTS: Final = "import.faults"


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at a row found out."""

    number: int
    fate: Fate
    faults: tuple[CellFault, ...] = ()
    made: Mapping[str, Any] | None = None
    subject: str | None = None
    values: Mapping[int, str] = field(default_factory=dict)  # the cells that are to blame, by column


@dataclass(frozen=True, slots=True)
class FaultKind:
    """Rows that have the same problem with the same value: how many, and the first of them."""

    column: int
    code: str
    value: str
    count: int
    first: int


def stage(conn: sa.Connection, vault: Vault, import_id: str, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Let rows wait, each on its own."""
    if rows:
        conn.execute(
            _STAGE,
            [
                {
                    "import_id": import_id,
                    "number": number,
                    "cells": _sealed(vault, _CELLS, import_id, number, list(cells)),
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
    return [_row(vault, import_id, row) for row in rows]


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
    return [_row(vault, import_id, row) for row in conn.execute(chosen).mappings()]


def of_heads(conn: sa.Connection, vault: Vault, import_id: str, heads: Collection[int]) -> list[Row]:
    """Return the rows of some groups, in the order of their heads."""
    chosen = sa.select(_ROW).where(_ROW.c.import_id == import_id, _ROW.c.head.in_(heads))
    rows = conn.execute(chosen.order_by(_ROW.c.head, _ROW.c.number)).mappings()
    return [_row(vault, import_id, row) for row in rows]


def get(conn: sa.Connection, vault: Vault, import_id: str, number: int) -> Row | None:
    """Return one row."""
    chosen = sa.select(_ROW).where(_ROW.c.import_id == import_id, _ROW.c.number == number)
    row = conn.execute(chosen).mappings().one_or_none()
    return _row(vault, import_id, row) if row else None


def put_cells(conn: sa.Connection, vault: Vault, import_id: str, rows: Mapping[int, Sequence[str]]) -> None:
    """Write the cells of rows anew."""
    if rows:
        conn.execute(
            _CELLS_ANEW,
            [
                {"of": import_id, "at": number, "made_of": _sealed(vault, _CELLS, import_id, number, list(cells))}
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


def judge(conn: sa.Connection, vault: Vault, import_id: str, verdicts: Sequence[Verdict]) -> None:
    """Write what a look at rows found out, in place of what was known of them."""
    if not verdicts:
        return
    numbers = [one.number for one in verdicts]
    own = sa.and_(_FAULT.c.import_id == import_id, _FAULT.c.number.in_(numbers))
    conn.execute(sa.delete(ImportFaultRow).where(own))
    conn.execute(_JUDGE, [_judged(vault, import_id, one) for one in verdicts])
    faults = [row for one in verdicts for row in _fault_rows(vault, import_id, one)]
    if faults:
        conn.execute(sa.insert(ImportFaultRow), faults)


def kinds(conn: sa.Connection, import_id: str, *, limit: int = 50) -> list[FaultKind]:
    """Return what is wrong, the most frequent first."""
    keys = (_FAULT.c.column, _FAULT.c.code, _FAULT.c.value)
    total = sa.func.count()
    chosen = sa.select(*keys, total, sa.func.min(_FAULT.c.number)).where(_FAULT.c.import_id == import_id)
    rows = conn.execute(chosen.group_by(*keys).order_by(total.desc(), *keys).limit(limit))
    return [FaultKind(*row) for row in rows]


def alike(
    conn: sa.Connection, vault: Vault, import_id: str, kind: FaultKind, number: int, *, limit: int = 500
) -> list[Row]:
    """Return the rows behind a number that have this very problem."""
    same = sa.and_(
        _FAULT.c.import_id == import_id,
        _FAULT.c.column == kind.column,
        _FAULT.c.code == kind.code,
        _FAULT.c.value == kind.value,
        _FAULT.c.number > number,
    )
    numbers = list(conn.scalars(sa.select(_FAULT.c.number).where(same).order_by(_FAULT.c.number).limit(limit)))
    chosen = sa.select(_ROW).where(_ROW.c.import_id == import_id, _ROW.c.number.in_(numbers)).order_by(_ROW.c.number)
    return [_row(vault, import_id, row) for row in conn.execute(chosen).mappings()]


def value_mark(vault: Vault, import_id: str, column: int, value: str) -> str:
    """Return what stands for a cell's value where rows with the same one are told together."""
    return vault.blind("import.value", f"{import_id}|{column}|{value}")


def know(conn: sa.Connection, import_id: str, marks: Mapping[str, str]) -> None:
    """Keep the marks of records that stand; the first with a mark is the one."""
    new = set(marks) - set(known(conn, import_id, marks))
    if new:
        conn.execute(
            sa.insert(ImportKnownRow),
            [{"import_id": import_id, "mark": mark, "record": marks[mark]} for mark in sorted(new)],
        )


def known(conn: sa.Connection, import_id: str, marks: Collection[str]) -> dict[str, str]:
    """Return the records that stand for these marks."""
    chosen = sa.select(_KNOWN.c.mark, _KNOWN.c.record).where(_KNOWN.c.import_id == import_id, _KNOWN.c.mark.in_(marks))
    return dict(conn.execute(chosen).all())


def forget_known(conn: sa.Connection, import_id: str) -> None:
    """Forget the records that stood."""
    conn.execute(sa.delete(ImportKnownRow).where(ImportKnownRow.import_id == import_id))


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


def _own(table: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.import_id == sa.bindparam("of"), table.c.number == sa.bindparam("at"))


def _judged(vault: Vault, import_id: str, one: Verdict) -> dict[str, Any]:
    faults = [[fault.column, fault.code, dict(fault.text)] for fault in one.faults]
    return {
        "of": import_id,
        "at": one.number,
        "now_is": one.fate,
        "wrong": _sealed(vault, _FAULTS, import_id, one.number, faults) if faults else None,
        "becomes": dict(one.made) if one.made is not None else None,
        "whom": one.subject,
    }


def _fault_rows(vault: Vault, import_id: str, one: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "import_id": import_id,
            "number": one.number,
            "place": place,
            "column": fault.column,
            "code": fault.code,
            "value": value_mark(vault, import_id, fault.column, one.values.get(fault.column, "")),
        }
        for place, fault in enumerate(one.faults)
    ]


def _sealed(vault: Vault, place: str, import_id: str, number: int, value: Any) -> str:
    return vault.seal(place, f"{import_id}|{number}", json.dumps(value).decode())


def _row(vault: Vault, import_id: str, row: Any) -> Row:
    bound = f"{import_id}|{row['number']}"
    faults = json.loads(vault.open(_FAULTS, bound, row["faults"])) if row["faults"] else ()
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
_CELLS_ANEW: Final = sa.update(ImportLineRow).where(_own(_ROW)).values(cells=sa.bindparam("made_of"))
_MARK: Final = sa.update(ImportLineRow).where(_own(_ROW)).values(mark=sa.bindparam("sign"), head=sa.bindparam("own"))
_JUDGE: Final = (
    sa.update(ImportLineRow)
    .where(_own(_ROW))
    .values(
        fate=sa.bindparam("now_is"), faults=sa.bindparam("wrong"), made=sa.bindparam("becomes"),
        subject=sa.bindparam("whom"),
    )
)  # fmt: skip
_SUBJECT: Final = (
    sa.update(ImportLineRow).where(_own(_ROW)).values(fate=sa.bindparam("now_is"), subject=sa.bindparam("whom"))
)
