"""What is to be said of a channel: how it is, and where it is silent or in trouble, why, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import url_for

from ordain.store.channels import ChannelState
from ordain.store.definitions import Version
from ordain.web.pages.channels.context import Cause
from ordain.web.pages.channels.health import Measured
from ordain.web.pages.lists import State
from ordain.web.pages.texts import _
from ordain.web.show import Show

LATE: Final = timedelta(seconds=90)
SILENT: Final = timedelta(minutes=10)
_CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel with all that is known of it."""

    version: Version
    state: ChannelState
    measured: Measured
    show: Show

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its definition's spec."""
        spec: Mapping[str, Any] = self.version.document["spec"]
        return spec

    @property
    def paused(self) -> bool:
        """Whether somebody paused it."""
        return bool(self.spec.get("paused"))

    @property
    def asks(self) -> bool:
        """Whether it is asked, rather than only listened to."""
        intakes = self.spec["intakes"]
        return "poll" in intakes or "fetch" in intakes.get("file", {})

    @property
    def silent(self) -> bool:
        """Whether no order came for a while."""
        last = self.measured.last_order
        return last is None or self.show.now - last > SILENT

    @property
    def late(self) -> bool:
        """Whether the collector should have run by now and did not."""
        due = self.state.next_due
        return self.asks and due is not None and self.show.now - due > LATE


def judge(channel: Channel) -> tuple[State, Cause | None]:
    """Return how a channel is, and why where that needs saying."""
    href = url_for("channels.one", key=channel.version.key)
    if channel.paused:
        return State("off", _("Paused")), _paused(channel)
    match channel.state.cause:
        case "authentication":
            text = _("Login refused: %(error)s. It stopped asking.", error=_error(channel))
            return State("act", _("Cannot authenticate")), _failing("key-off", text, channel, href)
        case "reach":
            text = _("Cannot be reached: %(error)s", error=_error(channel))
            return State("act", _("Cannot reach")), _failing("plug-connected-x", text, channel, href)
        case "limit":
            text = _("Rate limited; backs off and tries again %(time)s", time=_due(channel))
            return State("look", _("Rate limited")), _failing("hourglass", text, channel, href)
        case "":
            return _sound(channel)
        case _:
            text = _("Unexpected answer: %(error)s", error=_error(channel))
            return State("look", _("Answers badly")), _failing("alert-triangle", text, channel, href)


def breaker(channel: Channel) -> tuple[str, str]:
    """Return the breaker's word, and its look where it is not closed."""
    state = channel.state
    if state.breaker == _CLOSED or channel.paused:
        return _("closed"), ""
    if state.breaker == "half-open" or state.open_until is None or state.open_until <= channel.show.now:
        return _("half-open, probing"), "look"
    left = channel.show.span((state.open_until - channel.show.now).total_seconds())
    return _("open, %(time)s left", time=left), "act"


def intake(spec: Mapping[str, Any], show: Show) -> str:
    """Return the ways in, in words: polled every so often, pushed, by file."""
    intakes, parts = spec["intakes"], []
    if "webhook" in intakes:
        parts.append(_("Webhook"))
    if "poll" in intakes:
        parts.append(_("polled every %(time)s", time=show.span(intakes["poll"].get("every_seconds", 300))))
    if "file" in intakes:
        fetch = intakes["file"].get("fetch")
        every = show.span(fetch.get("every_seconds", 900)) if fetch else ""
        parts.append(_("file, every %(time)s", time=every) if fetch else _("file by hand"))
    return " + ".join(parts) or _("API only")


def _sound(channel: Channel) -> tuple[State, Cause | None]:
    if channel.late:
        late = channel.show.span((channel.show.now - (channel.state.next_due or channel.show.now)).total_seconds())
        text = _("Collector late: should have asked %(time)s ago. Is a worker running?", time=late)
        return State("look", _("Collector late")), Cause("clock-exclamation", text)
    if channel.asks and channel.state.last_try is None and channel.measured.last_order is None:
        return State("idle", _("Not asked yet")), None
    if channel.silent:
        return State("done", _("Quiet")), Cause("moon", _quiet(channel))
    return State("done", _("Healthy")), None


def _quiet(channel: Channel) -> str:
    day = channel.measured.day
    if not day:
        return _("Quiet: no order in 24 hours, and nothing failed")
    usual = channel.show.span(86_400 / day)
    return _("Quiet: over the last 24 hours one order every %(time)s on average", time=usual)


def _paused(channel: Channel) -> Cause:
    version, show = channel.version, channel.show
    who = version.author.removeprefix("user:")
    text = _("%(who)s paused it %(time)s", who=who, time=show.ago(version.at))
    note = _("%(what)s: %(why)s", what=text, why=version.note) if version.note else text
    return Cause("player-pause", note, _("Resume"), post=url_for("channels.resume", key=version.key))


def _failing(icon: str, text: str, channel: Channel, href: str) -> Cause:
    errors = url_for("channels.one", key=channel.version.key, show="errors")
    again = url_for("channels.poll", key=channel.version.key) if channel.asks else ""
    return Cause(
        icon, text, _("Poll now") if again else "", post=again, more=_("See the errors"), more_href=errors or href
    )


def _error(channel: Channel) -> str:
    return channel.state.error.strip()[:200] or _("no reason given")


def _due(channel: Channel) -> str:
    due = channel.state.next_due
    if due is None or due <= channel.show.now:
        return _("now")
    return _("in %(time)s", time=channel.show.span((due - channel.show.now).total_seconds()))
