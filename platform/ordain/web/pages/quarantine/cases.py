"""What waits for repair, as one reader may see it: quarantined messages, and each held order's newest message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ordain.records.access import Access
from ordain.records.message import Message
from ordain.store import messages
from ordain.store.access import orders_seen
from ordain.store.messages import MessageQuery
from ordain.store.tables.orders import OrderRow
from ordain.web.show import Show

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that waits, with the order it holds: number and goods, "" where none could be identified."""

    message: Message
    number: str
    goods: str

    @property
    def code(self) -> str:
        """The code of the first problem: what cases are grouped by."""
        return self.message.problems[0].code if self.message.problems else ""


def waiting(conn: sa.Connection, given: Access) -> list[Waiting]:
    """Return what waits, newest first; held orders only where the reader may see the order."""
    ids = messages.waiting(conn, MessageQuery(), limit=MOST)
    found = messages.find(conn, MessageQuery(ids=ids), limit=MOST).items if ids else ()
    orders = _orders(conn, given, [message.order_id for message in found if message.order_id])
    return [
        Waiting(message, *orders.get(message.order_id or "", ("", "")))
        for message in found
        if message.order_id is None or message.order_id in orders
    ]


def grouped(cases: Sequence[Waiting], by: str, show: Show) -> list[tuple[str, list[Waiting]]]:
    """Return the cases in groups, the largest first; days come newest first."""
    groups: dict[str, list[Waiting]] = {}
    for case in cases:
        key = {"channel": case.message.channel, "day": show.date(case.message.received_at)}.get(by, case.code)
        groups.setdefault(key, []).append(case)
    if by == "day":
        return list(groups.items())
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def common_problem(cases: Sequence[Waiting], show: Show) -> str:
    """Return the sentence that most of these cases have as their first problem."""
    sentences = Counter(show.text(case.message.problems[0].message) for case in cases if case.message.problems)
    return sentences.most_common(1)[0][0] if sentences else ""


def _orders(conn: sa.Connection, given: Access, ids: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    if not ids or not given.may("read"):
        return {}
    row = OrderRow.__table__.c
    chosen = sa.select(row.id, row.number, row.title).where(row.id.in_(set(ids)), orders_seen(given))
    return {order_id: (number, title) for order_id, number, title in conn.execute(chosen)}
