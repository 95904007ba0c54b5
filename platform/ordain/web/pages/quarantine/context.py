"""What the repair page shows: what waits, grouped, and one case of it in full."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.json_lines import JsonLine
from ordain.web.pages.knots import Knot
from ordain.web.pages.lists import ChannelName, Fault, Option, State
from ordain.web.pages.quarantine.repair import RepairView


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One held order or quarantined message in the list."""

    id: str
    href: str
    title: str
    channel: ChannelName
    remark: str
    age: str
    current: bool


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Cases that have something in common: a problem, a channel, an hour."""

    key: str
    title: str
    count: str
    cases: Sequence[CaseLine]
    more: str
    more_href: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a held order; `faults` stand under it."""

    sku: str
    title: str
    quantity: str
    amount: str
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class Case:
    """One case in full. `order_href` is "" for a message whose order could not be identified."""

    id: str
    title: str
    order_href: str
    channel: ChannelName
    state: State
    mapping: str
    mapping_href: str
    problems: Sequence[Fault]
    lines: Sequence[LineRow]
    raw: Sequence[JsonLine] | None
    raw_note: str
    events: Sequence[Knot]
    redrive: str
    discard: str
    may_act: bool
    repair: RepairView | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """The others with the same problem, and where to preview and re-drive them all."""

    code: str
    title: str
    count: int
    preview: str
    redrive: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a re-drive would do, counted without storing anything."""

    title: str
    total: str
    passing: str
    staying: str
    remaining: Sequence[tuple[str, str]]
    redrive: str
    sound: bool


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """The whole page."""

    count: str
    by: str
    ways: Sequence[Option]
    groups: Sequence[CaseGroup]
    case: Case | None
    chosen: bool
    alike: Alike | None
    refresh: str
    preview_all: str
    done: str
