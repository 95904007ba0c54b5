"""What the order list shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Age, ChannelName, Filter, Head, Option, Pager, Stage, State, Tab


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One row: everything as text. `fresh` rows came or changed since the reader last looked."""

    id: str
    number: str
    href: str
    channel: ChannelName
    buyer: str
    goods: str
    more: int
    quantity: str
    total: str
    amount: int | None
    currency: str
    state: State
    lane: str
    region: str
    age: Age | None
    placed: str
    placed_exact: str
    held: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The choices behind *add filter*, with what is set."""

    channels: Sequence[Option]
    states: Sequence[Option]
    priorities: Sequence[Option]
    regions: Sequence[Option]
    held: Sequence[Option]
    placed_from: str
    placed_to: str
    total_from: str
    total_to: str


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """The list with everything around it.

    `refresh` is the address the list asks for itself anew, `see_channels` where the reader may look why nothing came.
    """

    latest: str
    tabs: Sequence[Tab]
    stages: Sequence[Stage]
    filters: Sequence[Filter]
    form: FilterForm
    view: str
    sort: str
    q: str
    heads: Sequence[Head]
    rows: Sequence[OrderLine]
    pager: Pager
    refresh: str
    plain: str
    kept: Sequence[tuple[str, str]]
    empty: str
    may_redrive: bool
    done: str = ""
    nothing_yet: bool = False
    see_channels: str = ""
