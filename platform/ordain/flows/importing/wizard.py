"""The wizard: what a person does with a file, step by step, today or next week. Doors call these and nothing else.

Whoever is not the owner gets None, as if there were no such import.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.importing import Plan
from ordain.engines.importing.plan import Column
from ordain.engines.tabular import ENCODINGS
from ordain.flows import working
from ordain.flows.importing import looking, staging
from ordain.flows.importing.mending import mend, mend_all
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.steps import (
    CHECK,
    READ,
    RUN,
    Standing,
    allow,
    begin_step,
    person_of,
    standing,
    stands,
    target_for,
    written,
)
from ordain.flows.importing.targets import Target, targets
from ordain.flows.services import Services
from ordain.records.actor import Origin, User
from ordain.store import audit
from ordain.store import work as works
from ordain.store.imports import files
from ordain.store.imports.files import Import

MOST_BYTES: Final = 25_000_000


def begin(services: Services, name: str, data: bytes, origin: Origin, *, into: str = "") -> Import:
    """Keep a file and begin to read it; Refused where this person may import nothing, or it is too large."""
    actor = person_of(origin)
    with services.db.read() as conn:
        known = targets(services, conn, actor)
    if not known:
        raise Refused([looking.no_target()])
    if len(data) > MOST_BYTES:
        raise Refused([_too_many_bytes()])
    if not data:
        raise Refused([problem("file", "empty_file", "请选择一个有内容的文件", "Choose a file that holds something")])
    now = services.now()
    made = Import(services.new_id(), _named(name), len(data), actor.id, "reading", into, now, now)
    with services.db.write() as conn:
        files.add(conn, services.vault, made, data)
        audit.record(conn, origin, now, "import.begin", f"import:{made.id}", None, {"size": len(data)})
    chosen = next((one for one in known if one.into == into), known[0])
    return begin_step(services, made, READ, chosen.permission, origin)


def all_of(services: Services, actor: User) -> list[Standing]:
    """Return this person's imports, newest first."""
    with services.db.read() as conn:
        found = files.of(conn, actor.id)
        return [stands(one, works.get(conn, services.vault, one.work) if one.work else None) for one in found]


def lay_out(services: Services, at: Standing, wanted: Mapping[str, Any], origin: Origin) -> Import:
    """Read the file anew: another sheet, header, encoding or delimiter; Refused where an encoding is unknown."""
    allow(at, "unread", "mapping", "ready")
    encoding = str(wanted.get("encoding", ""))
    if encoding and encoding not in ENCODINGS:
        raise Refused([problem("encoding", "unknown_encoding", "不支持此编码", "this encoding is not known")])
    layout = Layout(
        encoding=encoding, delimiter=str(wanted.get("delimiter", ""))[:1], sheet=str(wanted.get("sheet", "")),
        header=int(wanted.get("header", 0)),
    )  # fmt: skip
    with services.db.read() as conn:
        permission = _any_permission(services, conn, person_of(origin), at.found.into)
    made = written(services, at.found, stage="reading", layout=layout.as_json(), counts={})
    return begin_step(services, made, READ, permission, origin)


def choose(services: Services, at: Standing, into: str, actor: User) -> Import:
    """Say what the file goes into; its columns are suggested anew."""
    allow(at, "mapping", "ready")
    found = at.found
    with services.db.read() as conn:
        target = target_for(services, conn, actor, into)
        columns = Layout.of(found.layout).columns
        habit = next((one for one in files.habits(conn, found.signature) if one.into == into), None)
        plan = Plan.of(habit.plan) if habit else staging.suggested(services, conn, found.id, target, columns)
    return written(services, found, stage="mapping", into=into, plan=plan.as_json(), counts={})


def plan(services: Services, at: Standing, made: Plan, origin: Origin) -> Import:
    """Keep the plan and look at all rows by it; Refused, but kept, where it lacks something."""
    allow(at, "mapping", "ready")
    actor, found = person_of(origin), at.found
    with services.db.read() as conn:
        target = target_for(services, conn, actor, found.into)
    names = Layout.of(found.layout).columns
    usable = _usable(made, target, len(names))
    problems = _twice(usable, target) + target.missing(usable, names)
    if problems:
        written(services, found, stage="mapping", plan=usable.as_json())
        raise Refused(problems)
    kept = written(services, found, stage="checking", plan=usable.as_json(), counts={})
    return begin_step(services, kept, CHECK, target.permission, origin)


def confirm(services: Services, at: Standing, origin: Origin, *, only_good: bool, in_parts: bool = False) -> Import:
    """Import; Refused where rows have problems and are not to be left out, or where it is too much for one go."""
    allow(at, "ready")
    found, actor = at.found, person_of(origin)
    with services.db.read() as conn:
        target = target_for(services, conn, actor, found.into)
    if found.counts.get("bad") and not only_good:
        raise Refused(
            [
                problem(
                    "only_good",
                    "rows_with_problems",
                    "有问题的行请先修正，或不导入",
                    "mend the bad rows, or leave them out",
                )
            ]
        )
    if not in_parts and needs_parts(found, target):
        raise Refused([_too_many(target)])
    kept = written(services, found, stage="running", wish={"only_good": only_good, "in_parts": in_parts})
    return begin_step(services, kept, RUN, target.permission, origin)


def needs_parts(found: Import, target: Target) -> bool:
    """Tell whether these are more rows than go in all at once."""
    counts = found.counts
    return counts.get("new", 0) + counts.get("changed", 0) > target.atomic or (
        counts.get("changed", 0) > target.atomic_changes
    )


def stop(services: Services, at: Standing, origin: Origin) -> bool:
    """Stop what goes on; what is not yet written is not written."""
    return at.work is not None and working.stop(services, at.work.id, origin)


def back(services: Services, at: Standing) -> Import:
    """Go back to the mapping."""
    allow(at, "ready")
    return written(services, at.found, stage="mapping")


def forget(services: Services, at: Standing, origin: Origin) -> None:
    """Delete an import with its file and rows; what was imported stays. Refused while something goes on."""
    if at.work is not None and not at.work.ended:
        raise Refused([problem("", "going_on", "请先取消正在进行的步骤", "cancel what goes on first")])
    with services.db.write() as conn:
        files.drop(conn, at.found.id)
        audit.record(conn, origin, services.now(), "import.forget", f"import:{at.found.id}")


def _any_permission(services: Services, conn: sa.Connection, actor: User, into: str) -> str:
    known = targets(services, conn, actor)
    if not known:
        raise Refused([looking.no_target()])
    return next((one.permission for one in known if one.into == into), known[0].permission)


def _usable(made: Plan, target: Target, width: int) -> Plan:
    names = {goal.name for goal in target.goals}
    columns = {place: one for place, one in made.columns.items() if 0 <= place < width and one.to in names}
    fixed = {name: text[:500] for name, text in made.fixed.items() if name in names and text}
    return Plan(columns, fixed, tuple(name for name in made.match if name in names))


def _twice(made: Plan, target: Target) -> list[Problem]:
    titles = {goal.name: goal.title for goal in target.goals}
    filled = [column.to for column in made.columns.values()]
    return [
        problem(
            name,
            "filled_twice",
            f"“{titles[name].zh}”对应了两列，请只留一列",
            f"two columns fill “{titles[name].en}”; keep one",
        )
        for name in sorted({name for name in filled if filled.count(name) > 1})
    ]


def _named(name: str) -> str:
    """Return a file's name without any path, short enough to show."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in own if sign.isprintable())[:120] or "import"


def _too_many_bytes() -> Problem:
    most = MOST_BYTES // 1_000_000
    return problem("file", "too_large", f"文件超过 {most} MB，请拆分", f"The file is over {most} MB; split it")


def _too_many(target: Target) -> Problem:
    return problem(
        "in_parts",
        "too_many_rows",
        f"一次最多整批导入 {target.atomic} 行（其中更新最多 {target.atomic_changes} 行）。请拆分文件，或选择分批导入",
        f"At most {target.atomic} rows go in at once, {target.atomic_changes} as changes; split it, or import in parts",
    )


__all__ = [
    "Column", "Plan", "Standing", "all_of", "back", "begin", "choose", "confirm", "forget", "lay_out", "mend",
    "mend_all", "needs_parts", "plan", "standing", "stop",
]  # fmt: skip
