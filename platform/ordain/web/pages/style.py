"""The living style page: every part of the pages, in light and dark, drawn by the partials that the pages use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, render_template

from ordain.base.errors import problem
from ordain.engines.form import View, draw
from ordain.engines.form.shape import compile_shape
from ordain.web.pages.definitions.context import Chip
from ordain.web.pages.knots import Knot, Why, WhyLine
from ordain.web.pages.listing.context import Cell, Row
from ordain.web.pages.lists import Age, ChannelName, Fault, Head, Stage, State
from ordain.web.pages.record.context import Part
from ordain.web.pages.texts import _
from ordain.web.pages.work.context import WorkView
from ordain.web.policy import policy

style = Blueprint("style", __name__, url_prefix="/admin/style")


@dataclass(frozen=True, slots=True)
class Theme:
    """What has ids, for one theme: the story, rows wide and on a phone, the form, long work going on and ended."""

    key: str
    story: Sequence[Knot]
    rows: Sequence[Row]
    phone: Sequence[Row]
    parts: Sequence[Part]
    works: Sequence[WorkView]


@dataclass(frozen=True, slots=True)
class StylePage:
    """One of each part; what has ids is there once for each theme, under ids of its own."""

    states: Sequence[State]
    chips: Sequence[Chip]
    channels: Sequence[ChannelName]
    ages: Sequence[Age]
    stages: Sequence[Stage]
    heads: Sequence[Head]
    themes: Sequence["Theme"]


@style.get("")
@policy("definition.read")
def index() -> str:
    """Show the parts."""
    themes = [
        Theme(key, _story(key), _rows(key), _rows(f"{key}-phone"), _parts(key), _works(key))
        for key in ("light", "dark")
    ]
    page = StylePage(_states(), _chips(), _channels(), _ages(), _stages(), _heads(), themes)
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


def _heads() -> list[Head]:
    return [
        Head(_("Order"), "c-number", "#", "descending"),
        Head(_("Channel")),
        Head(_("State")),
        Head(_("Amount"), "money"),
        Head(_("Age")),
    ]


def _rows(theme: str) -> list[Row]:
    states, channels, ages = _states(), _channels(), _ages()
    return [
        Row(
            f"{theme}-{at}",
            f"SO-261122-0482{at}",
            "#",
            [
                Cell("c-number", "text"),
                Cell("c-field", "channel", slot="p1", channel=channels[at % 2]),
                Cell("c-state", "state", state=states[at * 3 % 5]),
                Cell("c-field", "money", "¥1,098.00", slot="p2"),
                Cell("c-field", "age", slot="p4", age=ages[at]),
            ],
            states[at * 3 % 5],
        )
        for at in range(3)
    ]


_WIDGETS: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string", "maxLength": 40, "x-title": {"zh": "文本", "en": "Text"}},
    "integer": {"type": "integer", "x-title": {"zh": "整数", "en": "Whole number"}},
    "number": {"type": "number", "x-title": {"zh": "小数", "en": "Decimal"}},
    "money": {"type": "integer", "x-widget": "money", "x-title": {"zh": "金额", "en": "Amount"}},
    "bool": {"type": "boolean", "x-title": {"zh": "是或否", "en": "Yes or no"}},
    "choice": {
        "type": "string",
        "enum": ["low", "high"],
        "x-options": {"low": {"zh": "低", "en": "Low"}, "high": {"zh": "高", "en": "High"}},
        "x-title": {"zh": "选项", "en": "Choice"},
    },
    "date": {"type": "string", "x-widget": "date", "x-title": {"zh": "日期", "en": "Date"}},
    "datetime": {"type": "string", "x-widget": "datetime", "x-title": {"zh": "日期和时间", "en": "Date and time"}},
    "long": {
        "type": "string",
        "x-widget": "long",
        "x-title": {"zh": "长文本", "en": "Long text"},
        "x-help": {"zh": "帮助一直在字段下方", "en": "Help stays under the field"},
    },
    "lines": {
        "type": "array",
        "x-title": {"zh": "明细", "en": "Lines"},
        "items": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "x-title": {"zh": "商品编码", "en": "SKU"}},
                "quantity": {"type": "integer", "x-title": {"zh": "数量", "en": "Quantity"}},
            },
            "required": ["sku"],
        },
    },
}
_FILLED: Final[dict[str, Any]] = {
    "text": "SO-261122-04821",
    "integer": 12,
    "number": 0.85,
    "money": 109800,
    "bool": True,
    "choice": "high",
    "date": "2026-11-22",
    "datetime": "2026-11-22T08:30:00Z",
    "long": "",
    "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 0}],
}


def _parts(theme: str) -> list[Part]:
    schema = {"type": "object", "properties": _WIDGETS, "required": ["text", "lines"]}
    wrong = [
        problem("integer", "too_many", "最多 10，请改小", "at most 10; make it smaller"),
        problem("lines.1.quantity", "too_few", "至少 1", "at least 1"),
    ]
    view = _named(draw(compile_shape(schema), _FILLED, wrong), f"{theme}/")
    return [Part("form", _("Form fields"), view.parts, len(wrong))]


def _named(view: View, place: str) -> View:
    return replace(view, name=place + view.name, parts=[_named(part, place) for part in view.parts])


def _works(theme: str) -> list[WorkView]:
    going = WorkView(
        id=f"{theme}-going",
        href="",
        title=_("Back-test"),
        state=State("running", _("running")),
        going=True,
        part=62,
        parts=100,
        sentence="62,400 / 100,000",
        pace="",
        left="",
        counts=(),
        problems=(),
        more="",
        stop="",
        stopping=False,
        file="",
        file_name="",
        file_size="",
        kept="",
        started="",
        started_exact="",
    )
    ended = replace(
        going,
        id=f"{theme}-ended",
        going=False,
        state=State("done", _("normal, done")),
        sentence="100,000",
        counts=[(_("normal, done"), "99,998"), (_("held"), "2")],
        problems=[Fault("", "", _("2 problems to settle"))],
    )
    return [going, ended]
