"""What the page of the stock proof shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Pager
from ordain.web.pages.work.context import WorkView


@dataclass(frozen=True, slots=True)
class Term:
    """One number of an equation; `sign` stands before it."""

    sign: str
    title: str
    number: str


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One SKU in one pool beside its sums; `scarce` says that little is left, `drift` is "0" while all is well."""

    sku: str
    title: str
    pool: str
    on_hand: str
    moved: str
    reserved: str
    open: str
    available: str
    scarce: str
    drift: str
    drifted: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One way of selling in the chart; lengths and places are in the chart's own units."""

    title: str
    x: float
    source_height: float
    source_text: str
    height: float
    text: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """One line across the chart."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The oversell rates, the source's beside ours, with one sentence that says it."""

    width: int
    height: int
    floor: float
    bar: float
    grid: Sequence[Grid]
    bars: Sequence[Bar]
    promise_y: float
    sentence: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One way of selling in the table below the chart."""

    title: str
    sold: str
    oversold: str
    rate: str
    source: str
    p95: str
    ours: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of the simulation: what it was made of, the chart, the same as a table."""

    sentence: str
    when: str
    exact: str
    chart: Chart
    lines: Sequence[RunLine]


@dataclass(frozen=True, slots=True)
class Wish:
    """One field of the form that asks for a run."""

    name: str
    title: str
    value: str
    least: str
    most: str
    step: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The proof at the left, the simulation at the right. `drift` counts the pieces that no sum explains."""

    drift: str
    sound: bool
    checked: str
    on_hand: Sequence[Term]
    reserved: Sequence[Term]
    below: str
    q: str
    plain: str
    only_drifted: bool
    lines: Sequence[ProofLine]
    pager: Pager
    may_repair: bool
    repaired: str
    run: RunView | None
    work: WorkView | None
    may_simulate: bool
    wishes: Sequence[Wish]
    problems: Sequence[str]
