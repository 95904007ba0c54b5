"""What follows on a hold that ran out: its order is closed, in the same transaction, and the customer is told.

The closing asks for the telling as one piece of work, however many orders it closes: the stock is not kept waiting.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.flows import notifying
from ordain.flows.booking import Book
from ordain.flows.notifying import Recipient
from ordain.flows.services import Services
from ordain.kinds.reservation import Policy
from ordain.records.actor import Origin, System
from ordain.records.stock import Reservation
from ordain.store import audit, outbox
from ordain.store.audit import Change
from ordain.store.orders import keep
from ordain.store.outbox import Wanted

TOPIC: Final = "order.tell-lapsed"
_ORIGIN: Final = Origin(System("expiry"))


def close(conn: sa.Connection, book: Book) -> int:
    """Close the unpaid orders whose holds this book let expire, and ask for the telling; return how many."""
    expired = {one.order_id: (one, _policy(book, one)) for one in book.expired if one.order_id}
    closing = sorted(order_id for order_id, (_, policy) in expired.items() if policy.cancels)
    if not closing:
        return 0
    closed = keep.cancel_unpaid(conn, closing, book.now)
    keep.insert_story(conn, [], [_event(book, expired[order_id][0], order_id) for order_id in closed])
    was, now_is = {"state": "unpaid"}, {"state": "cancelled", "lapsed": True}
    entries = [(_ORIGIN, Change("order.lapse", f"order:{order_id}", was, now_is)) for order_id in closed]
    audit.record_all(conn, book.now, entries)
    telling = {order_id: expired[order_id][1].notice for order_id in closed if expired[order_id][1].notice}
    if telling:
        outbox.put(conn, [Wanted(TOPIC, f"{TOPIC}:{new_id()}", {"orders": telling})])
    return len(closed)


def tell(services: Services, orders: Mapping[str, str]) -> int:
    """Ask that the customers of lapsed orders (id: notice) be told; return how many messages that makes."""

    def work(conn: sa.Connection) -> int:
        found = keep.contacts(conn, list(orders))
        return sum(_tell(services, conn, contact, orders[contact["id"]]) for contact in found)

    return services.db.transact(work)


def _tell(services: Services, conn: sa.Connection, contact: Mapping[str, Any], notice: str) -> int:
    order_id, vault = contact["id"], services.vault
    phone = vault.reach("orders.phone", order_id, contact["phone"])
    mail = vault.reach("orders.email", order_id, contact["email"])
    facts = {"number": contact["number"]}
    return notifying.enqueue(conn, services, notice, f"order:{order_id}", Recipient(phone, mail), facts)


def _policy(book: Book, one: Reservation) -> Policy:
    return book.policies.of(one.channel, one.lines[0].sku if one.lines else "")


def _event(book: Book, one: Reservation, order_id: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "order_id": order_id,
        "at": book.now,
        "type": "order.lapsed",
        "message_id": None,
        "decision_id": None,
        "data": {"reservation": one.id, "held_since": one.created_at, "state": "cancelled"},
    }
