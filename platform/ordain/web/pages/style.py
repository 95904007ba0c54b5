"""The living style page: every part pages are put together from, in light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, render_template

from ordain.web.pages.definitions.context import Chip
from ordain.web.pages.knots import Knot, Why, WhyLine
from ordain.web.pages.lists import Age, ChannelName, Stage, State
from ordain.web.pages.texts import _
from ordain.web.policy import policy

style = Blueprint("style", __name__, url_prefix="/admin/style")


@dataclass(frozen=True, slots=True)
class StylePage:
    """One of each part; `light` and `dark` are the same story under different ids."""

    states: Sequence[State]
    chips: Sequence[Chip]
    channels: Sequence[ChannelName]
    ages: Sequence[Age]
    stages: Sequence[Stage]
    light: Sequence[Knot]
    dark: Sequence[Knot]


@style.get("")
@policy("definition.read")
def index() -> str:
    """Show the parts."""
    page = StylePage(_states(), _chips(), _channels(), _ages(), _stages(), _story("light"), _story("dark"))
    return render_template("admin/style.html", page=page)


def _states() -> list[State]:
    return [
        State("done", _("normal, done")),
        State("running", _("running")),
        State("idle", _("not begun")),
        State("look", _("to look at")),
        State("act", _("to act on")),
        State("unknown", _("outcome unknown")),
        State("off", _("cancelled, paused")),
    ]


def _chips() -> list[Chip]:
    return [
        Chip(_("draft"), "accent", "pencil"),
        Chip(_("canary"), "dashed"),
        Chip(_("live"), "ok", "check"),
        Chip(_("half-open, probing"), "look"),
        Chip(_("held"), "act", "hand-stop"),
        Chip(_("Channel"), "line"),
    ]


def _channels() -> list[ChannelName]:
    return [ChannelName("a", "抖", "抖音小店"), ChannelName("b", "S", "Web shop")]


def _ages() -> list[Age]:
    return [Age("12:05", 16), Age("8:41", 38, "look"), Age("31:02", 44, "act")]


def _stages() -> list[Stage]:
    return [
        Stage(_("received"), "120", "#", "done", line="done"),
        Stage(_("checked"), "118", "#", "look", _("held %(n)s", n=2), "look", line="done"),
        Stage(_("to pick"), "31", "#", "open", line="look"),
        Stage(_("shipped"), "0", "#", "idle"),
    ]


def _story(theme: str) -> list[Knot]:
    lines = [WhyLine("yes", _("any of these"), "", 0), WhyLine("no", "total > 5000", "1098", 1)]
    lines.append(WhyLine("off", "region = east", _("not evaluated"), 1))
    why = Why(
        theme, _("Why did it pass?"), _("Field mapping"), "example", "", lines, _("Result: accepted into the hub")
    )
    knots = [
        Knot("done", "done", _("done"), why=why),
        Knot("more", "done", _("done"), next="now"),
        Knot("now", "now", _("now"), next="skipped"),
        Knot("skipped", "skipped", _("skipped, with the reason"), next="ahead"),
        Knot("stopped", "stopped", _("stopped, waits for somebody"), next="ahead"),
        Knot("ahead", "ahead", _("to come")),
    ]
    return [replace(knot, id=f"{theme}-{knot.id}") for knot in knots]
