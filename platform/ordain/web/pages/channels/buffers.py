"""What is held back from a channel that sells against its own counter: how much, why, and what it costs."""

import sqlalchemy as sa

from ordain.engines.buffer import RISK
from ordain.flows.pushing import FIRST_LAG
from ordain.store import pushes
from ordain.store.definitions import Version
from ordain.store.pushes import Told
from ordain.web.pages.knots import failure_word
from ordain.web.pages.texts import _
from ordain.web.show import Show


def stock_facts(conn: sa.Connection, version: Version, show: Show) -> list[tuple[str, str, str]]:
    """Return the facts of a channel's stock push; none where it has none."""
    spec = version.document["spec"].get("stock")
    if spec is None:
        return []
    feed, lag = pushes.feed(conn, version.key), pushes.lag(conn, version.key, show.now)
    units, skus = pushes.price(conn, version.key)
    risk = f"{float(spec.get('risk', RISK)):.1%}"
    seconds = show.latency(lag) if lag is not None else _("%(time)s, not yet measured", time=show.latency(FIRST_LAG))
    heard = show.ago(feed.last_success) if not feed.cause else failure_word(feed.cause)
    largest = [one for one in pushes.told(conn, version.key, limit=3) if one.held_back]
    costs = " · ".join(_cost(one, show) for one in largest)
    held = _("%(units)s units over %(skus)s SKUs", units=show.number(units), skus=show.number(skus))
    return [
        (_("Stock told"), heard, "act" if feed.cause else ""),
        (_("Hears late by (p95)"), seconds, ""),
        (_("Channel buffer"), held, ""),
        (_("Most held back"), costs or _("nothing"), ""),
        (_("Why"), _("what is sold within the lag, oversold in under %(risk)s", risk=risk), ""),
    ]


def _cost(one: Told, show: Show) -> str:
    """Return what is held back of a SKU, and the sales it follows from."""
    return _(
        "%(sku)s: %(units)s (%(sold)s sold a day)",
        sku=one.sku,
        units=show.number(one.held_back),
        sold=show.number(one.per_day),
    )
