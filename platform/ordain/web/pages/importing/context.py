"""What the pages of the import wizard show."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Fault, Option, Pager, State, Tab
from ordain.web.pages.work.context import WorkView


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the list."""

    name: str
    href: str
    into: str
    state: State
    rows: str
    counts: str
    when: str
    exact: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The reader's imports; `problems` are those of a file that was just refused."""

    lines: Sequence[ImportLine]
    into: str
    into_title: str
    size: str
    problems: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Knot:
    """One step of the wizard: done, now or ahead."""

    title: str
    bead: str


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of the file: where it stands, what it is called, some of what it holds, what it fills."""

    place: int
    letter: str
    name: str
    samples: Sequence[str]
    to: Sequence[Option]
    how: Sequence[Option]
    filled: bool


@dataclass(frozen=True, slots=True)
class FixedLine:
    """A field that no column fills, for one value in all rows; `options` where it is a choice."""

    name: str
    title: str
    value: str
    options: Sequence[Option]
    required: bool


@dataclass(frozen=True, slots=True)
class Mapping:
    """The step of mapping; `own` says that the channel's own mapping reads the columns."""

    into: Sequence[tuple[str, Sequence[Option]]]
    chosen: bool
    own: bool
    remembered: str
    columns: Sequence[ColumnLine]
    fixed: Sequence[FixedLine]
    match: Sequence[Option]
    lacking: Sequence[str]
    check: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row: as it will be, or as it stands with what is wrong; mended by text or by one of `options`."""

    column: int
    text: str
    fault: str = ""
    options: Sequence[Option] = ()
    edit: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the file."""

    number: int
    state: State
    cells: Sequence[Cell]
    faults: Sequence[str]
    href: str


@dataclass(frozen=True, slots=True)
class KindLine:
    """Rows with the same problem, to be mended all alike; `column` is -1 where no column is to blame."""

    column: int
    code: str
    mark: str
    count: str
    where: str
    value: str
    message: str
    options: Sequence[Option]
    first: int
    href: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Rows as they will be, or as they became."""

    tabs: Sequence[Tab]
    heads: Sequence[tuple[str, str, str]]
    rows: Sequence[RowLine]
    kinds: Sequence[KindLine]
    fate: str
    after: int
    pager: Pager
    all: str
    good: str
    bad: str
    nothing: bool
    parts: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One import. `state` decides which of its parts are there."""

    id: str
    name: str
    here: str
    back: str
    state: str
    mark: State
    facts: Sequence[str]
    knots: Sequence[Knot]
    going: bool
    work: WorkView | None
    problems: Sequence[Fault]
    mapping: Mapping | None = None
    preview: Preview | None = None
    records: tuple[str, str] = ("", "")
    layout: str = ""
    may_forget: bool = True


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """How the file is written, and its first rows for choosing the header among them."""

    id: str
    here: str
    sheets: Sequence[Option]
    encodings: Sequence[Option]
    delimiters: Sequence[Option]
    top: Sequence[tuple[int, Sequence[str], bool]]
