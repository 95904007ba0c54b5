"""The list of orders: views, filters, search, sort, pages; and what may be done with a selection."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.flows import redriving
from ordain.records.access import Access
from ordain.store.orders import find as store
from ordain.store.orders import show as one
from ordain.store.orders import standing as counts
from ordain.store.orders.find import OrderQuery, OrderSummary
from ordain.store.orders.standing import Standing
from ordain.web.here import services
from ordain.web.pages.lists import Pager
from ordain.web.pages.orders import around
from ordain.web.pages.orders.asked import Asked, read, view_counts
from ordain.web.pages.orders.context import OrdersPage
from ordain.web.pages.orders.limits import LaneLimit, lane_limits
from ordain.web.pages.orders.rows import row
from ordain.web.pages.reader import given, reader, tally, wants_part
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_names
from ordain.web.policy import current_origin, policy
from ordain.web.show import Show

orders = Blueprint("orders", __name__)
PAGE: Final = 50
_MOST_SELECTED: Final = 200


@orders.get("/")
@policy()
def home() -> Response:
    """Go to the list."""
    return redirect(url_for("orders.index"))


@orders.get("/orders")
@policy("order.read")
def index() -> str:
    """Show the list, or the part of it that is asked for anew every few seconds."""
    asked, show, access = read(request.args), reader(), given("order")
    with services().db.read() as conn:
        page = _page(conn, asked, show, access)
    return render_template("staff/orders_list.html" if wants_part("orders") else "staff/orders.html", page=page)


@orders.post("/orders/redrive")
@policy("order.repair")
def redrive() -> Response:
    """Read the newest message of each selected order that is held once more; others stay as they are."""
    chosen = request.form.getlist("order")[:_MOST_SELECTED]
    with services().db.read() as conn:
        views = [one.get(conn, services().vault, given("order"), order_id) for order_id in chosen]
    held = [view.order.id for view in views if view is not None and view.order.held]
    results = [
        result for order_id in held for result in redriving.redrive_order(services(), order_id, current_origin())
    ]
    passed = sum(result.fate == "applied" for result in results)
    return redirect(url_for("orders.index", view="held", redriven=len(results), passed=passed))


def _page(conn: sa.Connection, asked: Asked, show: Show, access: Access) -> OrdersPage:
    vault, zone, path = services().vault, services().settings.timezone, url_for("orders.index")
    query = asked.query(zone, show.now)
    names, lanes = channel_names(conn, show), lane_limits(conn)
    whole = asked.but(states=(), held="").query(zone, show.now)
    standing, whole = counts.standing(conn, vault, access, whole)
    query = replace(query, q=whole.q, ids=whole.ids)
    items, following = _found(conn, access, query)
    views = view_counts(tally(conn), conn, access, zone, show.now)
    delay = counts.delay(conn, vault, access, whole)
    since = _since(request.args.get("since", ""))
    return OrdersPage(
        latest=_latest(conn, access, show, delay),
        tabs=around.tabs(asked, views, show, path),
        stages=around.stages(asked, standing, delay, _longest(lanes), show, path),
        filters=around.chosen(asked, names, show, path),
        form=around.form(asked, names, show),
        view=asked.view,
        sort=asked.sort,
        q=asked.q,
        heads=around.heads(asked, path, amounts=access.reads("total")),
        rows=[row(item, show, names, lanes, since) for item in items],
        pager=_pager(asked, len(items), following, _total(conn, access, query, whole, standing, show), show, path),
        refresh=asked.href(path, **_place(), since=str(epoch_ms(show.now))),
        plain=path,
        kept=[pair for pair in asked.but(q="").pairs() if pair[0] != "q"],
        empty=_("No order matches this view and these filters"),
        may_redrive=access.may("repair"),
        done=_done(show),
        nothing_yet=views["all"] == 0,
        see_channels=url_for("channels.index") if given("channel").may("read") else "",
    )


def _found(conn: sa.Connection, access: Access, query: OrderQuery) -> tuple[list[OrderSummary], str | None]:
    """Return the page asked for; an old or broken cursor begins at the first page."""
    cursor = request.args.get("cursor") or None
    try:
        return store.page(conn, services().vault, access, query, limit=PAGE, cursor=cursor)
    except ValueError:
        return store.page(conn, services().vault, access, query, limit=PAGE)


def _total(
    conn: sa.Connection, access: Access, query: OrderQuery, whole: OrderQuery, standing: Standing, show: Show
) -> str:
    """Return how many match, from where all of them stand wherever those are among them."""
    among = whole.held in (None, query.held)
    number = standing.among(query.states, query.held) if among else store.count(conn, services().vault, access, query)
    return around.at_least(number, show, capped=standing.capped)


def _longest(lanes: Sequence[LaneLimit]) -> int | None:
    """Return the longest any lane lets orders wait: what is over it is late in every lane."""
    return max((lane.minutes for lane in lanes if lane.minutes), default=None)


def _pager(asked: Asked, number: int, next_place: str | None, total: str, show: Show, path: str) -> Pager:
    begin = _number("at")
    end = begin + number
    numbers = {"first": show.number(begin + 1), "last": show.number(end), "total": total}
    sentence = _("%(first)s–%(last)s of %(total)s", **numbers) if number else _("No orders")
    following = asked.href(path, cursor=next_place, at=str(end)) if next_place else ""
    return Pager(sentence, asked.href(path) if begin else "", following)


def _place() -> dict[str, str]:
    """Return where in the list the reader stands, for asking for the same page anew."""
    cursor = request.args.get("cursor", "")
    return {"cursor": cursor, "at": str(_number("at"))} if cursor else {}


def _latest(conn: sa.Connection, access: Access, show: Show, delay: float | None) -> str:
    """Return how many orders came in within the last minute, and how fast."""
    number = counts.arrived_since(conn, access, show.now - timedelta(minutes=1))
    if not number:
        return ""
    if delay is None:
        return _("%(n)s new in the last minute", n=show.number(number))
    time = show.latency(delay)
    return _("%(n)s new in the last minute · in the hub after %(time)s", n=show.number(number), time=time)


def _done(show: Show) -> str:
    if "redriven" not in request.args:
        return ""
    redriven, passed = _number("redriven"), _number("passed")
    return _("%(n)s re-driven, %(passed)s passed", n=show.number(redriven), passed=show.number(passed))


def _since(text: str) -> datetime | None:
    return from_epoch_ms(int(text)) if text.isdecimal() and len(text) < 15 else None


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
