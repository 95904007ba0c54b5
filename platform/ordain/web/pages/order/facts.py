"""The left pane of an order: money, lines, buyer, what it is related to."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import url_for

from ordain.base import json
from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm
from ordain.records.order import Order
from ordain.store.orders.show import OrderView
from ordain.web.pages.befallen import stock_word
from ordain.web.pages.details import Detail
from ordain.web.pages.order.context import Amount, Line
from ordain.web.pages.story import DOTS
from ordain.web.pages.texts import _
from ordain.web.pages.words import field_words, lane_word, region_word
from ordain.web.show import NOTHING, Show

REVEALABLE: Final = ("buyer.phone", "buyer.email", "buyer.address.street")


def lines(order: Order, show: Show, *, amounts: bool) -> list[Line]:
    """Return the lines; prices only for those who may see amounts."""
    return [
        Line(
            line.title,
            line.sku,
            show.number(line.quantity),
            show.money(line.unit_price, order.currency) if amounts else NOTHING,
            show.money(line.amount, order.currency) if amounts else "",
            _refund(line.refund_state),
        )
        for line in order.lines
    ]


def amounts(order: Order, show: Show) -> list[Amount]:
    """Return the sum as it is put together; parts that are nothing are left out."""

    def shown(amount: int) -> str:
        return show.money(amount, order.currency)

    parts = [
        (_("Goods"), order.goods),
        (_("Seller's discount"), -order.seller_discount),
        (_("Platform's discount"), -order.platform_discount),
        (_("Freight"), order.freight),
        (_("Tax"), order.tax),
    ]
    found = [Amount(title, shown(amount)) for title, amount in parts if amount or title == parts[0][0]]
    found.append(Amount(_("Total"), shown(order.total), total=True))
    found.append(Amount(_("Paid amount"), shown(order.paid)))
    if order.refunded:
        found.append(Amount(_("Refunded"), shown(-order.refunded)))
    if (owed := order.total - order.paid) > 0 and order.state != "cancelled":
        found.append(Amount(_("Still owed"), shown(owed), total=True))
    return found


def paid(order: Order, show: Show, *, visible: bool) -> str:
    """Return how the order is paid, in a sentence."""
    if not visible:
        return _("Your role does not show amounts")
    if order.paid_at is None:
        return _("not paid yet")
    at = _("paid %(time)s", time=show.clock(order.paid_at))
    left = order.paid - order.refunded
    if left <= 0:
        return at
    return _("%(paid)s · refundable %(sum)s", paid=at, sum=show.money(left, order.currency))


def buyer(view: OrderView, show: Show, *, may_reveal: bool) -> list[Detail]:
    """Return the buyer and where it goes; protected fields covered with dots as the role has it."""
    who = view.order.buyer
    place = " ".join(part for part in (who.address.province, who.address.city, who.address.district) if part)
    covered = {
        "buyer.phone": who.phone,
        "buyer.email": who.email,
        "buyer.address.street": who.address.street,
    }
    level = _("level %(level)s", level=who.level) if who.level else ""
    found = [
        Detail(_("Buyer"), " · ".join(part for part in (who.name, level) if part) or NOTHING),
        _covered(_("Phone"), "buyer.phone", covered["buyer.phone"], view, may_reveal=may_reveal),
        Detail(_("Address"), place or NOTHING),
        _covered(_("Street"), "buyer.address.street", covered["buyer.address.street"], view, may_reveal=may_reveal),
    ]
    if who.email or "buyer.email" in view.masked | view.hidden:
        found.append(_covered(_("E-mail"), "buyer.email", who.email, view, may_reveal=may_reveal))
    found.append(Detail(_("Region"), region_word(view.order.region, show) or NOTHING))
    return found


def related(view: OrderView, show: Show) -> list[Detail]:
    """Return the numbers and times by which others know the order, and how its stock stands."""
    order = view.order
    found = [
        Detail(_("External no."), order.external_id),
        Detail(_("Shop"), order.shop) if order.shop else None,
        Detail(_("Lane"), lane_word(order.lane)),
        Detail(_("Stock"), stock_word(view.reservation, show)) if view.reservation else None,
        Detail(_("Placed"), show.exact(order.placed_at)),
        Detail(_("In the hub"), show.exact(order.received_at)),
        Detail(_("Shipped"), show.exact(order.shipped_at)) if order.shipped_at else None,
        Detail(_("Changed"), show.exact(order.modified_at)) if order.modified_at else None,
    ]
    return [detail for detail in found if detail is not None]


def own_fields(values: Mapping[str, Any], form: StaffForm | None, show: Show) -> list[Detail]:
    """Return the fields of the business's own: those of its form under their titles, then what mappings add."""
    named = form.fields if form else {}
    own = [
        Detail(show.text(Text.of(field["title"])), field_words(field, values.get(name), show) or NOTHING)
        for name, field in named.items()
    ]
    rest = {name: value for name, value in values.items() if name not in named}
    return [*own, *(Detail(name, _plain(value)) for name, value in _flat(rest))]


def _covered(title: str, field: str, value: str, view: OrderView, *, may_reveal: bool) -> Detail:
    is_covered = field in view.masked or field in view.hidden
    shown = value or (DOTS if field in view.hidden else NOTHING)
    reveal = url_for("order.reveal", order_id=view.order.id, field=field) if is_covered and may_reveal else ""
    return Detail(title, shown, reveal, field.replace(".", "-"))


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        place = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            yield from _flat(value, place)
        else:
            yield place, value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value).decode()


def _refund(state: str) -> str:
    return {"requested": _("refund requested"), "refunded": _("refunded"), "declined": _("refund declined")}.get(
        state, ""
    )
