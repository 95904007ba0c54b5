"""What the list of orders is asked for: the address of the page, read and written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from ordain.base.money import to_minor
from ordain.base.regions import REGIONS
from ordain.records.access import Access
from ordain.records.order import PRIORITIES, STATES
from ordain.store.orders.find import OrderQuery
from ordain.store.orders.standing import Tally, matching, placed_since
from ordain.web.pages.listing import filtering

VIEWS: Final = ("today", "todo", "vip", "unpaid", "held", "month", "all")
OPEN: Final = ("unpaid", "paid", "picking")
_LISTS: Final = ("channels", "states", "priorities", "regions")
_NAMES: Final[Mapping[str, str]] = {
    "channels": "channel", "states": "state", "priorities": "priority", "regions": "region",
    "columns": "cols",
}  # fmt: skip
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The page's address as values; anything it does not know is left out, never an error."""

    view: str = "today"
    q: str = ""
    channels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    held: str = ""
    placed_from: str = ""
    placed_to: str = ""
    total_from: str = ""
    total_to: str = ""
    own: tuple[tuple[str, str], ...] = ()
    sort: str = "-placed_at"
    layout: str = ""
    columns: tuple[str, ...] = ()
    saved: str = ""

    def query(self, zone: ZoneInfo, now: datetime, fields: Mapping[str, filtering.Field] | None = None) -> OrderQuery:
        """Return what to look for: the view, narrowed by the filters; `fields` are the own ones the reader reads."""
        known = {name: field for name, field in (fields or {}).items() if filtering.can_ask(field, name)}
        base = view_query(self.view, zone, now)
        start, end = _day(self.placed_from, zone), _day(self.placed_to, zone)
        held = {"yes": True, "no": False}.get(self.held)
        return replace(
            base,
            channels=self.channels,
            states=_both(base.states, self.states),
            priorities=_both(base.priorities, self.priorities),
            regions=self.regions,
            held=base.held if held is None else held,
            placed_from=max(filter(None, (base.placed_from, start)), default=None),
            placed_to=end + timedelta(days=1) if end else base.placed_to,
            total_from=_minor(self.total_from),
            total_to=_minor(self.total_to),
            q=self.q,
            own=tuple(filtering.filters(self.own, known)),
            fields={name: field["type"] for name, field in known.items() if field.get("searchable")},
            sort=self.sort,
        )

    def but(self, **changes: Any) -> "Asked":
        """Return the same with these parts changed."""
        return replace(self, **changes)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the address's parts, those at their default left out."""
        found: list[tuple[str, str]] = []
        for name in self.__slots__:
            value = getattr(self, name)
            if value == getattr(_DEFAULT, name):
                continue
            if name == "own":
                found.extend(value)
                continue
            label = _NAMES.get(name, name)
            found.extend((label, item) for item in (value if isinstance(value, tuple) else (value,)))
        return found

    def href(self, path: str, **more: str) -> str:
        """Return the address of the page."""
        pairs = [*self.pairs(), *more.items()]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read(args: MultiDict[str, str]) -> Asked:
    """Return what the address asks for."""
    view = args.get("view", "today")
    return Asked(
        view=view if view in VIEWS else "today",
        q=args.get("q", "").strip()[:_LONGEST],
        channels=tuple(item[:64] for item in args.getlist("channel") if item)[:50],
        states=_known(args.getlist("state"), STATES),
        priorities=_known(args.getlist("priority"), PRIORITIES),
        regions=_known(args.getlist("region"), REGIONS),
        held=args.get("held", "") if args.get("held") in ("yes", "no") else "",
        placed_from=_date(args.get("placed_from", "")),
        placed_to=_date(args.get("placed_to", "")),
        total_from=_amount(args.get("total_from", "")),
        total_to=_amount(args.get("total_to", "")),
        own=filtering.read(args.items(multi=True)),
        sort=args.get("sort", "-placed_at")[:80],
        layout="board" if args.get("layout") == "board" else "",
        columns=tuple(dict.fromkeys(item[:80] for item in args.getlist("cols") if item))[:40],
        saved=args.get("saved", "")[:32],
    )


def view_query(view: str, zone: ZoneInfo, now: datetime) -> OrderQuery:
    """Return what a saved view looks for."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    match view:
        case "today":
            return OrderQuery(placed_from=today.astimezone(UTC))
        case "todo":
            return OrderQuery(states=("paid", "picking"), held=False)
        case "vip":
            return OrderQuery(priorities=("vip", "urgent"), states=OPEN)
        case "unpaid":
            return OrderQuery(states=("unpaid",))
        case "held":
            return OrderQuery(held=True)
        case "month":
            return OrderQuery(placed_from=(today - timedelta(days=29)).astimezone(UTC))
        case _:
            return OrderQuery()


def view_counts(tally: Tally, conn: sa.Connection, given: Access, zone: ZoneInfo, now: datetime) -> dict[str, int]:
    """Return how many orders each view holds: those by time counted, the others read off where all stand."""
    asked = {view: view_query(view, zone, now) for view in VIEWS}
    since = {view: query.placed_from for view, query in asked.items() if query.placed_from}
    placed = dict(zip(since, placed_since(conn, given, list(since.values())), strict=True))
    return {view: placed[view] if view in since else matching(tally, query) for view, query in asked.items()}


_DEFAULT: Final = Asked()
# A state no order has: a filter that leaves nothing of its view finds nothing.
_NONE: Final = ("-",)


def _both(view: Iterable[str], filters: tuple[str, ...]) -> tuple[str, ...]:
    base = tuple(view)
    if not base or not filters:
        return base or filters
    return tuple(item for item in base if item in filters) or _NONE


def _known(given: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    wanted = set(given)
    return tuple(item for item in known if item in wanted)


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone).astimezone(UTC) if text else None


def _date(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d")  # noqa: DTZ007 a day, no moment
    except ValueError:
        return ""


def _amount(text: str) -> str:
    try:
        return str(Decimal(text.strip())) if text.strip() and _minor(text.strip()) is not None else ""
    except InvalidOperation:
        return ""


def _minor(text: str) -> int | None:
    """Return an amount of the address in minor units of two places, which is what list filters compare."""
    try:
        return to_minor(Decimal(text), "CNY") if text else None
    except (InvalidOperation, ValueError):
        return None
