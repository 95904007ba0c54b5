"""Why somebody sees a record or a field of it, or does not: role by role, clause by clause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ordain.base.decision import Clause
from ordain.base.text import Text
from ordain.flows import recording
from ordain.flows.services import Services
from ordain.language.expression import EvaluationError
from ordain.records.access import Access, Grant
from ordain.records.actor import Actor, User
from ordain.store import people, records
from ordain.store.access import ORDER_COLUMNS, access, grant_of, orders_seen, rows_seen
from ordain.store.definitions import Live
from ordain.store.orders import find
from ordain.store.shelves import shelf_of
from ordain.store.tables.orders import OrderRow

_MODES = {
    "read": Text("可读", "it may be read"),
    "masked": Text("脱敏显示", "it is masked"),
    "hidden": Text("隐藏", "it is hidden"),
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Whether the record is seen, how the field shows ("" where none was asked for), and what decided that."""

    sees: bool
    mode: str
    why: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A record as row filters see it."""

    id: str
    state: str
    facts: Mapping[str, Any]


def why(services: Services, asker: Actor, who: str, key: str, name: str, field: str) -> Reasons | None:
    """Return why a person sees a record, or not; None where there is no such person, or no such record for the asker.

    `key` is "order" or that of a form, `name` what people call the record.
    """
    with services.db.read() as conn:
        live, person = services.live.at(conn), people.person(conn, who)
        form = recording.form_of(live, key) if key != "order" else None
        if person is None or (key != "order" and form is None):
            return None
        record = form.right if form else "order"
        own = access(live, asker, record)
        columns = shelf_of(form).seen_as() if form else ORDER_COLUMNS
        row = _order(conn, own, name) if form is None else _record(conn, own, form, name)
        if row is None:
            return None
        given = access(live, User(person.id, person.name, frozenset(person.roles), frozenset(person.regions)), record)
        table, row_id = (shelf_of(form).table, shelf_of(form).id) if form else (OrderRow.__table__, OrderRow.id)
        seen = orders_seen(given) if form is None else rows_seen(given, columns)
        passes = conn.scalar(sa.select(sa.literal(1)).select_from(table).where(row_id == row.id, seen)) is not None
        facts = _nested({**row.facts, **{f"me.{key}": value for key, value in given.me.items()}})
        hidden = [column for column in columns if not own.reads(column)]
        told = [_role(live, role, record, facts, hidden, row.state, field, given.me) for role in person.roles]
        sees = person.active and given.may("read") and passes
        within = given.within(row.state)
        shown = recording.mode(form, within, field) if form else find.order_mode(within, field)
        return Reasons(sees, (shown if sees else "hidden") if field else "", (_switch(active=person.active), *told))


def _switch(*, active: bool) -> Clause:
    text = Text("账号启用", "the account is active") if active else Text("账号已停用", "the account is shut")
    return Clause("active", text, active)


def _role(
    live: Live,
    key: str,
    record: str,
    facts: Mapping[str, Any],
    hidden: list[str],
    state: str,
    field: str,
    me: Mapping[str, Any],
) -> Clause:
    """Return what one role says: is it live, does it read the type, does the row pass, how does the field show."""
    grant = grant_of(live, key, record)
    reads = grant is not None and "read" in grant.do
    parts = [Clause("read", Text(f"可查看“{record}”", f"it may read “{record}”"), reads)]
    if grant is not None and reads:
        parts += [_rows(grant, facts, hidden, me), *_field(grant, state, field)]
    version = live.get("role", key)
    title = Text.of(version.document["title"]) if version else Text(key, key)
    text = Text(f"角色“{title.zh}”", f"the role “{title.en}”")
    if version is None:
        text = Text(f"角色“{key}”未发布", f"the role “{key}” is not live")
    return Clause(key, text, all(part.true for part in parts), parts=tuple(parts))


def _rows(grant: Grant, facts: Mapping[str, Any], hidden: list[str], me: Mapping[str, Any]) -> Clause:
    if grant.rows is None:
        return Clause("rows", Text("数据范围：全部", "rows: all of them"), true=True)
    text = Text(f"数据范围：{grant.rows.source}", f"rows: {grant.rows.source}")
    try:
        value, clause = grant.rows.explanation("rows", hidden)(facts)
    except EvaluationError:
        return Clause("rows", text, true=False)
    own = {f"me.{name}": value if isinstance(value, str) else ", ".join(value) for name, value in me.items()}
    return Clause("rows", text, value is True, own, (clause,))


def _field(grant: Grant, state: str, field: str) -> Iterator[Clause]:
    if not field:
        return
    mode = Access((grant.within(state),)).mode(field)
    named = grant.within(state).fields.get(field)
    text = Text(f"字段“{field}”：{_MODES[mode].zh}", f"the field “{field}”: {_MODES[mode].en}")
    yield Clause("field", text, mode == "read", {"named": named or "—"})


def _order(conn: sa.Connection, own: Access, name: str) -> _Row | None:
    order_id = find.called(conn, own, name)
    if order_id is None:
        return None
    labelled = [column.label(key) for key, column in ORDER_COLUMNS.items()]
    row = conn.execute(sa.select(*labelled).where(OrderRow.id == order_id)).mappings().one()
    return _Row(order_id, row["state"] or "", dict(row))


def _record(conn: sa.Connection, own: Access, form: Any, name: str) -> _Row | None:
    shelf = shelf_of(form)
    found = records.called(conn, shelf, own, name)
    if found is None:
        return None
    labelled = [column.label(key) for key, column in shelf.seen_as().items()]
    row = conn.execute(sa.select(sa.literal(1).label("_"), *labelled).where(shelf.id == found.id)).mappings().one()
    return _Row(found.id, found.state, {key: value for key, value in row.items() if key != "_"})


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in flat.items():
        *parents, last = name.split(".")
        place = made
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return made
