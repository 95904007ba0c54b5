"""What is wrong with waiting rows: found by a look at them, told together where the same is wrong with many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.imports.rows import FAULTS, CellFault, Fate, Row, own, row_of, sealed
from ordain.store.tables.imports import ImportFaultRow, ImportLineRow
from ordain.store.vault import Vault

_ROW: Final = ImportLineRow.__table__
_FAULT: Final = ImportFaultRow.__table__


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
    return [row_of(vault, import_id, row) for row in conn.execute(chosen).mappings()]


def value_mark(vault: Vault, import_id: str, column: int, value: str) -> str:
    """Return what stands for a cell's value where rows with the same one are told together."""
    return vault.blind("import.value", f"{import_id}|{column}|{value}")


def _judged(vault: Vault, import_id: str, one: Verdict) -> dict[str, Any]:
    faults = [[fault.column, fault.code, dict(fault.text)] for fault in one.faults]
    return {
        "of": import_id,
        "at": one.number,
        "now_is": one.fate,
        "wrong": sealed(vault, FAULTS, import_id, one.number, faults) if faults else None,
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


_JUDGE: Final = (
    sa.update(ImportLineRow)
    .where(own(_ROW))
    .values(
        fate=sa.bindparam("now_is"), faults=sa.bindparam("wrong"), made=sa.bindparam("becomes"),
        subject=sa.bindparam("whom"),
    )
)  # fmt: skip
