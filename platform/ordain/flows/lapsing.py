"""What follows on a hold that ran out: its order is closed and the customer is told, in the same transaction."""

from typing import Any

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.flows.booking import Book
from ordain.kinds.reservation import Policy
from ordain.records.actor import Origin, System
from ordain.records.stock import Reservation
from ordain.store import audit, outbox
from ordain.store.audit import Change
from ordain.store.orders import keep
from ordain.store.outbox import Wanted

NOTICE = "notice.send"
_ORIGIN = Origin(System("expiry"))


def close(conn: sa.Connection, book: Book) -> int:
    """Close the unpaid orders whose holds this book let expire, and queue their customers' notices; return how many."""
    expired = {one.order_id: (one, _policy(book, one)) for one in book.expired if one.order_id}
    closing = sorted(order_id for order_id, (_, policy) in expired.items() if policy.cancels)
    if not closing:
        return 0
    closed = keep.cancel_unpaid(conn, closing, book.now)
    keep.insert_story(conn, [], [_event(book, expired[order_id][0], order_id) for order_id in closed])
    was, now_is = {"state": "unpaid"}, {"state": "cancelled", "lapsed": True}
    entries = [(_ORIGIN, Change("order.lapse", f"order:{order_id}", was, now_is)) for order_id in closed]
    audit.record_all(conn, book.now, entries)
    told = [(order_id, expired[order_id][1].notice) for order_id in closed]
    outbox.put(conn, [notice(key, f"order:{order_id}") for order_id, key in told if key])
    return len(closed)


def notice(key: str, subject: str) -> Wanted:
    """Return the piece of work that sends a notice about a subject, once."""
    return Wanted(NOTICE, f"notice:{key}:{subject}", {"notice": key, "subject": subject})


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
