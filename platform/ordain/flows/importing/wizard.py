"""The wizard: what a person does with a file, step by step, today or next week. Doors call these and nothing else.

Whoever is not the owner gets None, as if there were no such import.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.engines.importing import Plan
from ordain.engines.importing.plan import Column
from ordain.engines.tabular import ENCODINGS
from ordain.flows import working
from ordain.flows.importing import looking
from ordain.flows.importing.looking import Looker
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.targets import Target, target_of, targets
from ordain.flows.services import Services
from ordain.flows.working import Wanted
from ordain.records.actor import Origin, User
from ordain.store import audit
from ordain.store import work as works
from ordain.store.imports import files, rows
from ordain.store.imports.files import Import
from ordain.store.imports.rows import FaultKind
from ordain.store.work import Work

MOST_BYTES: Final = 25_000_000
READ, CHECK, RUN = "import.read", "import.check", "import.run"
State = Literal["reading", "unread", "mapping", "checking", "ready", "running", "done"]
_FALLS_TO: Final[Mapping[str, State]] = {"reading": "unread", "checking": "mapping", "running": "ready"}
_TITLES: Final = {
    READ: Text("读取“{}”", "Reading {}"),
    CHECK: Text("检查“{}”", "Looking at {}"),
    RUN: Text("导入“{}”", "Importing {}"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An import as it stands: its state, and the work that goes on or ended for it."""

    found: Import
    state: State
    work: Work | None

    @property
    def problems(self) -> Sequence[Problem]:
        """What kept the last step from ending well."""
        ended = self.work is not None and self.work.ended and self.work.state != "done"
        return tuple(self.work.problems) if ended and self.work is not None else ()


def begin(services: Services, name: str, data: bytes, origin: Origin, *, into: str = "") -> Import:
    """Keep a file and begin to read it; Refused where this person may import nothing, or it is too large."""
    actor = _person(origin)
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
    return _start(services, made, READ, chosen.permission, origin)


def standing(services: Services, import_id: str, actor: User) -> Standing | None:
    """Return one import of this person's own."""
    with services.db.read() as conn:
        found = files.get(conn, import_id)
        if found is None or found.owner != actor.id:
            return None
        work = works.get(conn, services.vault, found.work) if found.work else None
    return _stands(found, work)


def all_of(services: Services, actor: User) -> list[Standing]:
    """Return this person's imports, newest first."""
    with services.db.read() as conn:
        found = files.of(conn, actor.id)
        return [_stands(one, works.get(conn, services.vault, one.work) if one.work else None) for one in found]


def lay_out(services: Services, at: Standing, wanted: Mapping[str, Any], origin: Origin) -> Import:
    """Read the file anew: another sheet, header, encoding or delimiter; Refused where an encoding is unknown."""
    _allow(at, "unread", "mapping", "ready")
    encoding = str(wanted.get("encoding", ""))
    if encoding and encoding not in ENCODINGS:
        raise Refused([problem("encoding", "unknown_encoding", "不支持此编码", "this encoding is not known")])
    layout = Layout(
        encoding=encoding, delimiter=str(wanted.get("delimiter", ""))[:1], sheet=str(wanted.get("sheet", "")),
        header=int(wanted.get("header", 0)),
    )  # fmt: skip
    with services.db.read() as conn:
        permission = _any_permission(services, conn, _person(origin), at.found.into)
    made = _written(services, at.found, stage="reading", layout=layout.as_json(), counts={})
    return _start(services, made, READ, permission, origin)


def choose(services: Services, at: Standing, into: str, actor: User) -> Import:
    """Say what the file goes into; its columns are suggested anew."""
    _allow(at, "mapping", "ready")
    found = at.found
    with services.db.read() as conn:
        target = _target(services, conn, actor, into)
        columns = Layout.of(found.layout).columns
        habit = next((one for one in files.habits(conn, found.signature) if one.into == into), None)
        plan = Plan.of(habit.plan) if habit else looking.suggested(services, conn, found.id, target, columns)
    return _written(services, found, stage="mapping", into=into, plan=plan.as_json(), counts={})


def plan(services: Services, at: Standing, made: Plan, origin: Origin) -> Import:
    """Keep the plan and look at all rows by it; Refused, but kept, where it lacks something."""
    _allow(at, "mapping", "ready")
    actor, found = _person(origin), at.found
    with services.db.read() as conn:
        target = _target(services, conn, actor, found.into)
    names = Layout.of(found.layout).columns
    usable = _usable(made, target, len(names))
    problems = _twice(usable, target) + target.missing(usable, names)
    if problems:
        _written(services, found, stage="mapping", plan=usable.as_json())
        raise Refused(problems)
    kept = _written(services, found, stage="checking", plan=usable.as_json(), counts={})
    return _start(services, kept, CHECK, target.permission, origin)


def mend(services: Services, at: Standing, number: int, column: int, value: str, actor: User) -> bool:
    """Write one cell and look at its rows again; False where there is no such cell."""
    _allow(at, "ready")
    found = at.found
    with services.db.write() as conn:
        row = rows.get(conn, services.vault, found.id, number)
        names = Layout.of(found.layout).columns
        if row is None or not 0 <= column < len(names):
            return False
        looker = Looker(services, found, _target(services, conn, actor, found.into))
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
        rows.judge(conn, services.vault, found.id, looker.verdicts(conn, again))
        files.put(conn, found, services.now(), counts=rows.counts(conn, found.id))
    return True


def mend_all(services: Services, at: Standing, kind: FaultKind, value: str, origin: Origin) -> Import:
    """Write the same value into every row that has this problem, and look at all rows again."""
    _allow(at, "ready")
    found, actor = at.found, _person(origin)
    with services.db.read() as conn:
        target = _target(services, conn, actor, found.into)
    if not 0 <= kind.column < len(Layout.of(found.layout).columns):
        raise Refused(
            [problem("", "no_column", "此问题不在某一列中，请改对应关系", "no column is to blame; mend the mapping")]
        )
    number = 0
    while True:
        with services.db.write() as conn:
            batch = rows.alike(conn, services.vault, found.id, kind, number)
            mended = {row.number: _with(row.cells, kind.column, value) for row in batch}
            rows.put_cells(conn, services.vault, found.id, mended)
        if not batch:
            break
        number = batch[-1].number
    kept = _written(services, found, stage="checking")
    return _start(services, kept, CHECK, target.permission, origin)


def confirm(services: Services, at: Standing, origin: Origin, *, only_good: bool, in_parts: bool = False) -> Import:
    """Import; Refused where rows have problems and are not to be left out, or where it is too much for one go."""
    _allow(at, "ready")
    found, actor = at.found, _person(origin)
    with services.db.read() as conn:
        target = _target(services, conn, actor, found.into)
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
    kept = _written(services, found, stage="running", wish={"only_good": only_good, "in_parts": in_parts})
    return _start(services, kept, RUN, target.permission, origin)


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
    _allow(at, "ready")
    return _written(services, at.found, stage="mapping")


def forget(services: Services, at: Standing, origin: Origin) -> None:
    """Delete an import with its file and rows; what was imported stays. Refused while something goes on."""
    if at.work is not None and not at.work.ended:
        raise Refused([problem("", "going_on", "请先取消正在进行的步骤", "cancel what goes on first")])
    with services.db.write() as conn:
        files.drop(conn, at.found.id)
        audit.record(conn, origin, services.now(), "import.forget", f"import:{at.found.id}")


def _start(services: Services, found: Import, kind: str, permission: str, origin: Origin) -> Import:
    """Begin a step of long work, with a head start here; return the import as it stands then."""
    from ordain.flows.works import WORKS

    title = _TITLES[kind]
    named = Text(title.zh.format(found.name), title.en.format(found.name))
    total = found.rows if kind != READ else None
    begun = working.start(services, Wanted(kind, permission, named, found.id, total=total), origin)
    kept = _written(services, found, work=begun.id)
    working.run(services, begun.id, WORKS, seconds=1.0)
    with services.db.read() as conn:
        return files.get(conn, found.id) or kept


def _written(services: Services, found: Import, **values: Any) -> Import:
    with services.db.write() as conn:
        if not files.put(conn, found, services.now(), **values):
            raise Refused(
                [problem("", "stale", "此导入刚被改动，请刷新后再试", "this import was just changed; load it anew")]
            )
        made = files.get(conn, found.id)
    if made is None:
        raise AssertionError("what was written is there")
    return made


def _stands(found: Import, work: Work | None) -> Standing:
    ended = found.stage in _FALLS_TO and (work is None or (work.ended and work.state != "done"))
    return Standing(found, _FALLS_TO[found.stage] if ended else found.stage, work)


def _allow(at: Standing, *states: State) -> None:
    if at.state not in states:
        raise Refused(
            [problem("", "not_now", "此步骤现在不能进行，请刷新页面", "this cannot be done now; load the page anew")]
        )


def _target(services: Services, conn: sa.Connection, actor: User, into: str) -> Target:
    target = target_of(services, conn, actor, into)
    if target is None:
        raise Refused([looking.no_target()])
    return target


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


def _with(cells: Sequence[str], column: int, value: str) -> tuple[str, ...]:
    whole = [*cells, *[""] * (column + 1 - len(cells))]
    whole[column] = value.replace("\0", "")[:32_767]
    return tuple(whole)


def _named(name: str) -> str:
    """Return a file's name without any path, short enough to show."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in own if sign.isprintable())[:120] or "import"


def _person(origin: Origin) -> User:
    if not isinstance(origin.actor, User):
        raise TypeError("an import has an owner")
    return origin.actor


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
