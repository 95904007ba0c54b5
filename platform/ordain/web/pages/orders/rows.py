"""From found orders to the rows of the list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from flask import url_for

from ordain.base.errors import Problem
from ordain.store.orders.find import OrderSummary
from ordain.web.pages.lists import Age, ChannelName
from ordain.web.pages.orders.context import OrderLine
from ordain.web.pages.orders.limits import LaneLimit, limit_of
from ordain.web.pages.words import channel_name, order_state, region_word
from ordain.web.show import NOTHING, Show

BAR: Final = 44
_LOOK: Final = 0.85


def row(
    found: OrderSummary,
    show: Show,
    names: Mapping[str, ChannelName],
    lanes: Sequence[LaneLimit],
    since: datetime | None,
) -> OrderLine:
    """Return one row; `lanes` limit how long it may wait, `since` is when the reader last looked."""
    problems = [Problem.of(stored) for stored in found.problems]
    remark = show.text(problems[0].message) if found.held and problems else ""
    return OrderLine(
        id=found.id,
        number=found.number,
        href=url_for("order.index", order_id=found.id),
        channel=channel_name(names, found.channel),
        buyer=found.buyer_name or NOTHING,
        goods=found.title or NOTHING,
        more=max(found.line_count - 1, 0),
        quantity=show.number(found.quantity),
        total=show.money(found.total, found.currency),
        amount=found.total,
        currency=found.currency,
        state=order_state(found.state, held=found.held, remark=remark),
        lane=found.lane,
        region=region_word(found.region, show) or NOTHING,
        age=age(found, show, lanes),
        placed=show.clock(found.placed_at),
        placed_exact=show.exact(found.placed_at),
        held=found.held,
        fresh=since is not None and found.updated_at > since,
    )


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
