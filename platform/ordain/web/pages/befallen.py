"""What befalls an order after it came in, in words: its stock, its money, its way out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ordain.base.clock import from_rfc3339
from ordain.base.errors import Problem
from ordain.records.stock import Reservation
from ordain.store.orders.story import Event
from ordain.web.pages.texts import _
from ordain.web.show import NOTHING, Show

Told = tuple[str, str, str]  # bead, title, remark


def told(event: Event, show: Show, currency: str, *, amounts: bool) -> Told | None:
    """Return the mark, title and remark of an event of stock, money or shipping; None for any other."""
    data = event.data
    goods = _goods(data.get("lines", ()), show)
    money = show.money(int(data["amount"]), currency) if amounts and "amount" in data else ""
    match event.type:
        case "stock.reserved":
            return _reserved(data, goods, show)
        case "stock.committed":
            return "done", _("Stock kept for good"), goods
        case "stock.released":
            return "done", _("Stock let go"), goods
        case "stock.shipped":
            return "done", _("Taken out of stock"), goods
        case "stock.short":
            return "stopped", _("Not enough stock"), _short(data.get("problems", ()), show)
        case "order.lapsed":
            return "stopped", _("Lapsed: not paid in time, stock let go"), ""
        case "order.paid":
            return "done", _("Paid"), _joined(money, data.get("method"), data.get("reference"))
        case "order.cancelled":
            return "stopped", _("Cancelled"), _joined(data.get("reason"))
        case "order.shipped":
            return "done", _("Shipped"), _joined(data.get("carrier"), data.get("tracking"), goods)
        case "refund.requested":
            return "look", _("Refund requested"), money
        case _:
            return None


def stock_word(one: Reservation, show: Show) -> str:
    """Return how an order's stock stands."""
    words = {
        "committed": _("reserved for good"),
        "released": _("let go"),
        "expired": _("lapsed"),
        "shipped": _("has left"),
    }
    return words.get(one.state) or _until(one.expires_at, show)


def _reserved(data: Mapping[str, Any], goods: str, show: Show) -> Told:
    if data.get("state") != "held":
        title = _("Stock reserved again, paid late") if data.get("late") else _("Stock reserved for good")
        return "done", title, goods
    until = data.get("until")
    moment = from_rfc3339(until) if isinstance(until, str) else None
    return "done", _("Stock held"), _joined(_until(moment, show), goods)


def _until(moment: datetime | None, show: Show) -> str:
    return _("held until %(time)s", time=show.clock(moment)) if moment else NOTHING


def _goods(lines: Sequence[Mapping[str, Any]], show: Show) -> str:
    taken = [(line.get("sku", ""), line.get("quantity", 0) - line.get("short", 0)) for line in lines]
    return " · ".join(f"{sku} × {show.number(count)}" for sku, count in taken)


def _short(problems: Sequence[Mapping[str, Any]], show: Show) -> str:
    return " · ".join(show.text(Problem.of(found).message) for found in problems)


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)
