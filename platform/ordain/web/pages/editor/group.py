"""A group of held messages as the samples of a mapping's editor, and what the draft makes of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from ordain.base.errors import Refused
from ordain.flows.redriving_all import Effect, effect
from ordain.store.messages import MessageQuery
from ordain.web.here import services
from ordain.web.pages.quarantine.cases import waiting
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _, many
from ordain.web.show import Show


@dataclass(frozen=True, slots=True)
class EffectView:
    """The effect in words; `codes` are sentence, how many, and how many do not have it today ("" for none)."""

    title: str
    passing: str
    staying: str
    codes: Sequence[tuple[str, str, str]]
    cases: Sequence[tuple[str, str]]
    href: str
    sound: bool


def group_of() -> str:
    """Return the problem whose messages are the samples; "" where the newest messages are."""
    return request.values.get("group", "")[:64]


def sample_href(here: str, place: int) -> str:
    """Return where one sample is shown, in the group that is on show."""
    group = group_of()
    return f"{here}?sample={place}&group={group}" if group else f"{here}?sample={place}"


def effect_view(document: Mapping[str, Any], show: Show) -> EffectView | None:
    """Return what a draft makes of the whole group; None where it cannot be compiled."""
    code = group_of()
    try:
        found = effect(services(), document, MessageQuery(code=code))
    except (Refused, KeyError, TypeError, AttributeError, ValueError):  # a draft may be anything
        return None
    with services().db.read() as conn:
        seen = {item.message.id: item.number or item.message.event_id for item in waiting(conn, given("order"))}
    return EffectView(
        many(
            "%(num)s message under this draft",
            "%(num)s messages under this draft",
            found.total,
        ),
        _("%(n)s would pass", n=show.number(found.passing)),
        _("%(n)s would stay", n=show.number(found.total - found.passing)),
        [_code(found, name, number, show) for name, number in found.codes.most_common(8)],
        [
            (url_for("quarantine.index", case=one.message_id), seen[one.message_id])
            for one in found.staying
            if one.message_id in seen
        ],
        url_for("quarantine.index"),
        found.total == found.passing,
    )


def _code(found: Effect, name: str, number: int, show: Show) -> tuple[str, str, str]:
    new = _("%(n)s of them new", n=show.number(found.new[name])) if found.new[name] else ""
    return show.text(found.sentences[name]), show.number(number), new
