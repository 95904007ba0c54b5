"""The list of orders: views, filters, search, sort, pages, columns, the board by state."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.flows import extending
from ordain.flows.listing import ORDER, OrderList
from ordain.records.access import Access
from ordain.store.orders import find as store
from ordain.store.orders import standing as counts
from ordain.store.orders.find import OrderQuery, OrderSummary
from ordain.store.orders.standing import Standing
from ordain.web.here import services
from ordain.web.pages.listing import filtering
from ordain.web.pages.listing.tools import choose, saved_tabs, tools
from ordain.web.pages.lists import Pager
from ordain.web.pages.orders import around, columns
from ordain.web.pages.orders.asked import Asked, read, view_counts
from ordain.web.pages.orders.board import orders_board
from ordain.web.pages.orders.context import OrdersPage
from ordain.web.pages.orders.limits import LaneLimit, lane_limits
from ordain.web.pages.orders.rows import Reading, row
from ordain.web.pages.reader import given, reader, tally, wants_part
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_names
from ordain.web.policy import policy
from ordain.web.show import Show

orders = Blueprint("orders", __name__)
PAGE: Final = 50


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


def _page(conn: sa.Connection, asked: Asked, show: Show, access: Access) -> OrdersPage:
    vault, zone, path = services().vault, services().settings.timezone, url_for("orders.index")
    listed = list_of(conn)
    own = extending.readable(listed.form, access)
    asked_own = {name: field for name, field in own.items() if filtering.can_ask(field, name)}
    query = asked.query(zone, show.now, own)
    names, lanes = channel_names(conn, show), lane_limits(conn)
    whole = asked.but(states=(), held="").query(zone, show.now, own)
    standing, whole = counts.standing(conn, vault, access, whole)
    query = replace(query, q=whole.q, ids=whole.ids)
    views = view_counts(tally(conn), conn, access, zone, show.now)
    delay = counts.delay(conn, vault, access, whole)
    by = Reading(show, names, lanes, listed, _since(request.args.get("since", "")))
    titles = columns.titles(access, own, show)
    choice = choose(conn, ORDER, asked, titles, columns.USUAL, columns.FIRST)
    shown = {name: titles[name] for name in choice.columns}
    number, total = _total(conn, access, query, whole, standing, show)
    board = asked.layout == "board"
    items, following = ([], None) if board else _found(conn, access, query)
    return OrdersPage(
        latest=_latest(conn, access, show, delay),
        tabs=[*around.tabs(asked, views, show, path), *saved_tabs(choice, ORDER, path, total)],
        stages=around.stages(asked, standing, delay, _longest(lanes), show, path),
        filters=around.chosen(asked, names, show, path, asked_own),
        form=around.form(asked, names, show),
        q=asked.q,
        tools=tools(listed, choice, asked, path, titles, filtering.asked(asked.own, asked_own, show), number, show),
        heads=columns.heads(asked, path, shown, access, own),
        rows=[row(item, choice.columns, by) for item in items],
        board=orders_board(conn, asked, query, standing, by, path) if board else None,
        pager=Pager(total) if board else _pager(asked, len(items), following, total, show, path),
        refresh=asked.href(path, **_place(), since=str(epoch_ms(show.now))),
        plain=path,
        kept=[pair for pair in asked.but(q="").pairs() if pair[0] != "q"],
        clear=Asked(view=asked.view, layout=asked.layout).href(path),
        empty=_("No order matches this view and these filters"),
        nothing_yet=views["all"] == 0,
        see_channels=url_for("channels.index") if given("channel").may("read") else "",
    )


def list_of(conn: sa.Connection) -> OrderList:
    """Return the list of orders as the current reader sees it."""
    live = services().live.at(conn)
    return OrderList(services(), given(ORDER), extending.order_form(live), live)


def _found(conn: sa.Connection, access: Access, query: OrderQuery) -> tuple[list[OrderSummary], str | None]:
    """Return the page asked for; an old or broken cursor begins at the first page."""
    cursor = request.args.get("cursor") or None
    try:
        return store.page(conn, services().vault, access, query, limit=PAGE, cursor=cursor)
    except ValueError:
        return store.page(conn, services().vault, access, query, limit=PAGE)


def _total(
    conn: sa.Connection, access: Access, query: OrderQuery, whole: OrderQuery, standing: Standing, show: Show
) -> tuple[int, str]:
    """Return how many match, from where all of them stand wherever those are among them."""
    among = whole.held in (None, query.held)
    number = standing.among(query.states, query.held) if among else store.count(conn, services().vault, access, query)
    return number, around.at_least(number, show, capped=standing.capped)


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


def _since(text: str) -> datetime | None:
    return from_epoch_ms(int(text)) if text.isdecimal() and len(text) < 15 else None


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
