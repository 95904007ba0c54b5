"""What the pages of definitions show: the list by kind, one definition, its history, two versions compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.engines.form import View
from ordain.web.pages.json_lines import JsonLine
from ordain.web.pages.lists import Fault, Option


@dataclass(frozen=True, slots=True)
class KindLink:
    """A kind in the list at the left."""

    key: str
    title: str
    count: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A status chip: live, draft, canary, errors."""

    text: str
    look: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class DefinitionLine:
    """One definition in the list."""

    id: str
    key: str
    title: str
    kind: str
    href: str
    chips: Sequence[Chip]
    changed: str
    changed_exact: str
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class DefinitionsPage:
    """The list."""

    kinds: Sequence[KindLink]
    title: str
    kind: str
    q: str
    rows: Sequence[DefinitionLine]
    count: str
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history."""

    number: int
    title: str
    href: str
    live: bool
    current: bool
    author: str
    note: str
    at: str
    exact: str
    compare: str
    compare_title: str
    runs: str


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a definition, and what the reader may do with them."""

    kind: str
    key: str
    versions: Sequence[VersionLine]
    may_edit: bool
    may_publish: bool


@dataclass(frozen=True, slots=True)
class DefinitionPage:
    """One definition at one version."""

    kind: str
    kind_title: str
    kind_href: str
    key: str
    title: str
    description: str
    chips: Sequence[Chip]
    version: str
    tab: str
    form_href: str
    json_tab: str
    view: View | None
    lines: Sequence[JsonLine]
    text: str
    hash: str
    history: History
    problems: Sequence[Fault]
    older: str
    json_href: str
    may_edit: bool
    drafted: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One difference by its path and what that is called; `how` is added, removed or changed, `word` says it."""

    path: str
    title: str
    how: str
    word: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row of the comparison side by side; a `gap` row stands for lines that are the same."""

    left_number: str
    left: str
    left_kind: str
    right_number: str
    right: str
    right_kind: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two versions of one definition."""

    kind: str
    kind_title: str
    kind_href: str
    key: str
    title: str
    href: str
    left: Sequence[Option]
    right: Sequence[Option]
    left_title: str
    right_title: str
    changes: Sequence[Change]
    rows: Sequence[DiffRow]
