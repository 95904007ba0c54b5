"""Looking things up in the audit: by record, person, action, time, address and request; newest first, in pages.

Who does not see all orders is not told of those they do not see, nor of messages and returns, which speak of all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.records.access import Access
from ordain.store.access import orders_seen
from ordain.store.tables.audit import AuditLinkRow, AuditRow
from ordain.store.tables.orders import OrderRow

MOST: Final = 10_000
"""What is counted at most; beyond it a number is a lower bound."""
_ROW: Final = AuditRow.__table__
_LINK: Final = AuditLinkRow.__table__


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to look for; empty parts do not restrict. Times: from inclusive, to exclusive."""

    entity: str = ""
    actor: str = ""
    action: str = ""
    ip: str = ""
    request_id: str = ""
    at_from: datetime | None = None
    at_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry in full; `place` is its number in the chain, None while it waits for it."""

    id: str
    at: datetime
    actor: str
    on_behalf_of: str | None
    ip: str | None
    session: str | None
    request_id: str
    action: str
    entity: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    place: int | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page; `next` is where the page after it begins, `total` counted up to MOST + 1."""

    items: Sequence[AuditEntry]
    next: str | None
    total: int


_COLUMNS: Final = (
    *(_ROW.c[name] for name in AuditEntry.__slots__ if name != "place"),
    _LINK.c.number.label("place"),
)


def find(conn: sa.Connection, given: Access, query: AuditQuery, *, limit: int = 50, cursor: str = "") -> AuditPage:
    """Return one page of what this reader of orders may be told; a cursor that is none of ours begins anew."""
    where = _where(given, query)
    chosen = sa.select(*_COLUMNS).outerjoin(_LINK, _LINK.c.audit_id == _ROW.c.id).where(*where, *_beyond(cursor))
    ordered = chosen.order_by(_ROW.c.at.desc(), _ROW.c.id.desc()).limit(limit + 1)
    rows = [AuditEntry(**row) for row in conn.execute(ordered).mappings()]
    counted = sa.select(sa.literal(1)).select_from(_ROW).where(*where).limit(MOST + 1).subquery()
    total = conn.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    last = rows[limit - 1] if len(rows) > limit else None
    return AuditPage(rows[:limit], f"{epoch_ms(last.at)}-{last.id}" if last else None, total)


def get(conn: sa.Connection, given: Access, entry_id: str) -> AuditEntry | None:
    """Return one entry, or None where it is not there or this reader is not told of it."""
    chosen = sa.select(*_COLUMNS).outerjoin(_LINK, _LINK.c.audit_id == _ROW.c.id)
    row = conn.execute(chosen.where(_ROW.c.id == entry_id, *_where(given, AuditQuery()))).mappings().one_or_none()
    return AuditEntry(**row) if row else None


def actions(conn: sa.Connection) -> list[str]:
    """Return every action there is an entry of; each is one step along the index."""
    found: list[str] = []
    following = sa.select(sa.func.min(_ROW.c.action)).where(_ROW.c.action > sa.bindparam("last"))
    while (name := conn.scalar(following, {"last": found[-1] if found else ""})) is not None:
        found.append(name)
    return found


def orders(conn: sa.Connection, entities: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return number and currency of the orders among these entities, by entity."""
    ids = {entity.removeprefix("order:") for entity in entities if entity.startswith("order:")}
    if not ids:
        return {}
    rows = conn.execute(sa.select(OrderRow.id, OrderRow.number, OrderRow.currency).where(OrderRow.id.in_(ids)))
    return {f"order:{order_id}": (number, currency) for order_id, number, currency in rows}


def order_entity(conn: sa.Connection, number: str) -> str:
    """Return the entity of the order with this number; "" where there is none."""
    order_id = conn.scalar(sa.select(OrderRow.id).where(OrderRow.number == number.upper()))
    return f"order:{order_id}" if order_id else ""


def _where(given: Access, query: AuditQuery) -> list[sa.ColumnElement[bool]]:
    wanted = {
        _ROW.c.entity: query.entity, _ROW.c.actor: query.actor, _ROW.c.action: query.action,
        _ROW.c.ip: query.ip, _ROW.c.request_id: query.request_id,
    }  # fmt: skip
    found = [column == value for column, value in wanted.items() if value]
    if query.at_from:
        found.append(_ROW.c.at >= query.at_from)
    if query.at_to:
        found.append(_ROW.c.at < query.at_to)
    if not given.sees_all:
        found.append(_told(given))
    return found


def _told(given: Access) -> sa.ColumnElement[bool]:
    """Return what keeps entries about records that are not for this reader away."""
    about = sa.or_(*(_ROW.c.entity.like(f"{kind}:%") for kind in ("order", "message", "return\\_request")))
    if not given.may("read"):
        return sa.not_(about)
    seen = sa.select(sa.literal("order:") + OrderRow.__table__.c.id).where(orders_seen(given))
    return sa.or_(sa.not_(about), _ROW.c.entity.in_(seen))


def _beyond(cursor: str) -> list[sa.ColumnElement[bool]]:
    moment, _, row_id = cursor.partition("-")
    if not (moment.isdecimal() and len(moment) < 16 and row_id):
        return []
    at = sa.literal(from_epoch_ms(int(moment)), _ROW.c.at.type)
    return [sa.tuple_(_ROW.c.at, _ROW.c.id) < sa.tuple_(at, sa.literal(row_id))]
