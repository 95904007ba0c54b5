"""Rows become orders of a channel, through the door that every order takes: read by its mapping, checked, versioned."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.base.text import Text
from ordain.engines.arrival import Standing, settle
from ordain.engines.importing import Goal, Plan, order_document, order_goals
from ordain.engines.tabular import Layout
from ordain.flows import intake
from ordain.flows.filing import Route, incoming_of, routes_of
from ordain.flows.importing.units import Judged, Look, Unit, units_of
from ordain.flows.intake.parts import Prepared
from ordain.flows.intake.storing import names_of, store_in
from ordain.records.access import Access
from ordain.records.actor import Origin, User
from ordain.records.message import Incoming
from ordain.store.access import access
from ordain.store.definitions import Live, Version
from ordain.store.imports.rows import Fate, Row
from ordain.store.orders import keep

FILE: Final = "file:"
ORDERS: Final = "orders:"
MAPPING: Final = "imported-order"
RIGHT: Final = "order.import"
ATOMIC: Final = 10_000  # rows: more would keep other writers waiting too long
ATOMIC_CHANGES: Final = 2_000  # each needs a lock of its own
_WORD: Final = re.compile(r"[^\s.\[\]]+")
_FATES: Final[Mapping[str, Fate]] = {"applied": "changed", "unchanged": "unchanged", "stale": "unchanged"}


def order_targets(live: Live, actor: User) -> list["Orders"]:
    """Return the channels whose orders this person may bring by file: by the channel's own layout, by its columns."""
    given = access(live, actor, "order")
    if not given.may("import"):
        return []
    found = []
    for version in live.all("channel"):
        spec = version.document["spec"]
        if "file" in spec["intakes"]:
            found.append(_filed(live, version))
        if live.get("mapping", MAPPING) is not None and spec.get("record", "order") == "order":
            found.append(Orders(f"{ORDERS}{version.key}", version.key, _title(version, by_columns=True), _goals(given)))
    return found


def _goals(given: Access) -> tuple[Goal, ...]:
    return tuple(goal for goal in order_goals() if goal.protected or given.mode(goal.name) == "read")


def _filed(live: Live, version: Version) -> "Orders":
    spec = version.document["spec"]["intakes"]["file"]
    layout = Layout.of(spec)
    named = {version.document["spec"]["mapping"], *(route["mapping"] for route in spec.get("routes", ()))}
    fills: dict[str, str] = {}
    for key in sorted(named):
        mapping = live.get("mapping", key)
        if mapping is not None:
            fills |= _fills(mapping.document["spec"])
    return Orders(
        f"{FILE}{version.key}",
        version.key,
        _title(version, by_columns=False),
        (),
        layout,
        tuple(routes_of(spec)),
        fills,
    )


def _title(version: Version, *, by_columns: bool) -> Text:
    title = Text.of(version.document.get("title") or version.key)
    if by_columns:
        return Text(f"{title.zh}的订单", f"Orders of {title.en}")
    return Text(f"{title.zh}的文件", f"Files of {title.en}")


def _fills(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return which column of the file each field of a mapping is read from, for problems to stand beside it."""
    fields = dict(spec.get("fields", {}))
    for name, one in spec.get("lists", {}).items():
        fields |= {f"{name}.{key}": inner for key, inner in one["fields"].items()}
    found = {}
    for name, one in fields.items():
        source = one.get("from", one.get("template", ""))
        words = _WORD.findall(source[0] if isinstance(source, list) else str(source).strip("{}"))
        if words:
            found[name] = words[-1]
    return found


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of one channel. With a `layout` the channel's own mapping reads the rows, else the plan does."""

    into: str
    channel: str
    title: Text
    goals: tuple[Goal, ...]
    layout: Layout | None = None
    routes: tuple[Route, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    permission: str = RIGHT
    reads_cells: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The names a file of this channel has in its header."""
        return self.layout.columns if self.layout else ()

    @property
    def atomic(self) -> int:
        """How many rows go in at once."""
        return ATOMIC

    @property
    def atomic_changes(self) -> int:
        """How many of them may change orders that stand."""
        return ATOMIC_CHANGES

    def match(self, _plan: Plan) -> tuple[str, ...]:
        """Return the order's number."""
        return () if self.layout else ("external_id",)

    def missing(self, plan: Plan, names: Sequence[str]) -> list[Problem]:
        """Return the columns the channel's files should have, or the fields an order cannot do without."""
        if self.layout:
            lacking = [name for name in self.layout.columns if name not in names]
            return [
                problem(
                    "columns",
                    "no_header",
                    f"表头缺少：{'、'.join(lacking)}。请检查表头行，或改为按列对应",
                    f"The header lacks {', '.join(lacking)}. See which row the header is, or map the columns yourself",
                )
            ] * bool(lacking)
        found = [
            problem(
                goal.name, "required", f"缺少必填字段“{goal.title.zh}”", f"the required “{goal.title.en}” is missing"
            )
            for goal in self.goals
            if goal.required and not plan.fills(goal.name)
        ]
        if not plan.fills("lines.unit_price") and not plan.fills("lines.amount"):
            found.append(
                problem(
                    "lines.unit_price", "required", "需要“单价”或“行金额”", "a unit price or a line's amount is needed"
                )
            )
        return found

    def keys(self, look: Look, row: Row, values: Mapping[str, Any]) -> str | None:
        """Return the order's number, which its lines share."""
        if self.layout:
            return _cells(look.names, row).get(self.layout.group_by) or None
        return values.get("external_id")

    def standing(self, _look: Look, _after: str | None) -> tuple[dict[str, str], str | None]:
        """Return nothing: orders that stand are looked up when their messages are."""
        return {}, None

    def judge(self, look: Look, units: Sequence[Unit]) -> list[Judged]:
        """Return what the intake would make of each order; whoever would be held or quarantined is bad."""
        readable = [unit for unit in units if not any(unit.trouble)]
        prepared = iter(self._prepared(look, readable, _NOBODY))
        met = [None if any(unit.trouble) else next(prepared) for unit in units]
        standing = self._standing(look.conn, [item for item in met if item is not None])
        return [Judged("bad") if item is None else _judged(item, standing) for item in met]

    def write(self, look: Look, groups: Sequence[Sequence[Row]], origin: Origin) -> Mapping[int, tuple[str, str]]:
        """Take the orders in, in the running transaction."""
        goals = {goal.name: goal for goal in self.goals}
        units = list(units_of([row for group in groups for row in group], look.reader, goals, {}))
        prepared = self._prepared(look, units, origin)
        changed = [item for item, unit in zip(prepared, units, strict=True) if unit.rows[0].fate == "changed"]
        if changed:  # what is new is kept apart by its unique number; locks for all of it would be too many
            keep.lock(look.conn, names_of(changed))
        results = store_in(look.services, look.conn, prepared)
        found: dict[int, tuple[str, str]] = {}
        for unit, result in zip(units, results, strict=True):
            fate: Fate = "unchanged" if result.repeated or result.fate in ("unchanged", "stale") else unit.rows[0].fate
            found |= {row.number: (fate, result.order_id or unit.rows[0].subject or "") for row in unit.rows}
        return found

    def _prepared(self, look: Look, units: Sequence[Unit], origin: Origin) -> list[Prepared]:
        items = [self._incoming(look.names, unit) for unit in units]
        arrived = intake.arrivals(look.services, self.channel, "file", items, origin)
        return intake.prepare(look.services, look.conn, arrived)

    def _incoming(self, names: Sequence[str], unit: Unit) -> Incoming:
        if self.layout is None:
            payload = json.loads(json.dumps(order_document(unit.piece.data)))
            return Incoming(f"file:{json.content_hash(payload)[:40]}", json.dumps(payload), payload, mapping=MAPPING)
        rows = list(_distinct(_cells(names, row) for row in unit.rows))
        key = rows[0].get(self.layout.group_by, "") or f"row-{unit.rows[0].number}"
        return incoming_of({"receipt": key, "rows": rows}, self.routes)

    def _standing(self, conn: sa.Connection, met: Sequence[Prepared]) -> dict[tuple[str, str], Mapping[str, Any]]:
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for shop in {item.shop for item in met}:
            for record, look in (("order", keep.standing_orders), ("return_request", keep.standing_returns)):
                numbers = {
                    item.external_id for item in met if item.shop == shop and item.arrival.incoming.record == record
                } - {""}
                if numbers:
                    there = look(conn, self.channel, shop, numbers)
                    found |= {(record, number): values for number, values in there.items()}
        return found


def _cells(names: Sequence[str], row: Row) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(names, row.cells, strict=False)}


def _judged(item: Prepared, standing: Mapping[tuple[str, str], Mapping[str, Any]]) -> Judged:
    if item.decision.problems or not item.external_id:
        return Judged("bad", item.decision.problems)
    there = standing.get((item.arrival.incoming.record, item.external_id))
    if there is None:
        return Judged("new")
    changes = item.decision.changes
    before = Standing(there["modified_at"], there["content_hash"], there["state"], there.get("refunded", 0))
    arriving = Standing(item.modified_at, item.content_hash, changes.get("state"), changes.get("refunded") or 0)
    return Judged(_FATES[settle(before, arriving)], subject=there["id"])


def _distinct(rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Return rows without those that stand twice: exports overlap."""
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        key = tuple(row.values())
        if key not in seen:
            seen.add(key)
            yield row


_NOBODY: Final = Origin(User("", "", frozenset()))
