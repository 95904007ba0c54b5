"""What a batch of orders does to the stock, in the batch's own transaction.

An unpaid order holds its stock, a paid one keeps it for good, a cancelled one lets it go, a shipped one takes it away.
What cannot be had holds an order that stands on its platform, and turns away one that was only submitted here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.decision import Decision
from ordain.base.errors import Problem
from ordain.base.ids import new_id
from ordain.engines.reservation import Request
from ordain.flows.booking import Book
from ordain.flows.deciding import decision_row
from ordain.flows.intake.parts import Prepared
from ordain.flows.services import Services
from ordain.records.actor import name_of
from ordain.records.stock import Line, Reservation, ReservationState, Wanted
from ordain.store.stock import reservations

Columns = dict[str, Any]
_KEPT: Final = ("paid", "picking")
_GONE: Final = ("shipped", "completed")
SHORT: Final = "out_of_stock"
NO_SUCH: Final = "unknown_sku"


class Holding:
    """The stock of one batch; `open` once, then `refuses` and `follow` for each order, then `write`."""

    def __init__(self, services: Services, conn: sa.Connection, book: Book) -> None:
        self.decisions: list[Columns] = []
        self.book = book
        self._events: list[Columns] = []
        self._services = services
        self._conn = conn
        self._standing: dict[str, Reservation] = {}
        self._taken: dict[str, Decision] = {}

    @property
    def events(self) -> list[Columns]:
        """The knots of the orders' stories; they stand behind those of the messages that caused them."""
        return [{"id": new_id(), **event} for event in self._events]

    def of(self, order_id: str) -> Reservation | None:
        """Return the newest reservation of an order of this batch."""
        return self._standing.get(order_id)

    def open(self, items: Sequence[Prepared], order_ids: Collection[str]) -> None:
        """Lock the reservations of these orders, and then the levels of all that is spoken of."""
        self._standing = reservations.newest(self._conn, order_ids, locked=True)
        lines = [line for item in items if _is_order(item) for line in item.decision.changes.get("lines") or ()]
        live = [one for one in self._standing.values() if one.is_live]
        self.book.open({str(line.get("sku") or "") for line in lines} - {""}, live)

    def refuses(self, item: Prepared) -> tuple[Problem, ...]:
        """Return why an order that is only being submitted cannot be had; nothing where it can."""
        record = item.decision.changes
        if not _is_order(item) or item.arrival.source != "api" or item.arrival.again:
            return ()
        wanted = _wanted(record.get("lines"))
        if item.decision.outcome != "accept" or not wanted or self._waits_for_payment(item.arrival.channel, wanted):
            return ()
        decision = self.book.ask(Request(wanted, item.arrival.channel))
        if decision.outcome != "refused":
            self._taken[item.arrival.message_id] = decision
        return tuple(found for found in decision.problems if found.code in (SHORT, NO_SUCH))

    def follow(self, item: Prepared, values: Columns, lines: Sequence[Mapping[str, Any]] | None) -> tuple[Problem, ...]:
        """Let the stock follow an order as it stands now; return what keeps the order from going on."""
        found = self._standing.get(values["id"])
        wanted = _wanted(lines)
        if item.facts.get("unknown_skus") or any(line.get("sku") == "" for line in lines or ()):
            wanted = []  # held until its codes are known
        problems: tuple[Problem, ...] = ()
        match values["state"]:
            case "unpaid" if found is not None and found.state == "expired":
                values["state"] = "cancelled"  # it lapsed here: only money opens it again
            case "unpaid" if not self._waits_for_payment(item.arrival.channel, wanted):
                problems = self._take(item, values, found, wanted, "held")
            case state if state in _KEPT:
                problems = self._take(item, values, found, wanted, "committed")
                self._leave(item, values, lines or ())
            case state if state in _GONE and found is not None and found.is_live:
                self._ship(item, found, {place: line.taken for place, line in enumerate(found.lines)})
            case "cancelled" if found is not None and found.is_live:
                self._put(self.book.end(found, "released"), "stock.released")
            case _:
                pass
        return problems

    def _take(
        self, item: Prepared, values: Columns, found: Reservation | None, wanted: list[Wanted], state: ReservationState
    ) -> tuple[Problem, ...]:
        """Bring an order's reservation to a state: a new one where there is none, another where its lines changed."""
        if found is not None and found.is_live:
            if wanted and not found.is_short and _asks_other(found, wanted):
                return self._change(item, values, found, wanted, state)
            if state == "committed" and found.state == "held":
                self._put(self.book.commit(found), "stock.committed")
            return ()
        if not wanted or (found is not None and found.state == "shipped"):
            return ()
        decision = self._taken.pop(item.arrival.message_id, None)
        decision = decision or self.book.ask(Request(wanted, item.arrival.channel, elsewhere=True))
        if decision.outcome == "refused":
            self._short(values, decision)
            return decision.problems
        self._make(item, values, wanted, decision, state, found)
        return ()

    def _change(
        self, item: Prepared, values: Columns, found: Reservation, wanted: list[Wanted], state: ReservationState
    ) -> tuple[Problem, ...]:
        """Reserve what an order asks for now in place of what it asked for; what it had stays where that fails."""
        if any(line.shipped for line in found.lines):
            return ()
        before = self.book.mark()
        self.book.end(found, "released")
        decision = self.book.ask(Request(wanted, item.arrival.channel, elsewhere=True))
        if decision.outcome == "refused":
            self.book.back(before)
            self._short(values, decision)
            return decision.problems
        self._make(item, values, wanted, decision, state, found)
        return ()

    def _make(
        self,
        item: Prepared,
        values: Columns,
        wanted: Sequence[Wanted],
        decision: Decision,
        state: ReservationState,
        before: Reservation | None,
    ) -> None:
        ruling = [self.book.policies.of(item.arrival.channel, line.sku) for line in wanted]
        now, order_id = self.book.now, values["id"]
        reservation_id = new_id()
        made = Reservation(
            id=reservation_id,
            reference=f"order:{order_id}" if before is None else f"order:{order_id}:{reservation_id}",
            state=state,
            order_id=order_id,
            channel=item.arrival.channel,
            priority=values["priority"],
            lines=decision.changes["lines"],
            policy=ruling[0].key,
            policy_version=ruling[0].version,
            asked_hash=json.content_hash([(line.sku, line.quantity) for line in wanted]),
            asked_by=name_of(item.arrival.origin.actor),
            expires_at=now + min(policy.hold for policy in ruling) if state == "held" else None,
            created_at=now,
            changed_at=now,
        )
        self.book.reserve(made)
        self._standing[order_id] = made
        row = decision_row(self._services, f"order:{order_id}", made, decision)
        self.decisions.append(row)
        late = before is not None and before.state == "expired"
        self._tell(made, "stock.reserved", row["id"], outcome=decision.outcome, late=late)

    def _leave(self, item: Prepared, values: Columns, lines: Sequence[Mapping[str, Any]]) -> None:
        """Ship what the platform says has left of an order that is not through yet."""
        found = self._standing.get(values["id"])
        gone = {_name(place, line): int(line.get("shipped_quantity") or 0) for place, line in enumerate(lines)}
        if found is None or found.state != "committed" or not any(gone.values()):
            return
        pieces = {place: gone.get(line.line, 0) - line.shipped for place, line in enumerate(found.lines)}
        more = {place: count for place, count in pieces.items() if count > 0}
        if more:
            self._ship(item, found, more)

    def _ship(self, item: Prepared, found: Reservation, pieces: Mapping[int, int]) -> None:
        self._put(self.book.ship(found, pieces, name_of(item.arrival.origin.actor)), "stock.shipped")

    def _short(self, values: Columns, decision: Decision) -> None:
        """Let the next message of the order be judged anew, whatever it says: there may be stock by then."""
        values["content_hash"] = ""
        data = {"problems": [found.as_json() for found in decision.problems]}
        self._event(values["id"], "stock.short", None, data)

    def _put(self, one: Reservation, told: str) -> None:
        self._standing[one.order_id or ""] = one
        self._tell(one, told, None)

    def _tell(self, one: Reservation, told: str, decision_id: str | None, **more: Any) -> None:
        data = {"reservation": one.id, "state": one.state, "lines": _told(one.lines), **more}
        if one.expires_at is not None:
            data["until"] = one.expires_at
        self._event(one.order_id or "", told, decision_id, data)

    def _event(self, order_id: str, told: str, decision_id: str | None, data: Mapping[str, Any]) -> None:
        self._events.append(
            {
                "order_id": order_id,
                "at": self.book.now,
                "type": told,
                "message_id": None,
                "decision_id": decision_id,
                "data": dict(data),
            }
        )

    def _waits_for_payment(self, channel: str, wanted: Iterable[Wanted]) -> bool:
        """Tell whether every line's policy takes nothing before the money is there."""
        return all(self.book.policies.of(channel, line.sku).at_payment for line in wanted)


def _is_order(item: Prepared) -> bool:
    return item.arrival.incoming.record == "order"


def _wanted(lines: Sequence[Mapping[str, Any]] | None) -> list[Wanted]:
    return [
        Wanted(str(line["sku"]), int(line["quantity"]), _name(place, line))
        for place, line in enumerate(lines or ())
        if line.get("sku") and (line.get("quantity") or 0) > 0
    ]


def _name(place: int, line: Mapping[str, Any]) -> str:
    return str(line.get("external_id") or place)


def _asks_other(found: Reservation, wanted: Sequence[Wanted]) -> bool:
    return [(line.sku, line.quantity) for line in found.lines] != [(line.sku, line.quantity) for line in wanted]


def _told(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return what a story tells of lines."""
    return [
        {"sku": line.sku, "quantity": line.quantity, "short": line.short, "shipped": line.shipped} for line in lines
    ]
