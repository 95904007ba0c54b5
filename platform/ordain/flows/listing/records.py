"""The list of the records of one form, written out: number, state, fields as the role sees them, when and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import from_rfc3339
from ordain.base.text import Language, Text
from ordain.engines.form.staff import StaffForm, record_name
from ordain.flows import recording
from ordain.flows.listing.listed import Cell, Column, dumped, field_value
from ordain.flows.services import Services
from ordain.records.access import Access
from ordain.store import records as store
from ordain.store.fields import FieldFilter
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import shelf_of

_FIRST: Final = {"number": (Text("编号", "No."), "text"), "state": (Text("状态", "State"), "text")}
_LAST: Final = {
    "created_at": (Text("创建时间", "Created"), "datetime"),
    "created_by": (Text("创建人", "By"), "text"),
    "updated_at": (Text("修改时间", "Changed"), "datetime"),
}


class RecordList:
    """The records of a form as one reader sees them."""

    def __init__(self, services: Services, access: Access, form: StaffForm) -> None:
        self.subject = form.key
        self.title = form.title
        self.right = form.right
        self.access = access
        self.form = form
        self._services = services
        self._shelf = shelf_of(form)

    def columns(self) -> Mapping[str, Column]:
        """Return all columns the reader may write out, in their order."""
        found = {key: Column(key, title, kind) for key, (title, kind) in _FIRST.items()}
        if not self.form.states:
            del found["state"]
        for name, field in self.form.fields.items():
            if recording.mode(self.form, self.access, name) != "hidden":
                found[name] = Column(name, Text.of(field["title"]), field["type"])
        more = {key: Column(key, title, kind) for key, (title, kind) in _LAST.items()}
        return found | {key: one for key, one in more.items() if key not in found}

    def page(
        self, conn: sa.Connection, query: RecordQuery, limit: int, cursor: str | None
    ) -> tuple[list[Record], str | None]:
        """Return the next records of a query and where to go on."""
        return store.page(conn, self._shelf, self.access, query, limit=limit, after=cursor)

    def count(self, conn: sa.Connection, query: RecordQuery) -> int:
        """Return how many records match."""
        return store.count(conn, self._shelf, self.access, query)

    def sums(self, conn: sa.Connection, query: RecordQuery) -> dict[str, int]:  # noqa: ARG002 as every list is asked
        """Return nothing: no one amount is the records' own."""
        return {}

    def values(
        self,
        conn: sa.Connection,  # noqa: ARG002 as every list is asked
        items: Sequence[Record],
        columns: Sequence[str],
        language: Language,
    ) -> list[list[Cell]]:
        """Return the records written out, one value a column."""
        covered = [recording.covered(self._services, self.form, item, self.access) for item in items]
        return [
            [self._cell(item, name, shown, language) for name in columns]
            for item, shown in zip(items, covered, strict=True)
        ]

    def name(self, item: Record) -> str:
        """Return what people call a record."""
        return record_name(self.form, item.number, item.label)

    def only(self, query: RecordQuery, ids: Sequence[str]) -> RecordQuery:
        """Return the query of these records alone."""
        return RecordQuery(ids=list(ids), sort=query.sort, kinds=query.kinds)

    def is_narrowed(self, query: RecordQuery) -> bool:
        """Tell whether a query restricts anything at all."""
        return replace(query, sort="", searched=(), kinds={}) != RecordQuery()

    def dumped(self, query: RecordQuery) -> dict[str, Any]:
        """Return a query as JSON."""
        return dumped(query, RecordQuery())

    def loaded(self, stored: Mapping[str, Any]) -> RecordQuery:
        """Return a query from JSON."""
        known = {one.name for one in fields(RecordQuery)}
        values = {name: value for name, value in stored.items() if name in known}
        return replace(RecordQuery(**values), fields=tuple(FieldFilter(**one) for one in values.get("fields", ())))

    def _cell(self, item: Record, name: str, shown: Mapping[str, Any], language: Language) -> Cell:
        if name == "number":
            return self.name(item)
        if name == "state":
            state = self.form.states.get(item.state)
            return state.title.get(language) if state else item.state
        if name in self.form.fields:
            field, value = self.form.fields[name], shown.get(name)
            currency = str(item.data.get("currency") or "CNY")
            if field["type"] == "datetime" and isinstance(value, str) and value.endswith("Z"):
                return from_rfc3339(value)
            return field_value(field, value, language, currency)
        found: Cell = getattr(item, name, None)
        return found.removeprefix("user:") if isinstance(found, str) else found
