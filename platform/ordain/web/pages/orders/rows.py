"""From found orders to the rows of the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import url_for

from ordain.base.errors import Problem
from ordain.flows import extending
from ordain.flows.listing import OrderList
from ordain.store.fields import NUMBERS
from ordain.store.orders.find import OWN, OrderSummary
from ordain.web.here import services
from ordain.web.pages.listing.context import Cell, Row
from ordain.web.pages.listing.tools import fitted
from ordain.web.pages.lists import Age, ChannelName, State
from ordain.web.pages.orders.columns import css
from ordain.web.pages.orders.limits import LaneLimit, limit_of
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_name, field_words, order_state, region_word
from ordain.web.show import NOTHING, Show

BAR: Final = 44
_LOOK: Final = 0.85


@dataclass(frozen=True, slots=True)
class Reading:
    """What rows are read with: the reader, names of channels, limits of lanes, own fields, since when they looked."""

    show: Show
    names: Mapping[str, ChannelName]
    lanes: Sequence[LaneLimit]
    listed: OrderList
    since: datetime | None = None


def row(found: OrderSummary, columns: Sequence[str], by: Reading) -> Row:
    """Return one row in these columns."""
    own = extending.shown(services(), by.listed.form, found.id, found.extra, by.listed.access)
    return Row(
        id=found.id,
        name=found.number,
        href=url_for("order.index", order_id=found.id),
        cells=[_cell(found, name, own, by) for name in columns],
        state=stands(found, by.show),
        letter=channel_name(by.names, found.channel).letter,
        amount=found.total,
        currency=found.currency,
        fits=fitted(by.listed, found),
        fresh=by.since is not None and found.updated_at > by.since,
    )


def stands(found: OrderSummary, show: Show) -> State:
    """Return an order's state, with its first problem where it is held."""
    problems = [Problem.of(stored) for stored in found.problems]
    remark = show.text(problems[0].message) if found.held and problems else ""
    return order_state(found.state, held=found.held, remark=remark)


def _cell(found: OrderSummary, name: str, own: Mapping[str, Any], by: Reading) -> Cell:
    show, key = by.show, css(name)
    if name.startswith(OWN):
        return _own_cell(name.removeprefix(OWN), own, by)
    match name:
        case "channel":
            return Cell(key, "channel", channel=channel_name(by.names, found.channel))
        case "goods":
            more = max(found.line_count - 1, 0)
            words = _("and %(n)s more", n=more, all=more + 1) if more else ""
            return Cell(key, "goods", found.title or NOTHING, words, slot="p1")
        case "quantity":
            return Cell(key, "num", show.number(found.quantity))
        case "total":
            return Cell(key, "money", show.money(found.total, found.currency), slot="p2")
        case "paid":
            return Cell(key, "money", show.money(found.paid, found.currency))
        case "state":
            return Cell(key, "state", state=stands(found, show))
        case "lane":
            return Cell(key, "lane", found.lane)
        case "waiting":
            return Cell(key, "age", age=age(found, show, by.lanes))
        case "placed_at" | "received_at" | "paid_at" | "shipped_at":
            moment: datetime | None = getattr(found, name)
            slot = "p4" if name == "placed_at" else ""
            return Cell(key, "time", show.clock(moment), exact=show.exact(moment), slot=slot)
        case _:
            return Cell(key, "text", _text(found, name, show) or NOTHING)


def _text(found: OrderSummary, name: str, show: Show) -> str:
    match name:
        case "buyer":
            return found.buyer_name
        case "region":
            return region_word(found.region, show)
        case "place":
            return " ".join(part for part in (found.province, found.city) if part)
        case _:
            return str(getattr(found, name, ""))


def _own_cell(name: str, own: Mapping[str, Any], by: Reading) -> Cell:
    field = by.listed.form.fields.get(name, {}) if by.listed.form else {}
    words = field_words(field, own.get(name), by.show) or NOTHING
    return Cell("c-own", "num" if field.get("type") in NUMBERS else "text", words)


def age(found: OrderSummary, show: Show, lanes: Sequence[LaneLimit]) -> Age | None:
    """Return how long an order waits for somebody to do something, None where nothing is to be done."""
    if found.state == "unpaid" and not found.held and found.placed_at is not None:
        return Age(show.age((show.now - found.placed_at).total_seconds()))  # waits for its buyer, not for us
    if not found.held and found.state not in ("paid", "picking"):
        return None
    seconds = max((show.now - found.received_at).total_seconds(), 0)
    return measured(seconds, show, limit_of(found, lanes))


def measured(seconds: float, show: Show, limit_minutes: int | None) -> Age:
    """Return an age beside its limit: to be looked at from 85 % on, over the limit at 100 %."""
    text = show.age(seconds)
    if not limit_minutes:
        return Age(text)
    share = seconds / (limit_minutes * 60)
    tone = "act" if share >= 1 else "look" if share >= _LOOK else ""
    return Age(text, min(round(share * BAR), BAR), tone)
