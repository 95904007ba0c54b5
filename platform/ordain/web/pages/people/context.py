"""What the pages of people show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ordain.web.pages.account.context import Spot
from ordain.web.pages.lists import State, Tab


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list."""

    id: str
    href: str
    name: str
    shown: str
    initial: str
    state: State
    roles: str
    regions: str
    factor: str
    factor_tone: str
    entered: str
    entered_exact: str
    demo: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The list."""

    rows: Sequence[PersonRow]
    tabs: Sequence[Tab]
    count: str
    q: str
    view: str
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A role or region to tick; `locked` where whoever looks may not give it, `note` says more of it."""

    value: str
    title: str
    chosen: bool
    locked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last form: what was typed, faults by field, a link to be shown once, that all went well."""

    typed: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[str] | None = None
    regions: Sequence[str] | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, or somebody new: `id` is "" then."""

    id: str
    name: str
    display_name: str
    mail: str
    phone: str
    state: State | None
    active: bool
    demo: bool
    own: bool
    may_edit: bool
    roles: Sequence[Choice]
    regions: Sequence[Choice]
    factor: str
    has_factor: bool
    entered: str
    since: str
    spots: Sequence[Spot]
    audit: str
    outcome: Outcome
