"""Building the page of outside systems from what the database knows of them."""

from typing import Final

import sqlalchemy as sa
from flask import url_for

from ordain.base.text import Text
from ordain.store import connectors, directory, notices
from ordain.store.connectors import Target
from ordain.store.definitions import Live
from ordain.store.directory import Feed
from ordain.store.notices import Delivery
from ordain.web.pages.knots import failure_word
from ordain.web.pages.outside.context import OutsidePage, People, Sent, State, System
from ordain.web.pages.texts import _
from ordain.web.show import Show

MOST: Final = 50


def page(conn: sa.Connection, live: Live, show: Show, *, failed: bool, operate: bool) -> OutsidePage:
    """Return the page; `operate` says that the reader may act."""
    known = {(found.connector, found.target): found for found in connectors.targets(conn)}
    systems = [
        _system(_title(live, "connector", version.key, show), version.key, name, known.get((version.key, name)), show)
        for version in live.all("connector")
        for name in version.document["spec"]["targets"]
    ]
    feeds = [
        _people(_title(live, "connector", version.key, show), directory.feed(conn, version.key), show, operate=operate)
        for version in live.all("connector")
        if "directory" in version.document["spec"]
    ]
    counts = notices.counts(conn)
    sent = notices.latest(conn, state="failed" if failed else "", limit=MOST)
    return OutsidePage(
        systems,
        feeds,
        [_sent(_title(live, "notice", one.notice, show), one, show, operate=operate) for one in sent],
        failed,
        show.number(counts.get("failed", 0)),
        url_for("outside.index"),
        url_for("outside.index", state="failed"),
    )


def _title(live: Live, kind: str, key: str, show: Show) -> str:
    version = live.get(kind, key)
    return show.text(Text.of(version.document["title"])) if version else key


def _system(title: str, key: str, name: str, found: Target | None, show: Show) -> System:
    href = url_for("definitions.one", kind="connector", key=key)
    if found is None:
        return System(title, name, href, State("idle", _("Never called")), "", "", "", "")
    standing = found.standing
    if standing.admits(show.now) and not found.cause:
        state = State("done", _("Answers"))
    elif standing.state == "closed":
        state = State("look", _("Last call failed"))
    else:
        state = State("act", _("Not called for now"), _("breaker open"))
    return System(
        title,
        name,
        href,
        state,
        show.latency(found.milliseconds / 1000),
        show.ago(found.last_success),
        show.exact(found.last_success),
        found.error,
    )


def _people(title: str, feed: Feed, show: Show, *, operate: bool) -> People:
    numbers = {"listed": show.number(feed.listed), "ago": show.ago(feed.last_success)}
    if feed.alarm:
        word = _("Goes on at the next run") if feed.accepted else _("Stopped")
        told = {"known": show.number(feed.known), "listed": show.number(feed.listed)}
        alarm = _("The list brought %(listed)s people where there were %(known)s. Nobody was shut out.", **told)
        accept = url_for("outside.accept", source=feed.source) if operate and not feed.accepted else ""
        return People(title, State("act", word), "", alarm, accept)
    if feed.error:
        return People(
            title, State("look", _("Cannot be read")), _("breaker open") if feed.error == "open" else feed.error, "", ""
        )
    if feed.last_success is None:
        return People(title, State("idle", _("Not yet asked")), "", "", "")
    return People(title, State("done", _("In step")), _("%(listed)s people, %(ago)s", **numbers), "", "")


def _sent(title: str, one: Delivery, show: Show, *, operate: bool) -> Sent:
    states = {
        "sent": State("done", _("Delivered")),
        "failed": State("act", _("Not delivered")),
        "unknown": State("unknown", _("Unclear, being asked")),
        "waiting": State("running", _("Waits")) if not one.tries else State("look", _("Waits for another try")),
    }
    way = {"sms": _("SMS"), "mail": _("Mail")}.get(one.by, "")
    again = one.state == "failed" and operate and one.cause not in ("address", "late")
    return Sent(
        title,
        way,
        one.shown,
        states[one.state],
        show.clock(one.sent_at or one.created_at),
        show.exact(one.sent_at or one.created_at),
        failure_word(one.cause) if one.cause and one.state != "sent" else "",
        one.error,
        url_for("outside.again", notice_id=one.id) if again else "",
    )
