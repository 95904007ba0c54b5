"""What the order list shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.listing.context import Board, Row, Tools
from ordain.web.pages.lists import Filter, Head, Option, Pager, Stage, Tab


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
    q: str
    tools: Tools
    heads: Sequence[Head]
    rows: Sequence[Row]
    board: Board | None
    pager: Pager
    refresh: str
    plain: str
    kept: Sequence[tuple[str, str]]
    empty: str
    clear: str
    nothing_yet: bool = False
    see_channels: str = ""
