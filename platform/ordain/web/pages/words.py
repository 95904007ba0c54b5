"""The words of states, lanes, regions and channels, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import from_rfc3339
from ordain.base.errors import Problem
from ordain.base.regions import REGIONS
from ordain.base.text import Text
from ordain.records.files import name_of as file_name
from ordain.records.message import Fate
from ordain.store.vault import Unopened
from ordain.web.here import services
from ordain.web.pages.lists import ChannelName, Fault, State, Tone
from ordain.web.pages.texts import Word, _, later
from ordain.web.show import Show

_STATES: Final[Mapping[str | None, tuple[Tone, Word]]] = {
    "unpaid": ("idle", later("Unpaid")),
    "paid": ("running", later("Paid")),
    "picking": ("running", later("Picking")),
    "shipped": ("done", later("Shipped")),
    "completed": ("done", later("Completed")),
    "cancelled": ("off", later("Cancelled")),
    None: ("look", later("State unknown")),
}
_LANES: Final[Mapping[str, Word]] = {"normal": later("Normal"), "urgent": later("Urgent"), "vip": "VIP"}
_SOURCES: Final[Mapping[str, Word]] = {
    "webhook": later("Webhook"),
    "poll": later("Poll"),
    "file": later("File"),
    "import": later("Import"),
    "api": later("API"),
    "reconcile": later("Reconciliation"),
}
_FATES: Final[Mapping[Fate | str, Word]] = {
    "received": later("received"),
    "applied": later("applied"),
    "unchanged": later("unchanged"),
    "stale": later("older than what stands"),
    "held": later("held"),
    "quarantined": later("in quarantine"),
    "discarded": later("discarded"),
    "noted": later("noted"),
    "refused": later("refused"),
    "repeated": later("repeated"),
    "new": later("new"),
}


def state_word(state: str | None) -> str:
    """Return the word for an order's state."""
    return str(_STATES.get(state, _STATES[None])[1])


def order_state(state: str | None, *, held: bool = False, remark: str = "") -> State:
    """Return an order's state as its mark and word; a held order is one to look at, whatever its state."""
    if held:
        return State("look", _("Held"), remark)
    tone, word = _STATES.get(state, _STATES[None])
    return State(tone, str(word), remark)


def lane_word(lane: str) -> str:
    """Return the word for a lane or priority; a lane of the business's own is named by its key."""
    return str(_LANES.get(lane, lane))


def source_word(source: str) -> str:
    """Return the word for a way in."""
    return str(_SOURCES.get(source, source))


def fate_word(fate: str) -> str:
    """Return the word for what became of a message."""
    return str(_FATES.get(fate, fate))


def region_word(region: str, show: Show) -> str:
    """Return the name of a region."""
    return show.text(REGIONS.get(region, Text(region, region)))


def fault(problem: Problem, show: Show, anchor: str = "") -> Fault:
    """Return a problem for people."""
    return Fault(problem.path, problem.code, show.text(problem.message), anchor)


def faults(problems: Sequence[Problem], show: Show) -> list[Fault]:
    """Return problems for people; those of a line lead to it."""
    return [fault(item, show, _anchor(item.path)) for item in problems]


def channel_names(conn: sa.Connection, show: Show) -> dict[str, ChannelName]:
    """Return the live channels' names by key."""
    return {
        version.key: _channel(version.key, version.document, show)
        for version in services().live.at(conn).all("channel")
    }


def channel_name(known: Mapping[str, ChannelName], key: str) -> ChannelName:
    """Return a channel's name; one that no longer runs is named by its key."""
    return known.get(key) or ChannelName(key, key[:1].upper(), key)


def _channel(key: str, document: Mapping[str, Any], show: Show) -> ChannelName:
    title = show.text(Text.of(document.get("title") or key))
    return ChannelName(key, str(document["spec"].get("mark") or title[:1].upper()), title)


def _anchor(path: str) -> str:
    head, _, rest = path.partition(".")
    return f"line-{rest.partition('.')[0]}" if head == "lines" and rest else ""


def field_words(field: Mapping[str, Any], value: Any, show: Show, currency: str = "CNY") -> str:
    """Return the value of a form's field in words: titles of choices, amounts with their currency; "" for none."""
    match field.get("type"):
        case _ if value is None or value == "":
            return ""
        case _ if isinstance(value, Unopened):
            return value
        case "choice":
            return show.text(Text.of(field.get("options", {}).get(str(value), str(value))))
        case "money" if isinstance(value, int):
            return show.money(value, currency)
        case "datetime" if isinstance(value, str):
            return _moment(value, show)
        case "bool":
            return _("yes") if value in (True, "true") else _("no")
        case "integer" if isinstance(value, int):
            return show.number(value)
        case "file" | "image":
            return file_name(value)
        case "list" if isinstance(value, list):
            return show.number(len(value))
        case _:
            return str(value)


def _moment(text: str, show: Show) -> str:
    """Return a time as the reader writes it; what is none stays as it is."""
    try:
        return show.exact(from_rfc3339(text))
    except ValueError:
        return text
