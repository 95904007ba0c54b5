"""Importing: all rows are looked at once more, then written in one transaction, then told in a file that is kept.

Until that transaction nothing has happened: who cancels before leaves nothing behind. Only where a person chose to
import in parts is a batch written as soon as it was looked at.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.importing import Plan
from ordain.flows.importing import looking
from ordain.flows.importing.looking import BATCH, Looker
from ordain.flows.importing.result import result_file
from ordain.flows.importing.targets import Target, target_of
from ordain.flows.services import Services
from ordain.flows.working import Step
from ordain.records.actor import Origin, User, name_of
from ordain.store import audit
from ordain.store.imports import files, rows
from ordain.store.imports.files import Import
from ordain.store.work import Work

_WRITTEN: Final = ("new", "changed")


def run(services: Services, work: Work, asker: User) -> Step:
    """Do the next step of an import."""
    found = _import(services, work.subject)
    if found.stage == "done":  # a worker broke off after it was written
        return _told(services, found)
    if work.place.get("phase") == "write":
        return _write(services, found, work, asker)
    if work.place.get("phase") == "parts":
        return _part(services, found, work, asker)
    step = looking.look(services, found, work.place or {"phase": "again"}, asker)
    if not step.last:
        return step
    _refuse_bad(services, found)
    phase = "parts" if found.wish.get("in_parts") else "write"
    return Step(step.done, {"phase": phase})


def _refuse_bad(services: Services, found: Import) -> None:
    """Let nothing go in where rows have problems, unless the person chose to leave those out."""
    looking.settle(services, found.id, "running")
    with services.db.read() as conn:
        bad = rows.counts(conn, found.id).get("bad", 0)
    if bad and not found.wish.get("only_good"):
        raise Refused(
            [
                problem(
                    "",
                    "rows_with_problems",
                    f"{bad} 行有问题，什么都没有导入。请修正，或选择只导入没有问题的行",
                    f"{bad} rows have problems; nothing was imported. Mend them, or import the good rows only",
                )
            ]
        )


def _write(services: Services, found: Import, work: Work, asker: User) -> Step:
    """Write everything at once."""
    origin = work.origin(asker)
    try:
        with services.db.write() as conn:
            target = _target(services, found, asker)
            looker, head = Looker(services, found, target), 0
            while batch := rows.heads_after(
                conn, services.vault, found.id, head, limit=BATCH, fates=_WRITTEN, bare=not target.reads_cells
            ):
                looker.write(conn, batch, origin)
                head = batch[-1].head
            rows.left_out(conn, found.id)
            counts = rows.counts(conn, found.id)
            _end(services, conn, found, counts, origin)
    except IntegrityError:
        raise Refused([_meanwhile()]) from None
    return _told(services, _import(services, found.id))


def _part(services: Services, found: Import, work: Work, asker: User) -> Step:
    """Write the next batch by itself."""
    origin, head = work.origin(asker), int(work.place.get("after", 0))
    looker = Looker(services, found, _target(services, found, asker))
    with services.db.write() as conn:
        batch = rows.heads_after(conn, services.vault, found.id, head, limit=BATCH, fates=_WRITTEN)
        looker.write(conn, batch, origin)
        if not batch:
            rows.left_out(conn, found.id)
            _end(services, conn, found, rows.counts(conn, found.id), origin)
    if not batch:
        return _told(services, _import(services, found.id))
    return Step(0, {"phase": "parts", "after": batch[-1].head})


def _end(services: Services, conn: sa.Connection, found: Import, counts: dict[str, int], origin: Origin) -> None:
    now = services.now()
    standing = files.get(conn, found.id)
    if standing is None or not files.put(
        conn, standing, now, stage="done", counts=counts, finished_at=now, problems=[]
    ):
        raise Refused([_meanwhile()])
    if found.signature:
        files.keep_habit(conn, found.signature, found.into, Plan.of(found.plan).as_json(), now, name_of(origin.actor))
    audit.record(conn, origin, now, "import.write", f"import:{found.id}", None, {"into": found.into, **counts})


def _told(services: Services, found: Import) -> Step:
    """Return the last step with the file that tells every row's fate."""
    return Step(0, {"phase": "done"}, last=True, counts=dict(found.counts), file=result_file(services, found))


def _target(services: Services, found: Import, asker: User) -> Target:
    with services.db.read() as conn:
        target = target_of(services, conn, asker, found.into)
    if target is None:
        raise Refused([looking.no_target()])
    return target


def _import(services: Services, import_id: str) -> Import:
    return looking.import_of(services, import_id)


def _meanwhile() -> Problem:
    return problem(
        "",
        "changed_meanwhile",
        "检查之后有人改动了相同的数据，什么都没有导入。请再导入一次",
        "Somebody changed the same data after it was looked at; nothing was imported. Import once more",
    )
