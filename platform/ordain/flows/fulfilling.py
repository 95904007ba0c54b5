"""What befalls an order after it came in: it is paid, cancelled, shipped. The stock follows in the same transaction.

Facts from shop and warehouse, told through our own API or by staff. Money that comes too late is never turned away:
the stock is taken again where it can be had, else somebody has to give the money back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, problem
from ordain.base.ids import new_id
from ordain.engines.reservation import Request
from ordain.flows import lapsing, refunding
from ordain.flows.booking import Book
from ordain.flows.deciding import decision_row
from ordain.flows.services import Services
from ordain.records.actor import Origin, name_of
from ordain.records.stock import Reservation, Wanted
from ordain.store import audit
from ordain.store.orders import keep, story
from ordain.store.stock import reservations

_OPEN: Final = ("unpaid", "paid", "picking")


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came; `reference` is the payment's own number, told twice it counts once."""

    amount: int
    method: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """What left: pieces by line id; all that has not left yet where no line is named."""

    carrier: str = ""
    tracking: str = ""
    lines: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """It is so now; `again` says that it had been told before."""

    order_id: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Impossible:
    """It cannot be, and why; nothing was changed."""

    problems: tuple[Problem, ...]


Answer = Fulfilled | Impossible


def pay(services: Services, order_id: str, payment: Payment, origin: Origin) -> Answer:
    """Take money: paid in full the stock is kept for good; paid too late it is taken again, or a refund opened."""
    return services.db.transact(lambda conn: _Case(services, conn, order_id, origin).pay(payment))


def cancel(services: Services, order_id: str, reason: str, origin: Origin) -> Answer:
    """Cancel an order of which nothing has left: its stock is free, its money is to be given back."""
    return services.db.transact(lambda conn: _Case(services, conn, order_id, origin).cancel(reason))


def ship(services: Services, order_id: str, shipment: Shipment, origin: Origin) -> Answer:
    """Let lines of a paid order leave, in part or whole: on hand and reserved sink together."""
    return services.db.transact(lambda conn: _Case(services, conn, order_id, origin).ship(shipment))


class _Case:
    """One order in one transaction: locked, with its lines, its reservation and the levels they touch."""

    def __init__(self, services: Services, conn: sa.Connection, order_id: str, origin: Origin) -> None:
        self._services, self._conn, self._origin = services, conn, origin
        keep.lock_order(conn, order_id)
        self.held: Reservation | None = reservations.newest(conn, [order_id], locked=True).get(order_id)
        self.order = keep.get(conn, order_id)  # after its reservation: a hold that just ran out has closed it
        self.lines = keep.lines_of(conn, order_id)
        self._book = Book(conn, services.live.at(conn), services.now())
        live = [self.held] if self.held and self.held.is_live else []
        self._book.open({line["sku"] for line in self.lines} - {""}, live)
        self._decisions: list[dict[str, Any]] = []
        self._events: list[tuple[str, Mapping[str, Any]]] = []

    def pay(self, payment: Payment) -> Answer:
        """Take money."""
        order = self.order
        if payment.reference and self._told("order.paid", "reference", payment.reference):
            return Fulfilled(order["id"], again=True)
        owed = order["total"] - order["paid"]
        if order["state"] not in ("unpaid", "cancelled"):
            return Impossible((_not_now("already_paid", "订单已付款", "The order is paid already"),))
        if payment.amount > owed:
            return Impossible((_too_much(owed),))
        data = {"amount": payment.amount, "method": payment.method, "reference": payment.reference}
        change: dict[str, Any] = {"paid": order["paid"] + payment.amount}
        if order["state"] == "cancelled":
            change |= self._late(change["paid"])
        elif change["paid"] >= order["total"]:
            change |= {"state": "paid", "paid_at": self._book.now}
            change |= self._keep_stock()
        self._events.insert(0, ("order.paid", data))
        return self._write("order.pay", change)

    def cancel(self, reason: str) -> Answer:
        """Cancel."""
        order = self.order
        if order["state"] == "cancelled":
            return Fulfilled(order["id"], again=True)
        if order["state"] not in _OPEN or any(line["shipped_quantity"] for line in self.lines):
            return Impossible(
                (_not_now("cannot_cancel", "订单已发货或已完成，请走退货", "It has left; it can only be returned"),)
            )
        self._events.append(("order.cancelled", {"reason": reason}))
        if self.held and self.held.is_live:
            self._book.end(self.held, "released")
            self._events.append(("stock.released", {"reservation": self.held.id}))
        left = order["paid"] - order["refunded"]
        if left > 0:
            self._refund("cancelled", left, reason)
        return self._write("order.cancel", {"state": "cancelled"}, reason=reason)

    def ship(self, shipment: Shipment) -> Answer:
        """Let lines leave."""
        order = self.order
        if order["held"]:
            return Impossible((_not_now("held", "订单已挂起，请先处理问题", "The order is held; settle its problems"),))
        if order["state"] not in ("paid", "picking"):
            zh, en = "只有已付款、未发完的订单可以发货", "Only a paid order that has not left whole can be shipped"
            return Impossible((_not_now("cannot_ship", zh, en),))
        pieces, problems = self._pieces(shipment.lines)
        if problems:
            return Impossible(tuple(problems))
        for line in self.lines:
            line["shipped_quantity"] += pieces.get(line["id"], 0)
        keep.ship_lines(self._conn, [(line["id"], line["shipped_quantity"]) for line in self.lines])
        self._take_out(pieces)
        told = [
            {"line": line["id"], "sku": line["sku"], "quantity": pieces[line["id"]]}
            for line in self.lines
            if pieces.get(line["id"])
        ]
        self._events.append(
            ("order.shipped", {"carrier": shipment.carrier, "tracking": shipment.tracking, "lines": told})
        )
        keep.add_shipment(self._conn, order, self._parcel(shipment, told))
        whole = all(line["shipped_quantity"] >= line["quantity"] for line in self.lines)
        change = {"state": "shipped", "shipped_at": self._book.now} if whole else {"state": "picking"}
        return self._write("order.ship", change, tracking=shipment.tracking)

    def _parcel(self, shipment: Shipment, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "id": new_id(),
            "carrier": shipment.carrier[:128],
            "tracking": shipment.tracking[:128],
            "pieces": sum(line["quantity"] for line in told),
            "lines": [{"sku": line["sku"], "quantity": line["quantity"]} for line in told],
            "shipped_at": self._book.now,
            "shipped_by": name_of(self._origin.actor),
        }

    def _keep_stock(self) -> dict[str, Any]:
        """Keep the stock of an order that is paid now; take it where it was not held."""
        if self.held and self.held.state == "held":
            made = self._book.commit(self.held)
            self._events.append(("stock.committed", {"reservation": made.id}))
            return {}
        return {} if self.held and self.held.is_live else self._take()

    def _late(self, paid: int) -> dict[str, Any]:
        """Take money for an order that is closed: reopen it where it lapsed, else the money goes back."""
        if self.held is None or self.held.state != "expired":
            self._refund("paid_after_cancel", paid - self.order["refunded"], "")
            return {}
        if paid < self.order["total"]:
            return {}
        return {"state": "paid", "paid_at": self._book.now, **self._take(late=True)}

    def _take(self, *, late: bool = False) -> dict[str, Any]:
        """Reserve for good; an order that cannot be had any more is held, and its money is to go back."""
        wanted = [Wanted(line["sku"], line["quantity"], line["external_id"]) for line in self.lines if line["sku"]]
        decision = self._book.ask(Request(wanted, self.order["channel"]))
        if decision.outcome == "refused":
            self._refund("paid_too_late", self.order["total"] - self.order["refunded"], "")
            problems = [*self.order["problems"], *(found.as_json() for found in decision.problems)]
            self._events.append(("stock.short", {"problems": [found.as_json() for found in decision.problems]}))
            return {"held": True, "problems": problems, "content_hash": ""}
        now, policy = self._book.now, self._book.policies.of(self.order["channel"], wanted[0].sku if wanted else "")
        made = Reservation(
            new_id(), f"order:{self.order['id']}:{new_id()}", "committed", self.order["id"], self.order["channel"],
            self.order["priority"], decision.changes["lines"], policy.key, policy.version, "",
            name_of(self._origin.actor), None, now, now,
        )  # fmt: skip
        self._book.reserve(made)
        self._decisions.append(decision_row(self._services, f"order:{self.order['id']}", made, decision))
        self._events.append(("stock.reserved", {"reservation": made.id, "state": made.state, "late": late}))
        return {}

    def _take_out(self, pieces: Mapping[str, int]) -> None:
        """Ship the order's pieces out of its reservation."""
        if self.held is None or not self.held.is_live:
            return
        by_line = {line["external_id"]: pieces.get(line["id"], 0) for line in self.lines}
        gone = {place: by_line.get(line.line, 0) for place, line in enumerate(self.held.lines)}
        self._book.ship(self.held, gone, name_of(self._origin.actor))

    def _pieces(self, asked: Mapping[str, int] | None) -> tuple[dict[str, int], list[Problem]]:
        """Return the pieces that leave, by line; the problems of lines that are none or have not so many."""
        left = {line["id"]: line["quantity"] - line["shipped_quantity"] for line in self.lines}
        if self.held and self.held.is_live:
            names = {line["external_id"]: line["id"] for line in self.lines}
            for line in self.held.lines:
                if line.line in names:
                    left[names[line.line]] = min(left[names[line.line]], line.taken - line.shipped)
        if asked is None:
            found: list[Problem] = [] if any(left.values()) else [_nothing_left()]
            return left, found
        problems = [
            _bad_pieces(number, left.get(line_id))
            for number, (line_id, count) in enumerate(asked.items())
            if count > left.get(line_id, 0)
        ]
        return dict(asked), problems

    def _refund(self, why: str, amount: int, reason: str) -> None:
        """Open a refund case; somebody decides on it."""
        case_id = refunding.open_case(self._conn, self.order, why, amount, reason, self._book.now)
        self._events.append(("refund.requested", {"return_request": case_id, "amount": amount, "why": why}))

    def _told(self, event: str, name: str, value: str) -> bool:
        return any(
            one.type == event and one.data.get(name) == value for one in story.events(self._conn, self.order["id"])
        )

    def _write(self, action: str, change: dict[str, Any], **more: Any) -> Answer:
        """Put down the order, the stock, the story and who did it."""
        order, now = self.order, self._book.now
        keep.change_order(self._conn, order["id"], {**change, "updated_at": now})
        self._book.write()
        keep.insert_story(self._conn, self._decisions, [self._event(*one) for one in self._events])
        lapsing.close(self._conn, self._book)
        before = {name: order[name] for name in _AUDITED}
        after = {name: change.get(name, order[name]) for name in _AUDITED} | {
            key: text for key, text in more.items() if text
        }
        audit.record(self._conn, self._origin, now, action, f"order:{order['id']}", before, after)
        return Fulfilled(order["id"])

    def _event(self, told: str, data: Mapping[str, Any]) -> dict[str, Any]:
        by = {"by": name_of(self._origin.actor)}
        return {
            "id": new_id(), "order_id": self.order["id"], "at": self._book.now, "type": told, "message_id": None,
            "decision_id": self._decisions[0]["id"] if told == "stock.reserved" else None, "data": {**data, **by},
        }  # fmt: skip


_AUDITED: Final = ("state", "held", "paid")


def _not_now(code: str, zh: str, en: str) -> Problem:
    return problem("state", code, zh, en)


def _too_much(owed: int) -> Problem:
    zh, en = f"超过应付余额，还应付 {owed}（最小货币单位）", f"More than is owed: {owed} in minor units are"
    return problem("amount", "more_than_owed", zh, en)


def _bad_pieces(number: int, left: int | None) -> Problem:
    if left is None:
        return problem(f"lines.{number}.line", "unknown_line", "订单没有这一行", "The order has no such line")
    zh, en = f"只剩 {left} 件可发", f"Only {left} can leave"
    return problem(f"lines.{number}.quantity", "more_than_left", zh, en)


def _nothing_left() -> Problem:
    return problem("lines", "nothing_left", "没有可发的商品", "There is nothing that can leave")


def lines_by_id(asked: Sequence[Mapping[str, Any]] | None) -> dict[str, int] | None:
    """Return asked-for pieces by line, those of one line together."""
    if asked is None:
        return None
    found: dict[str, int] = {}
    for one in asked:
        found[one["line"]] = found.get(one["line"], 0) + int(one["quantity"])
    return found
