"""Rows become records of a form: made, changed or left alone, checked by the very form that people fill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm, written_fields
from ordain.engines.importing import Goal, Plan, form_goals
from ordain.flows import protecting, recording
from ordain.flows.importing.units import Judged, Look, Unit, told_apart
from ordain.flows.services import Services
from ordain.language.schema import FastSchema
from ordain.records.access import Access
from ordain.records.actor import Origin, User
from ordain.store import audit, records
from ordain.store.access import access
from ordain.store.audit import Change
from ordain.store.definitions import Live
from ordain.store.imports.rows import Row
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import Shelf, shelf_of

INTO: Final = "record:"
_PAGE: Final = 500


def record_targets(live: Live, actor: User) -> list["Records"]:
    """Return the forms whose records this person may make or change."""
    found = []
    for form in recording.forms(live):
        given = access(live, actor, form.right)
        if (given.may("create") and form.made_here) or given.may("edit"):
            found.append(Records(form, shelf_of(form), given, _goals(form, given)))
    return found


def _goals(form: StaffForm, given: Access) -> tuple[Goal, ...]:
    written = written_fields(form, form.first, new=True)
    fields = {
        name: spec for name, spec in form.fields.items() if name in written and recording.reads(form, given, name)
    }
    return tuple(form_goals(fields))


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one form, for one person."""

    form: StaffForm
    shelf: Shelf
    given: Access
    goals: tuple[Goal, ...]
    columns: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    reads_cells: bool = False
    atomic: int = 1_000_000
    atomic_changes: int = 1_000_000

    @property
    def into(self) -> str:
        """Its name."""
        return f"{INTO}{self.form.key}"

    @property
    def title(self) -> Text:
        """The form's title."""
        return self.form.title

    @property
    def permission(self) -> str:
        """The right its work is held to."""
        return f"{self.form.right}.{'create' if self._makes() else 'edit'}"

    def match(self, plan: Plan) -> tuple[str, ...]:
        """Return what the person chose, else what names a record of a built-in type."""
        named = next((name for name, column in self.shelf.columns.items() if column is self.shelf.label), "")
        chosen = tuple(name for name in plan.match if plan.fills(name))
        return chosen or ((named,) if named and plan.fills(named) else ())

    def missing(self, plan: Plan, _names: Sequence[str]) -> list[Problem]:
        """Return that nothing is mapped, or that records could neither be made nor told apart."""
        if not plan.columns:
            return [problem("columns", "nothing_mapped", "请至少对应一列", "map at least one column")]
        if not self._makes() and not self.match(plan):
            return [
                problem(
                    "match",
                    "no_key",
                    "请选择用哪一列找到已有记录",
                    "choose the column that finds the records there are",
                )
            ]
        wanted = [goal for goal in self.goals if goal.required and not goal.inside and not plan.fills(goal.name)]
        if self.match(plan) and self.given.may("edit"):
            return []  # records that stand have these fields already; new ones are told row by row
        return [
            problem(
                goal.name, "required", f"缺少必填字段“{goal.title.zh}”", f"the required “{goal.title.en}” is missing"
            )
            for goal in wanted
        ]

    def keys(self, look: Look, _row: Row, values: Mapping[str, Any]) -> str | None:
        """Return the values of what tells records apart, or of the whole row."""
        match = self.match(look.plan)
        if match:
            return told_apart([values.get(name) for name in match]) if any(values.get(name) for name in match) else None
        flat = {column.to: values.get(column.to) for column in look.plan.columns.values()}
        return told_apart([flat[name] for name in sorted(flat)])

    def standing(self, look: Look, after: str | None) -> tuple[dict[str, str], str | None]:
        """Return a page of the records that stand, by what tells them apart."""
        page, following = records.page(look.conn, self.shelf, self.given, RecordQuery(), limit=_PAGE, after=after)
        names = self.match(look.plan) or tuple(sorted(column.to for column in look.plan.columns.values()))
        found: dict[str, str] = {}
        for item in page:
            data = recording.opened(look.services, self.form, item)
            found.setdefault(told_apart([_at(data, name) for name in names]), item.id)
        return found, following

    def judge(self, look: Look, units: Sequence[Unit]) -> list[Judged]:
        """Return what each unit would become, by the form's own validators and the person's rights."""
        ids = [unit.stands for unit in units if unit.stands]
        there = {item.id: item for item in records.some(look.conn, self.shelf, self.given, ids)}
        checker = _Checker(self.form)
        return [self._one(look, unit, there.get(unit.stands), checker) for unit in units]

    def write(self, look: Look, groups: Sequence[Sequence[Row]], origin: Origin) -> Mapping[int, tuple[str, str]]:
        """Add what is new and write what changed; Refused where a record changed since it was looked at."""
        conn, now = look.conn, look.services.now()
        number = records.next_number(conn, self.shelf)
        fresh: list[tuple[Record, str]] = []
        told: list[tuple[Origin, Change]] = []
        subjects: dict[int, tuple[str, str]] = {}
        for rows in groups:
            first = rows[0]
            made = first.made or {}
            entity = recording.entity(self.form, made["id"])
            if first.fate == "new":
                record = recording.fresh(self.form, made["id"], made["data"], number + len(fresh), origin, now)
                fresh.append((record, made["words"]))
                told.append((origin, Change(f"{self.form.record}.create", entity, None, {"state": record.state})))
            else:
                self._change(conn, made, now)
                was, is_now = {"state": made["state"]}, {"state": made["state"], "changed": made["changed"]}
                told.append((origin, Change(f"{self.form.record}.change", entity, was, is_now)))
            subjects |= {row.number: (first.fate, made["id"]) for row in rows}
        records.add_all(conn, self.shelf, fresh)
        for record, _ in fresh:
            recording.own(conn, self.form, self.given, record)
        audit.record_all(conn, now, told)
        return subjects

    def _makes(self) -> bool:
        return self.given.may("create") and self.form.made_here

    def _one(self, look: Look, unit: Unit, stands: Record | None, checker: "_Checker") -> Judged:
        data, services = unit.piece.data, look.services
        doubled = self._doubled(look.plan, unit)
        if doubled:
            return Judged("bad", doubled)
        if stands is None:
            return self._new(services, data, checker)
        before = recording.opened(services, self.form, stands)
        changed = sorted(name for name in data if told_apart([before.get(name)]) != told_apart([data[name]]))
        if not changed:
            return Judged("unchanged", subject=stands.id)
        whole = {**before, **data}
        found = [] if self.given.may("edit") else [_not_allowed("edit")]
        mine = recording.written(self.form, self.given, stands.state)
        barred = recording.barred(self.form, before, whole, stands.state)
        found += barred or [recording.not_writable(name) for name in changed if name not in mine]
        if not recording.reaches(look.conn, self.form, self.given, stands, "edit"):
            found.append(recording.not_yours())
        found += checker.problems(whole, stands.state)
        if found:
            return Judged("bad", found, subject=stands.id)
        made = {
            "form": self.form.key,
            "id": stands.id,
            "version": stands.version,
            "state": stands.state,
            "changed": changed,
            "data": protecting.sealed(services.vault, self.form, stands.id, whole),
            "words": recording.words(self.form, whole),
        }
        return Judged("changed", made=made, subject=stands.id)

    def _new(self, services: Services, data: Mapping[str, Any], checker: "_Checker") -> Judged:
        mine = recording.written(self.form, self.given, self.form.first, new=True)
        found = [] if self._makes() else [_not_allowed("create")]
        found += [recording.not_writable(name) for name in data if name not in mine and self._makes()]
        found += checker.problems(data, self.form.first)
        if found:
            return Judged("bad", found)
        record_id = recording.id_of(services, self.form, data)
        made = {
            "form": self.form.key,
            "id": record_id,
            "data": protecting.sealed(services.vault, self.form, record_id, recording.filled(self.form, data)),
            "words": recording.words(self.form, data),
        }
        return Judged("new", made=made)

    def _doubled(self, plan: Plan, unit: Unit) -> list[Problem]:
        if len(unit.rows) == 1 or any(column.to in _inner(self.goals) for column in plan.columns.values()):
            return []
        first = unit.values[0]
        for row, values in zip(unit.rows[1:], unit.values[1:], strict=True):
            if values != first:
                key = (self.match(plan) or ("",))[0]
                return [
                    problem(
                        key,
                        "doubled",
                        f"第 {row.number} 行与第 {unit.rows[0].number} 行相同，但其他内容不同",
                        f"row {row.number} has the same as row {unit.rows[0].number}, but differs elsewhere",
                    )
                ]
        return []

    def _change(self, conn: sa.Connection, made: Mapping[str, Any], now: Any) -> None:
        standing = records.some(conn, self.shelf, self.given, [made["id"]])
        if not standing or standing[0].version != made["version"]:
            raise Refused([_meanwhile()])
        record = replace(standing[0], data=made["data"], version=made["version"] + 1, updated_at=now)
        written = written_fields(self.form, record.state, new=False) if self.form.built_in else None
        if not records.put(conn, self.shelf, record, made["words"], [*written] if written is not None else None):
            raise Refused([_meanwhile()])


class _Checker:
    """Asks the form about records; its fast validator spares most rows the one that explains itself."""

    def __init__(self, form: StaffForm) -> None:
        self._form = form
        self._fast = FastSchema(form.schema)

    def problems(self, data: Mapping[str, Any], state: str) -> list[Problem]:
        """Return what the form says of a record."""
        given = {name: value for name, value in data.items() if name not in self._form.fixed}
        return recording.check(self._form, data, state) if self._fast.problems(given) else []


def _inner(goals: Sequence[Goal]) -> set[str]:
    return {goal.name for goal in goals if goal.inside}


def _at(data: Mapping[str, Any], name: str) -> Any:
    """Return a field's value; of a field inside a list that of the only entry, for rows that stand alone."""
    head, _, inner = name.partition(".")
    value = data.get(head)
    if not inner:
        return value
    return value[0].get(inner) if isinstance(value, list) and len(value) == 1 else None


def _not_allowed(action: str) -> Problem:
    zh, en = ("新建", "make") if action == "create" else ("修改", "change")
    return problem(
        "", "not_allowed", f"您的角色不能{zh}此类记录", f"your role may not {en} such records; ask an administrator"
    )


def _meanwhile() -> Problem:
    return problem(
        "",
        "changed_meanwhile",
        "有记录在检查之后被他人修改，什么都没有导入。请再导入一次",
        "A record was changed by somebody after it was looked at; nothing was imported. Import once more",
    )
