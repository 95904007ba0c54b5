"""What the pages of an admin's own records show."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.listing.context import Board, Row, Tools
from ordain.web.pages.lists import Filter, Head, Pager, Tab
from ordain.web.pages.record.context import Button


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
    operations: Sequence[Button] = ()
