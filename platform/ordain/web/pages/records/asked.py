"""What a list of records is asked for: the address of the page, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from ordain.engines.form.staff import StaffForm
from ordain.records.access import Access
from ordain.records.files import KINDS as FILES
from ordain.store.records import RecordQuery
from ordain.web.pages.listing import filtering

_NAMES: Final = {"columns": "cols", "states": "state"}
_NOT_SORTED: Final = frozenset({"list", "long_text", *FILES})


@dataclass(frozen=True, slots=True)
class AskedRecords:
    """The page's address as values; anything it does not know is left out, never an error."""

    states: tuple[str, ...] = ()
    q: str = ""
    own: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    layout: str = ""
    columns: tuple[str, ...] = ()
    saved: str = ""

    def query(self, form: StaffForm, access: Access) -> RecordQuery:
        """Return what to look for, as far as this reader reads the fields."""
        return RecordQuery(
            states=self.states,
            q=self.q,
            searched=form.searched,
            fields=tuple(filtering.filters(self.own, asked_fields(form, access))),
            kinds=sorted_kinds(form, access),
            sort=self.sort,
        )

    def but(self, **changes: Any) -> "AskedRecords":
        """Return the same with these parts changed."""
        return replace(self, **changes)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the address's parts, empty ones left out."""
        found: list[tuple[str, str]] = []
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "own":
                found.extend(value)
            elif value:
                label = _NAMES.get(name, name)
                found.extend((label, item) for item in (value if isinstance(value, tuple) else (value,)))
        return found

    def href(self, path: str, **more: str) -> str:
        """Return the address of the page."""
        pairs = [*self.pairs(), *more.items()]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read(args: MultiDict[str, str], form: StaffForm) -> AskedRecords:
    """Return what the address asks for."""
    return AskedRecords(
        states=tuple(key for key in form.states if key in args.getlist("state")),
        q=args.get("q", "").strip()[:100],
        own=filtering.read(args.items(multi=True)),
        sort=args.get("sort", "")[:80],
        layout="board" if args.get("layout") == "board" and form.states else "",
        columns=tuple(dict.fromkeys(item[:80] for item in args.getlist("cols") if item))[:40],
        saved=args.get("saved", "")[:32],
    )


def asked_fields(form: StaffForm, access: Access) -> dict[str, Mapping[str, Any]]:
    """Return the fields to filter by: all that compare and that the reader reads, those the form names first."""
    named = [*form.filters, *(name for name in form.fields if name not in form.filters)]
    return {
        name: form.fields[name]
        for name in named
        if name in form.fields and access.reads(name) and filtering.can_ask(form.fields[name], name)
    }


def sorted_kinds(form: StaffForm, access: Access) -> dict[str, str]:
    """Return the fields, by kind, that the reader can sort by."""
    return {
        name: field["type"]
        for name, field in form.fields.items()
        if field["type"] not in _NOT_SORTED and access.reads(name) and filtering.can_ask(field, name)
    }
