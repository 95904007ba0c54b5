"""Mending rows before anything is imported: one cell, or all rows with the same problem."""

from collections.abc import Sequence
from dataclasses import replace

from ordain.base.errors import Refused, problem
from ordain.flows.importing.looking import Looker
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.steps import CHECK, Standing, allow, begin_step, person_of, target_for, written
from ordain.flows.services import Services
from ordain.records.actor import Origin, User
from ordain.store.imports import faults, files, rows
from ordain.store.imports.faults import FaultKind
from ordain.store.imports.files import Import


def mend(services: Services, at: Standing, number: int, column: int, value: str, actor: User) -> bool:
    """Write one cell and look at its rows again; False where there is no such cell."""
    allow(at, "ready")
    found = at.found
    with services.db.write() as conn:
        row = rows.get(conn, services.vault, found.id, number)
        names = Layout.of(found.layout).columns
        if row is None or not 0 <= column < len(names):
            return False
        looker = Looker(services, found, target_for(services, conn, actor, found.into))
        cells = _with(row.cells, column, value)
        rows.put_cells(conn, services.vault, found.id, {number: cells})
        heads = {row.head}
        mark = looker.mark_of(conn, replace(row, cells=cells))
        if mark != row.mark:
            rows.put_marks(conn, found.id, {number: mark})
            rows.gather(conn, found.id)
            changed = rows.get(conn, services.vault, found.id, number)
            heads |= {changed.head} if changed else set()
        again = rows.of_heads(conn, services.vault, found.id, heads)
        faults.judge(conn, services.vault, found.id, looker.verdicts(conn, again))
        files.put(conn, found, services.now(), counts=rows.counts(conn, found.id))
    return True


def mend_all(services: Services, at: Standing, kind: FaultKind, value: str, origin: Origin) -> Import:
    """Write the same value into every row that has this problem, and look at all rows again."""
    allow(at, "ready")
    found, actor = at.found, person_of(origin)
    with services.db.read() as conn:
        target = target_for(services, conn, actor, found.into)
    if not 0 <= kind.column < len(Layout.of(found.layout).columns):
        raise Refused(
            [problem("", "no_column", "此问题不在某一列中，请改对应关系", "no column is to blame; mend the mapping")]
        )
    number = 0
    while True:
        with services.db.write() as conn:
            batch = faults.alike(conn, services.vault, found.id, kind, number)
            mended = {row.number: _with(row.cells, kind.column, value) for row in batch}
            rows.put_cells(conn, services.vault, found.id, mended)
        if not batch:
            break
        number = batch[-1].number
    kept = written(services, found, stage="checking")
    return begin_step(services, kept, CHECK, target.permission, origin)


def _with(cells: Sequence[str], column: int, value: str) -> tuple[str, ...]:
    whole = [*cells, *[""] * (column + 1 - len(cells))]
    whole[column] = value.replace("\0", "")[:32_767]
    return tuple(whole)
