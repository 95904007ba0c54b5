"""Rows write the business's own fields of orders, found by their number, ours or the channel's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ordain.base.errors import Problem, problem
from ordain.base.ids import new_id
from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm
from ordain.engines.importing import NUMBER, Goal, Plan, form_goals
from ordain.flows import protecting
from ordain.flows.extending import order_form
from ordain.flows.importing.units import Judged, Look, Unit, told_apart
from ordain.language.schema import check_document
from ordain.records.access import Access
from ordain.records.actor import Origin, User, name_of
from ordain.store import audit
from ordain.store.access import access
from ordain.store.audit import Change
from ordain.store.definitions import Live
from ordain.store.imports.rows import Row
from ordain.store.orders import keep
from ordain.store.orders.numbers import own_fields_by_number

INTO: Final = "fields:order"
_NUMBER: Final = Goal(
    NUMBER, Text("订单号", "Order number"), required=True,
    words=("订单号", "订单编号", "平台订单号", "单号", "order number", "order no", "order id", "number", "tid"),
)  # fmt: skip


def fields_target(live: Live, actor: User) -> list["Fields"]:
    """Return the orders' own fields, where there are any and this person may write them."""
    form, given = order_form(live), access(live, actor, "order")
    if form is None or not given.may("edit"):
        return []
    fields = {name: spec for name, spec in form.fields.items() if given.reads(name) and given.writes(name)}
    return [Fields(form, given, (_NUMBER, *form_goals(fields)))]


@dataclass(frozen=True, slots=True)
class Fields:
    """The own fields of the orders that one person sees."""

    form: StaffForm
    given: Access
    goals: tuple[Goal, ...]
    into: str = INTO
    permission: str = "order.edit"
    columns: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    reads_cells: bool = False
    atomic: int = 1_000_000
    atomic_changes: int = 1_000_000

    @property
    def title(self) -> Text:
        """What this is called."""
        return Text("订单的自定义字段", "Orders' own fields")

    def match(self, _plan: Plan) -> tuple[str, ...]:
        """Return the order's number."""
        return (NUMBER,)

    def missing(self, plan: Plan, _names: Sequence[str]) -> list[Problem]:
        """Return that no number is mapped, or nothing to write."""
        if plan.column_of(NUMBER) is None:
            return [problem(NUMBER, "required", "请指定订单号所在的列", "say which column holds the order's number")]
        if len(plan.columns) < 2:
            return [problem("columns", "nothing_mapped", "请至少再对应一列", "map at least one more column")]
        return []

    def keys(self, _look: Look, _row: Row, values: Mapping[str, Any]) -> str | None:
        """Return the order's number."""
        return values.get(NUMBER)

    def standing(self, _look: Look, _after: str | None) -> tuple[dict[str, str], str | None]:
        """Return nothing: orders are looked up when their rows are."""
        return {}, None

    def judge(self, look: Look, units: Sequence[Unit]) -> list[Judged]:
        """Return which orders' fields would change."""
        numbers = {str(unit.piece.data[NUMBER]) for unit in units if NUMBER in unit.piece.data}
        there = own_fields_by_number(look.conn, self.given, numbers)
        return [self._one(look, unit, there) for unit in units]

    def write(self, look: Look, groups: Sequence[Sequence[Row]], origin: Origin) -> Mapping[int, tuple[str, str]]:
        """Write the fields, the knots of the orders' stories and the audit."""
        conn, now = look.conn, look.services.now()
        events, told = [], []
        subjects: dict[int, tuple[str, str]] = {}
        for rows in groups:
            made = rows[0].made or {}
            order_id, data = made["id"], made["data"]
            extra = {**keep.own_fields(conn, order_id), **data}
            keep.put_own_fields(conn, order_id, {name: one for name, one in extra.items() if one is not None}, now)
            changed = sorted(data)
            event = {"id": new_id(), "order_id": order_id, "at": now, "type": "order.edited", "message_id": None}
            events.append(event | {"decision_id": None, "data": {"fields": changed, "by": name_of(origin.actor)}})
            told.append((origin, Change("order.edit", f"order:{order_id}", None, {"fields": changed})))
            subjects |= {row.number: (rows[0].fate, order_id) for row in rows}
        keep.insert_story(conn, [], events)
        audit.record_all(conn, now, told)
        return subjects

    def _one(self, look: Look, unit: Unit, there: Mapping[str, tuple[str, Mapping[str, Any]] | None]) -> Judged:
        data = dict(unit.piece.data)
        number = str(data.pop(NUMBER, ""))
        if not number:
            return Judged("bad", [problem(NUMBER, "required", "缺少订单号", "the order's number is missing")])
        if number not in there:
            return Judged("bad", [problem(NUMBER, "unknown_order", "没有这个订单", "there is no such order")])
        found = there[number]
        if found is None:
            return Judged(
                "bad",
                [problem(NUMBER, "not_one_order", "有多个订单用此编号，请用系统订单号", "several orders have it")],
            )
        order_id, sealed = found
        extra = protecting.opened(look.services.vault, self.form, order_id, sealed)
        changed = {name: one for name, one in data.items() if told_apart([extra.get(name)]) != told_apart([one])}
        if not changed:
            return Judged("unchanged", subject=order_id)
        whole = {**{name: extra[name] for name in self.form.fields if extra.get(name) is not None}, **data}
        problems = check_document(self.form.schema, whole)
        if problems:
            return Judged("bad", problems, subject=order_id)
        kept = protecting.sealed(look.services.vault, self.form, order_id, changed)
        return Judged("changed", made={"id": order_id, "form": self.form.key, "data": kept}, subject=order_id)
