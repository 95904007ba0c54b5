"""What the pages of an admin's own records show."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.engines.form import View
from ordain.web.pages.listing.context import Board, Row, Tools
from ordain.web.pages.lists import Fault, Filter, Head, Pager, State, Tab


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """The list of one type. `new` is the way to a new record, "" where the role does not allow one."""

    key: str
    title: str
    tabs: Sequence[Tab]
    tools: Tools
    heads: Sequence[Head]
    rows: Sequence[Row]
    board: Board | None
    filters: Sequence[Filter]
    q: str
    pager: Pager
    new: str
    edit_form: str
    bring: str
    plain: str
    narrowed: bool
    stated: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a form: the views of what may be written, the values of what may not; `bad` counts problems."""

    key: str
    title: str
    views: Sequence[View]
    bad: int
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A state a record may go to."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a record's history."""

    what: str
    who: str
    at: str
    exact: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record, or a new one. `seen` is the version the next save is made against."""

    key: str
    form_title: str
    list_href: str
    title: str
    here: str
    state: State | None
    parts: Sequence[Part]
    problems: Sequence[Fault]
    moves: Sequence[Move]
    seen: int
    may_save: bool
    is_new: bool
    stages: Sequence[tuple[str, str]]
    happenings: Sequence[Happening]
    meanwhile: str = ""
    saved: bool = False
