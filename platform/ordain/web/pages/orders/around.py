"""What stands around the rows of the list: saved views, the thread, filters, heads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ordain.base.regions import REGIONS
from ordain.records.order import PRIORITIES, STATES
from ordain.store.orders.standing import Standing
from ordain.web.pages.listing import filtering
from ordain.web.pages.lists import ChannelName, Filter, Option, Stage, Tab, options
from ordain.web.pages.orders.asked import VIEWS, Asked
from ordain.web.pages.orders.context import FilterForm
from ordain.web.pages.orders.rows import measured
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_name, lane_word, region_word, state_word
from ordain.web.show import Show

REACHED_PAYMENT: Final = ("paid", "picking", "shipped", "completed")


def tabs(asked: Asked, counts: Mapping[str, int], show: Show, path: str) -> list[Tab]:
    """Return the saved views with how many orders each holds."""
    titles = {
        "today": _("Today"),
        "todo": _("To do"),
        "vip": _("VIP and urgent"),
        "unpaid": _("Unpaid"),
        "held": _("Held"),
        "month": _("Last 30 days"),
        "all": _("All"),
    }
    return [
        Tab(
            view,
            titles[view],
            show.number(counts[view]),
            Asked(view=view).href(path),
            view == asked.view and not asked.saved,
            view == "held" and counts[view] > 0,
        )
        for view in VIEWS
    ]


def stages(asked: Asked, found: Standing, delay: float | None, limit: int | None, show: Show, path: str) -> list[Stage]:
    """Return the way of the orders on show, knot by knot; `limit` is the longest wait in minutes that is still fine."""
    waiting, picking = found.among(("paid",)), found.among(("picking",))
    sent = found.among(("shipped", "completed"))
    oldest = None
    if found.oldest_paid is not None and waiting:
        oldest = measured((show.now - found.oldest_paid).total_seconds(), show, limit)
    late = oldest.tone if oldest else ""
    rest = sent + picking
    plan: list[tuple[str, int, tuple[str, ...], str, str, str, str]] = [
        (_("received"), found.all, (), "", "done", _("delay %(time)s", time=show.latency(delay)) if delay else "", ""),
        (
            _("checked"),
            found.all - found.held,
            (),
            "no",
            "look" if found.held else "done",
            _("held %(n)s", n=show.number(found.held)),
            "look" if found.held else "",
        ),
        (
            _("paid"),
            found.among(REACHED_PAYMENT),
            REACHED_PAYMENT,
            "no",
            "done",
            _("unpaid %(n)s", n=show.number(found.among(("unpaid",)))),
            "",
        ),
        (
            _("to pick"),
            waiting,
            ("paid",),
            "no",
            late or ("open" if waiting else "done" if rest else "idle"),
            _("oldest %(time)s", time=oldest.text) if oldest else "",
            late,
        ),
        (_("picking"), picking, ("picking",), "no", "open" if picking else "done" if sent else "idle", "", ""),
        (
            _("shipped"),
            sent,
            ("shipped", "completed"),
            "no",
            "done" if sent else "idle",
            _("mean %(time)s", time=show.latency(found.handling_seconds)) if found.handling_seconds else "",
            "",
        ),
    ]
    return [
        Stage(
            title,
            at_least(count, show, capped=found.capped),
            asked.but(states=states, held=held).href(path),
            knot,
            remark,
            tone,
            _line(plan, place),
            (asked.states, asked.held) == (states, held) and bool(states or held),
        )
        for place, (title, count, states, held, knot, remark, tone) in enumerate(plan)
    ]


def at_least(number: int, show: Show, *, capped: bool) -> str:
    """Return a number, with a plus behind it where counting stopped before the end."""
    return f"{show.number(number)}+" if capped and number else show.number(number)


def chosen(
    asked: Asked,
    names: Mapping[str, ChannelName],
    show: Show,
    path: str,
    own: Mapping[str, filtering.Field],
) -> list[Filter]:
    """Return the filters that are set, each with the address without it."""
    found: list[Filter] = []

    def add(title: str, value: str, **without: object) -> None:
        if value:
            found.append(Filter(title, value, asked.but(**without).href(path)))

    add(_("Search"), asked.q, q="")
    add(_("Channel"), _listed(channel_name(names, key).title for key in asked.channels), channels=())
    add(_("State"), _listed(state_word(state) for state in asked.states), states=())
    add(_("Lane"), _listed(lane_word(lane) for lane in asked.priorities), priorities=())
    add(_("Region"), _listed(region_word(region, show) for region in asked.regions), regions=())
    add(_("Held"), {"yes": _("yes"), "no": _("no")}.get(asked.held, ""), held="")
    add(_("Placed"), _range(asked.placed_from, asked.placed_to), placed_from="", placed_to="")
    add(_("Total"), _range(asked.total_from, asked.total_to), total_from="", total_to="")
    for title, value, rest in filtering.chips(asked.own, own, show):
        add(title, value, own=rest)
    return found


def form(asked: Asked, names: Mapping[str, ChannelName], show: Show) -> FilterForm:
    """Return the choices behind *add filter*."""
    held = (("", _("all")), ("yes", _("held only")), ("no", _("not held")))
    return FilterForm(
        options([(name.key, name.title) for name in names.values()], asked.channels),
        options([(state, state_word(state)) for state in STATES], asked.states),
        options([(lane, lane_word(lane)) for lane in reversed(PRIORITIES)], asked.priorities),
        options([(region, region_word(region, show)) for region in REGIONS], asked.regions),
        tuple(Option(value, title, value == asked.held) for value, title in held),
        asked.placed_from,
        asked.placed_to,
        asked.total_from,
        asked.total_to,
    )


def _line(plan: Sequence[tuple[str, int, tuple[str, ...], str, str, str, str]], place: int) -> str:
    """Return how the stretch behind a knot is drawn: finished where something has passed on."""
    knot = plan[place][4]
    if knot in ("look", "act") and place > 1:
        return "look"
    passed = place + 1 < len(plan) and any(step[1] for step in plan[place + 1 :])
    return "done" if passed and knot != "idle" else ""


def _listed(words: Iterable[str]) -> str:
    return _(", ").join(words)


def _range(low: str, high: str) -> str:
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""
