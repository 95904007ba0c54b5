"""What every list shows around and in its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ordain.engines.form import View
from ordain.web.pages.lists import Age, ChannelName, Fault, Option, State


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row. `kind` says how it is drawn: text, num, money, time, state, channel, lane, age, goods."""

    key: str
    kind: str
    text: str = ""
    more: str = ""
    exact: str = ""
    slot: str = ""
    state: State | None = None
    channel: ChannelName | None = None
    age: Age | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name leads to it. `fits` are the actions it takes part in, `letter` stands for it on a phone."""

    id: str
    name: str
    href: str
    cells: Sequence[Cell]
    state: State | None = None
    letter: str = ""
    amount: int | None = None
    currency: str = ""
    fits: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column in the chooser; `fixed` ones cannot be put away."""

    key: str
    title: str
    shown: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """One filter in the form. `kind` is choice, range, date or text; `low` and `high` are what is set."""

    name: str
    title: str
    kind: str
    options: Sequence[Option] = ()
    low: str = ""
    high: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One bulk action in the bar: `reason` says why it leaves rows that it does not fit."""

    key: str
    title: str
    icon: str
    href: str
    reason: str


@dataclass(frozen=True, slots=True)
class ViewForm:
    """What is on show as a saved view: `id` is "" where it is none, `own` says that the reader may change it."""

    id: str
    title: str
    shared: bool
    own: bool
    save: str
    query: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What stands around a list. `kept` are the address's parts that a form must not lose, `query` all of them."""

    subject: str
    path: str
    kept: Sequence[tuple[str, str]]
    query: str
    view: ViewForm
    columns: Sequence[ColumnChoice]
    save_columns: str
    fields: Sequence[FieldAsked]
    layout: str
    as_list: str
    as_board: str
    export: str
    acts: Sequence[Act]
    total: int
    chosen_columns: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One card on the board. `moves` are the states it may go to; `seen` is the version a move is made against."""

    id: str
    name: str
    href: str
    lines: Sequence[str]
    age: Age | None = None
    seen: int = 0
    moves: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class Pile:
    """One column of the board: a state, how many are in it, the first of them, and where to see all."""

    key: str
    state: State
    count: str
    href: str
    cards: Sequence[Card]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The piles of a list by state; `move` is where a card's move is posted, "" where none can be moved."""

    piles: Sequence[Pile]
    move: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What an action or export asks before it is done: how many, what they come to, what does not apply and why."""

    what: str
    title: str
    number: str
    sum: str
    misfit: str
    href: str
    ids: Sequence[str]
    all: bool
    query: str
    columns: Sequence[str]
    confirmed: int
    button: str
    problems: Sequence[Fault] = ()
    views: Sequence[View] = field(default_factory=tuple)
    formats: Sequence[Option] = ()
    unprocessed: bool = False
    from_day: str = ""
    to_day: str = ""
