"""Orders by state, to look at: what moves an order is its channel, so no card is dragged here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from flask import url_for

from ordain.records.order import STATES
from ordain.store.orders import find as store
from ordain.store.orders.find import OrderQuery, OrderSummary
from ordain.store.orders.standing import Standing
from ordain.web.here import services
from ordain.web.pages.listing.context import Board, Card, Pile
from ordain.web.pages.lists import State
from ordain.web.pages.orders.around import at_least
from ordain.web.pages.orders.asked import Asked
from ordain.web.pages.orders.rows import Reading, age
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_name, order_state

_CARDS: Final = 20


def orders_board(
    conn: sa.Connection, asked: Asked, query: OrderQuery, standing: Standing, by: Reading, path: str
) -> Board:
    """Return the orders that match, piled by state; held ones lie on a pile of their own."""
    states = [state for state in STATES if not query.states or state in query.states]
    asks = [(replace(query, states=(state,), held=False), order_state(state)) for state in states]
    piles = [_pile(conn, asked, one, state, standing, by, path) for one, state in asks]
    if query.held is not False and standing.held:
        held = replace(query, held=True)
        piles.insert(0, _pile(conn, asked, held, order_state(None, held=True), standing, by, path))
    return Board([pile for pile in piles if query.held is not True or pile.key == "held"])


def _pile(
    conn: sa.Connection, asked: Asked, query: OrderQuery, state: State, standing: Standing, by: Reading, path: str
) -> Pile:
    items, following = store.page(conn, services().vault, by.listed.access, query, limit=_CARDS)
    number = standing.among(query.states, query.held)
    held = query.held is True
    narrowed: Mapping[str, object] = {"held": "yes"} if held else {"states": tuple(query.states), "held": "no"}
    href = asked.but(layout="", **narrowed).href(path)
    key = "held" if held else query.states[0]
    more = _("%(n)s more", n=by.show.number(number - len(items))) if following else ""
    return Pile(
        key, state, at_least(number, by.show, capped=standing.capped), href, [_card(item, by) for item in items], more
    )


def _card(item: OrderSummary, by: Reading) -> Card:
    money = by.show.money(item.total, item.currency) if item.total is not None else ""
    first = " · ".join(part for part in (channel_name(by.names, item.channel).title, item.buyer_name) if part)
    second = " · ".join(part for part in (item.title, money) if part)
    href = url_for("order.index", order_id=item.id)
    return Card(item.id, item.number, href, [first, second], age(item, by.show, by.lanes))
