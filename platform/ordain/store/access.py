"""The access door: which rows of a type of record an actor sees. Every read of records passes here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Refused
from ordain.kinds import role
from ordain.language.expression import Expression
from ordain.records.access import EVERYTHING, NOTHING, OWN, Access, Grant
from ordain.records.actor import Actor, System, User
from ordain.store.criteria import to_sql
from ordain.store.definitions import Live, Version
from ordain.store.tables.orders import OrderRow

# The names an expression over orders may use, and the columns that hold them.
ORDER_COLUMNS: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    name: OrderRow.__table__.c[name]
    for name in (
        "number", "channel", "shop", "external_id", "state", "currency", "placed_at", "paid_at", "shipped_at",
        "modified_at", "received_at", "goods", "seller_discount", "platform_discount", "freight", "tax", "total",
        "paid", "refunded", "held", "region", "priority", "lane", "quantity",
    )
} | {
    "buyer.name": OrderRow.__table__.c.buyer_name,
    "buyer.level": OrderRow.__table__.c.buyer_level,
    "buyer.address.province": OrderRow.__table__.c.province,
    "buyer.address.city": OrderRow.__table__.c.city,
    "buyer.address.district": OrderRow.__table__.c.district,
}  # fmt: skip


def access(live: Live, actor: Actor, record: str) -> Access:
    """Return what the actor may do with this type of record, by the live versions of their roles."""
    match actor:
        case System():
            return EVERYTHING
        case User(name=name, roles=roles, regions=regions):
            given = [grant_of(live, key, record) for key in sorted(roles)]
            bound = access(live, actor.viewing, record) if actor.viewing else None
            me = {"regions": sorted(regions), "name": name}
            return Access(tuple(grant for grant in given if grant), me=me, bound=bound)
        case _:
            return NOTHING


def grant_of(live: Live, key: str, record: str) -> Grant | None:
    """Return what a live role gives for a type of record; None where there is no such role, or it gives nothing."""
    return None if live.get("role", key) is None else _grant(live.compiled("role", key, _grants), record)


def orders_seen(given: Access) -> sa.ColumnElement[bool]:
    """Return the filter over orders that keeps the rows this actor may read."""
    return rows_seen(given, ORDER_COLUMNS)


def rows_seen(given: Access, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    """Return the filter over a type's rows that keeps those this actor may read.

    A row filter that names what the type has not got lets nothing through.
    """
    if given.sees_all:
        return sa.true()
    if given.bound is not None:
        return sa.and_(rows_seen(replace(given, bound=None), columns), rows_seen(given.bound, columns))
    reading = [grant for grant in given.grants if "read" in grant.do]
    names = {**columns, **{f"me.{name}": value for name, value in given.me.items()}}
    return sa.or_(sa.false(), *(_filtered(grant.rows, names) for grant in reading if grant.rows is not None))


def _filtered(rows: Expression, names: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    try:
        return to_sql(rows, names)
    except Refused:
        return sa.false()


def _grant(grants: Mapping[str, Grant], record: str) -> Grant | None:
    """Return a role's grant for a type; for an admin's own ("record:NAME") that of "record" where none is named."""
    if record.startswith(OWN):
        return grants.get(record.removeprefix(OWN)) or grants.get("record")
    return grants.get(record)


def _grants(version: Version) -> dict[str, Grant]:
    return role.grants(version.document)
