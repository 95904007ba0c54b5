"""What the page of one order shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.details import Detail
from ordain.web.pages.json_lines import JsonLine
from ordain.web.pages.knots import Knot
from ordain.web.pages.lists import ChannelName, Fault, Option, State
from ordain.web.pages.record.context import Related


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order."""

    title: str
    sku: str
    quantity: str
    price: str
    amount: str
    remark: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One row of the sum; `total` rows are set off."""

    title: str
    value: str
    total: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """The raw message on show: `lines` is None where the reader may not see it."""

    messages: Sequence[Option]
    note: str
    lines: Sequence[JsonLine] | None
    text: str
    used: Sequence[str]


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """One target field: where it comes from, what is kept, and what another version would make of it."""

    field: str
    sources: str
    kept: str
    again: str
    changed: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The mapping of one message, beside what `version` would make of it now."""

    mapping: str
    mapping_href: str
    kept_version: str
    version: str
    versions: Sequence[Option]
    rows: Sequence[FieldTrace]
    outcome: str
    outcome_tone: str
    changed: int
    problems: Sequence[Fault]
    action: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order with its whole story. `tab` is raw or mapping."""

    id: str
    number: str
    state: State
    lane: str
    waiting: str
    waiting_tone: str
    channel: ChannelName
    total: str
    paid: str
    lines: Sequence[Line]
    lines_note: str
    amounts: Sequence[Amount]
    buyer: Sequence[Detail]
    related: Sequence[Detail]
    extra: Sequence[Detail]
    referring: Sequence[Related]
    print_href: str
    edit_fields: str
    problems: Sequence[Fault]
    story: Sequence[Knot]
    newer: str
    older: str
    redrive: str
    tab: str
    raw_href: str
    mapping_href: str
    payload: Payload | None
    trace: Trace | None
