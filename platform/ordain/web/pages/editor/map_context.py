"""What the middle of the mapping editor shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.engines.form import View
from ordain.web.pages.lists import Option


@dataclass(frozen=True, slots=True)
class SettingInput:
    """One setting in a chip's popover."""

    name: str
    id: str
    title: str
    value: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class StepChip:
    """One transform of a field."""

    view: View
    id: str
    said: str
    name: str
    do: str
    name_of: str
    settings: Sequence[SettingInput]
    lookup: str = ""
    known: bool = True
    open: bool = False


@dataclass(frozen=True, slots=True)
class MapRow:
    """One target field: what it is called, where it comes from, what is done to it, what comes out."""

    view: View
    title: str
    needed: bool
    how: str
    hidden: Sequence[tuple[str, str]]
    sources: Sequence[View]
    source: View | None
    chips: Sequence[StepChip]
    via: View | None
    rest: Sequence[View]
    absent: Sequence[View]
    result: str
    trouble: str
    trouble_href: str
    failing: bool
    said_wrong: Sequence[View]
    map_name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A target field without a source, and what might be its source."""

    name: str
    id: str
    key: str
    title: str
    needed: bool
    suggestion: str


@dataclass(frozen=True, slots=True)
class MapGroup:
    """The fields of the record, or of one of its lists, with what is not mapped yet."""

    view: View
    key: str
    rows: Sequence[MapRow]
    unmapped: Sequence[Unmapped]
    more: Sequence[Unmapped]
    above: Sequence[View] = ()
    owner: View | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of a lookup table; `count` says how many of the newest messages have its key."""

    mark: str
    key: str
    value: str
    count: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that came and is not in the table."""

    mark: str
    key: str
    count: str


@dataclass(frozen=True, slots=True)
class Table:
    """One lookup table in the dock; `rows` where it is the open one."""

    view: View
    key: str
    count: str
    missing_count: int
    open: bool = False
    rows: Sequence[GridRow] = ()
    missing: Sequence[Missing] = ()
    values: Sequence[str] = ()
    q: str = ""
    page: int = 1
    pages: int = 1
    found: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class MappingEditor:
    """All of the middle: groups of fields, tables, the transforms that can be added, the rest as any form draws it."""

    groups: Sequence[MapGroup]
    texts: Sequence[View]
    hidden: Sequence[View]
    leaves: Sequence[View]
    sections: Sequence[View]
    absent: Sequence[View]
    examples: Sequence[View]
    lookups: View | None
    tables: Sequence[Table]
    adds: Sequence[Option]
    mapped: str
    needed: int
    suggested: int


@dataclass(frozen=True, slots=True)
class Open:
    """Which table is open in the dock and where in it one is; `part` is the row or chip whose settings are open."""

    table: str = ""
    q: str = ""
    page: int = 1
    part: str = ""
