"""What the page of the audit shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Filter, Option, Pager


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry in the list; `change` says the most of it in a few words."""

    id: str
    href: str
    at: str
    exact: str
    who: str
    what: str
    record: str
    change: str
    ip: str
    current: bool
    urgent: bool


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One named fact of an entry; `href` leads to its thing, `only` to the entries that share it."""

    title: str
    value: str
    href: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """One entry in full."""

    title: str
    exact: str
    facts: Sequence[Fact]
    changes: Sequence[FieldChange]
    place: str
    back: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filters as they are set."""

    record: str
    person: str
    ip: str
    request_id: str
    at_from: str
    at_to: str
    actions: Sequence[Option]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The list with its filters, and one entry in full where one is chosen."""

    count: str
    plain: str
    refresh: str
    lines: Sequence[AuditLine]
    filters: Sequence[Filter]
    form: FilterForm
    pager: Pager
    detail: AuditDetail | None
    chain: str
