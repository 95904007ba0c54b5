"""Looking at rows: what tells them apart, what stands already, and what each would become. Nothing else is written."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.importing import Goal, Plan, RowReader, Trouble, place_of
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.targets import Target, target_of
from ordain.flows.importing.units import Judged, Look, Unit, units_of
from ordain.flows.services import Services
from ordain.flows.working import Step
from ordain.records.actor import Origin, User
from ordain.store.imports import faults, files, known, rows
from ordain.store.imports.faults import Verdict
from ordain.store.imports.files import Import
from ordain.store.imports.rows import CellFault, Row
from ordain.store.work import Work

BATCH: Final = 500


def check(services: Services, work: Work, asker: User) -> Step:
    """Do the next step of looking at all rows; with the last, say how many would become what."""
    found = import_of(services, work.subject)
    step = look(services, found, work.place, asker)
    if step.last:
        settle(services, found.id, "ready")
    return step


def look(services: Services, found: Import, place: Mapping[str, Any], asker: User) -> Step:
    """Mark rows, then gather what stands, then judge; `place` says where this goes on."""
    with services.db.read() as conn:
        target = target_of(services, conn, asker, found.into)
    if target is None:
        raise Refused([no_target()])
    looker = Looker(services, found, target)
    match place.get("phase", "mark"):
        case "mark":
            return looker.mark(int(place.get("after", 0)))
        case "again":
            return looker.again()
        case "stand":
            return looker.stand(place.get("after"))
        case _:
            return looker.judge(int(place.get("after", 0)))


def settle(services: Services, import_id: str, stage: str) -> None:
    """Write the stage, and how many rows have which fate."""
    with services.db.write() as conn:
        standing = files.get(conn, import_id)
        if standing is not None:
            files.put(conn, standing, services.now(), stage=stage, counts=rows.counts(conn, import_id), problems=[])


class Looker:
    """Looks at the rows of one import for one target."""

    def __init__(self, services: Services, found: Import, target: Target) -> None:
        self._services = services
        self._found = found
        self._target = target
        self._names = Layout.of(found.layout).columns
        self._plan = Plan.of(found.plan)
        self._goals: Mapping[str, Goal] = {goal.name: goal for goal in target.goals}
        self._reader = RowReader(self._plan, self._goals, services.settings.timezone)

    def mark(self, after: int) -> Step:
        """Write what tells the next rows apart; at the end, let those that share it belong together."""
        services, import_id = self._services, self._found.id
        for _ in range(8):
            with services.db.read() as conn:
                batch = rows.after(conn, services.vault, import_id, after, limit=BATCH)
                marks = {row.number: self.mark_of(conn, row) for row in batch}
            with services.db.write() as conn:
                rows.put_marks(conn, import_id, marks)
                if len(batch) < BATCH:
                    rows.gather(conn, import_id)
                    known.forget(conn, import_id)
            if len(batch) < BATCH:
                return Step(0, {"phase": "stand"}, total=self._found.rows)
            after = batch[-1].number
        return Step(0, {"phase": "mark", "after": after}, total=self._found.rows)

    def again(self) -> Step:
        """Forget what stood; the marks of rows are still true."""
        with self._services.db.write() as conn:
            known.forget(conn, self._found.id)
        return Step(0, {"phase": "stand"}, total=self._found.rows)

    def mark_of(self, conn: sa.Connection, row: Row) -> str | None:
        """Return what stands for what tells a row apart."""
        values, _ = self._reader.read(row.cells)
        key = self._target.keys(self._look(conn), row, values)
        return self._blind(key) if key else None

    def stand(self, after: str | None) -> Step:
        """Gather a few pages of the records that stand."""
        services = self._services
        for _ in range(10):
            with services.db.read() as conn:
                page, following = self._target.standing(self._look(conn), after)
            if page:
                with services.db.write() as conn:
                    known.add(conn, self._found.id, {self._blind(key): record for key, record in page.items()})
            if following is None:
                return Step(0, {"phase": "judge"})
            after = following
        return Step(0, {"phase": "stand", "after": after})

    def judge(self, head: int) -> Step:
        """Judge the next groups of rows."""
        services, done = self._services, 0
        for _ in range(4):
            with services.db.read() as conn:
                batch = rows.heads_after(conn, services.vault, self._found.id, head, limit=BATCH)
                verdicts = self.verdicts(conn, batch)
            if not batch:
                return Step(done, {"phase": "judge", "after": head}, last=True)
            with services.db.write() as conn:
                faults.judge(conn, services.vault, self._found.id, verdicts)
            done, head = done + len(batch), batch[-1].head
        return Step(done, {"phase": "judge", "after": head})

    def verdicts(self, conn: sa.Connection, batch: Sequence[Row]) -> list[Verdict]:
        """Return what rows would become; they come as whole groups."""
        units = self.units(conn, batch)
        judged = self._target.judge(self._look(conn), units)
        return [found for unit, one in zip(units, judged, strict=True) for found in self._of_unit(unit, one)]

    def units(self, conn: sa.Connection, batch: Sequence[Row]) -> list[Unit]:
        """Return rows as the units they make, each with the record that stands for it."""
        marks = {row.head: row.mark for row in batch if row.mark}
        there = known.find(conn, self._found.id, set(marks.values())) if marks else {}
        stands = {head: there[mark] for head, mark in marks.items() if mark in there}
        return list(units_of(batch, self._reader, self._goals, stands))

    def write(self, conn: sa.Connection, batch: Sequence[Row], origin: Origin) -> None:
        """Make rows so that were judged, in the running transaction."""
        if batch:
            groups = [list(group) for _, group in groupby(batch, key=lambda row: row.head)]
            done = self._target.write(self._look(conn), groups, origin)
            rows.put_subjects(conn, self._found.id, done)

    def _of_unit(self, unit: Unit, judged: Judged) -> list[Verdict]:
        """Return the verdicts on a unit's rows; one bad row makes all of them bad, each fault beside its cell."""
        faults: list[list[tuple[CellFault, str]]] = [
            [*_ragged(row, self._names), *(_fault(row, trouble) for trouble in own)]
            for row, own in zip(unit.rows, unit.trouble, strict=True)
        ]
        for found in judged.problems:
            at, column = self._place(unit, found)
            if not any(trouble.path == found.path for own in unit.trouble for trouble in own):
                faults[at].append(_problem_fault(unit.rows[at], column, self._named(column, found)))
        bad = judged.fate == "bad" or any(faults)
        fate = "bad" if bad else judged.fate
        made = None if bad else judged.made
        return [
            Verdict(
                row.number, fate, tuple(fault for fault, _ in own),
                made if place == 0 else None, judged.subject, {fault.column: value for fault, value in own},
            )
            for place, (row, own) in enumerate(zip(unit.rows, faults, strict=True))
        ]  # fmt: skip

    def _named(self, column: int | None, found: Problem) -> Problem:
        """Return a problem that no column is to blame for with its field's name in its sentence."""
        goal = self._goals.get(found.path)
        if column is not None or goal is None:
            return found
        zh, en = f"{goal.title.zh}：{found.message.zh}", f"{goal.title.en}: {found.message.en}"
        return problem(found.path, found.code, zh, en)

    def _place(self, unit: Unit, found: Problem) -> tuple[int, int | None]:
        fills = self._target.fills
        if not fills:
            return place_of(self._plan, unit.piece, found.path)
        head, _, rest = found.path.partition(".")
        number, _, inner = rest.partition(".")
        at = int(number) if number.isdecimal() else 0
        name = fills.get(f"{head}.{inner}" if inner else found.path)
        column = self._names.index(name) if name in self._names else None
        return min(at, len(unit.rows) - 1), column

    def _look(self, conn: sa.Connection) -> Look:
        return Look(self._services, conn, self._plan, self._names, self._reader)

    def _blind(self, key: str) -> str:
        return self._services.vault.blind("import.mark", f"{self._found.id}|{key}")


def _ragged(row: Row, names: Sequence[str]) -> list[tuple[CellFault, str]]:
    more = len(row.cells) - len(names)
    if more <= 0:
        return []
    text = {
        "zh": f"此行比表头多 {more} 列，多半是内容中有未加引号的分隔符",
        "en": f"the row has {more} cells more than the header: often a delimiter inside a text without quotes",
    }
    return [(CellFault(-1, "ragged_row", text), "")]


def _fault(row: Row, trouble: Trouble) -> tuple[CellFault, str]:
    column = -1 if trouble.column is None else trouble.column
    value = row.cells[column] if 0 <= column < len(row.cells) else ""
    return CellFault(column, trouble.code, trouble.text.as_json()), value


def _problem_fault(row: Row, column: int | None, found: Problem) -> tuple[CellFault, str]:
    place = -1 if column is None else column
    value = row.cells[place] if 0 <= place < len(row.cells) else ""
    return CellFault(place, found.code[:64], found.message.as_json()), value


def import_of(services: Services, import_id: str) -> Import:
    """Return an import; Refused where it was deleted meanwhile."""
    with services.db.read() as conn:
        found = files.get(conn, import_id)
    if found is None:
        raise Refused([problem("", "gone", "这次导入已被删除", "This import was deleted")])
    return found


def no_target() -> Problem:
    """Return that this person may not, or no longer, import there."""
    return problem(
        "into",
        "no_target",
        "您的角色不能导入到这里，或它已不存在",
        "Your role may not import into this, or it is no longer there",
    )
