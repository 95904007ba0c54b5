"""What the page, the form and the paper of one record show."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.engines.form import View
from ordain.web.pages.details import Detail
from ordain.web.pages.knots import Knot
from ordain.web.pages.lists import Fault, Option, State


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done: a page to open, or with `to` a state to move to."""

    title: str
    href: str
    to: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Entries of a list field: heads with their kind, rows of cells."""

    title: str
    heads: Sequence[tuple[str, str]]
    rows: Sequence[Sequence["Entry"]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of an entry: its text and kind; of a file also where it is, and a small picture of it."""

    text: str
    kind: str = ""
    href: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One section of a record's page."""

    key: str
    title: str
    details: Sequence[Detail]
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Related:
    """Records that refer to this one, or that it refers to."""

    title: str
    links: Sequence[tuple[str, str, str]]  # address, name, a remark
    more: str = ""


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One record. `move` is where its next states are posted to, `told` what was done just now."""

    place: str
    form_title: str
    list_href: str
    title: str
    state: State | None
    blocks: Sequence[Block]
    story: Sequence[Knot]
    related: Sequence[Related]
    stages: Sequence[tuple[str, str]]
    edit: str
    print_href: str
    move: str
    seen: int
    moves: Sequence[Button]
    operations: Sequence[Button]
    told: str = ""
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a form: the views of what may be written, the values of what may not; `bad` counts problems."""

    key: str
    title: str
    views: Sequence[View]
    bad: int
    facts: Sequence[tuple[str, str]] = ()
    filled: bool = False


@dataclass(frozen=True, slots=True)
class FormPage:
    """A record's form. `seen` is the version the next save is made against, `theirs` what somebody wrote meanwhile.

    `saved` tells when the draft was kept, `resumed` that it was begun earlier; `discard` is where it is given up.
    `files` is where files for its fields are sent.
    """

    place: str
    form_title: str
    list_href: str
    title: str
    here: str
    button: str
    parts: Sequence[Part]
    problems: Sequence[Fault]
    seen: int
    back: str
    help: str = ""
    danger: bool = False
    saved: str = ""
    resumed: bool = False
    discard: str = ""
    meanwhile: bool = False
    theirs: Sequence[tuple[str, str, str]] = ()
    lists: Sequence[tuple[str, Sequence[Option]]] = ()
    files: str = ""
