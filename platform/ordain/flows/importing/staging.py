"""Putting a file's rows where they wait, step by step; with the last ones, suggesting what they become and how."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Refused, problem
from ordain.engines.importing import Plan, suggest
from ordain.engines.importing.suggesting import known_words, usable
from ordain.flows.importing.looking import BATCH, import_of
from ordain.flows.importing.reading import Layout, opened
from ordain.flows.importing.targets import Target, targets
from ordain.flows.services import Services
from ordain.flows.working import Step
from ordain.records.actor import User
from ordain.store.imports import files, rows
from ordain.store.imports.files import Import
from ordain.store.work import Work

A_STEP: Final = 10_000  # rows read in one step
SAMPLE: Final = 100


def read(services: Services, work: Work, asker: User) -> Step:
    """Put the next rows of the file where they wait; with the last ones, suggest how they are mapped."""
    found = import_of(services, work.subject)
    after, last = int(work.place.get("rows", 0)), int(work.place.get("number", 0))
    with services.db.read() as conn:
        data = files.content(conn, services.vault, found.id)
        known = frozenset(word for one in targets(services, conn, asker) for word in _words(one))
    with services.db.write() as conn:  # what a step left that broke off
        rows.forget_after(conn, found.id, last)
    done = 0
    with opened(data, Layout.of(found.layout), known) as (layout, waiting):
        for _ in islice(waiting, after):
            pass
        while batch := list(islice(waiting, min(BATCH, A_STEP - done))):
            with services.db.write() as conn:
                rows.stage(conn, services.vault, found.id, batch)
            done, last = done + len(batch), batch[-1][0]
            if done >= A_STEP:
                return Step(done, {"rows": after + done, "number": last})
    if not after + done:
        raise Refused([problem("", "empty_file", "表头下面没有数据", "There are no rows below the header")])
    _read_all(services, found, layout, asker, after + done)
    return Step(done, {"rows": after + done, "number": last}, last=True)


def _words(target: Target) -> frozenset[str]:
    return known_words(target.goals) | {name.casefold() for name in target.columns}


def _read_all(services: Services, found: Import, layout: Layout, asker: User, count: int) -> None:
    signature = signature_of(layout.columns)
    with services.db.write() as conn:
        standing = files.get(conn, found.id)
        if standing is None:
            return
        into, plan = first_plan(services, conn, asker, standing, layout.columns, signature)
        files.put(
            conn, standing, services.now(), stage="mapping", layout=layout.as_json(), signature=signature, rows=count,
            into=into, plan=plan.as_json(), counts={}, problems=[],
        )  # fmt: skip


def signature_of(columns: Sequence[str]) -> str:
    """Return what is the same for files with the same header."""
    return json.content_hash(list(columns))[:32]


def first_plan(
    services: Services, conn: sa.Connection, asker: User, found: Import, columns: Sequence[str], signature: str
) -> tuple[str, Plan]:
    """Return what the file goes into and how: as the last time, else what fits its header best."""
    known = {one.into: one for one in targets(services, conn, asker)}
    for habit in files.habits(conn, signature):
        if habit.into in known and found.into in ("", habit.into):
            goals = {goal.name: goal for goal in known[habit.into].goals}
            return habit.into, usable(Plan.of(habit.plan), goals, len(columns))
    if found.into in known:
        return found.into, suggested(services, conn, found.id, known[found.into], columns)
    filed = next((one for one in known.values() if one.columns and set(one.columns) <= set(columns)), None)
    return (filed.into, Plan()) if filed else ("", Plan())


def suggested(services: Services, conn: sa.Connection, import_id: str, target: Target, columns: Sequence[str]) -> Plan:
    """Return the plan that names and values of the file suggest."""
    sample = rows.after(conn, services.vault, import_id, 0, limit=SAMPLE)
    cells = [[row.cells[place] if place < len(row.cells) else "" for row in sample] for place in range(len(columns))]
    plan = suggest(target.goals, columns, cells)
    return Plan(plan.columns, plan.fixed, target.match(plan) or _apart(plan, target, cells))


def _apart(plan: Plan, target: Target, cells: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the first required text whose values all differ: it most likely tells records apart."""
    named = {goal.name: goal for goal in target.goals if goal.required and goal.kind == "text" and not goal.inside}
    for place, column in plan.columns.items():
        held = [cell.strip() for cell in cells[place]]
        if column.to in named and all(held) and len(set(held)) == len(held):
            return (column.to,)
    return ()
