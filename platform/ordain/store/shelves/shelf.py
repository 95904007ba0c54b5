"""What a shelf is: a table whose rows are records of one type, and how each field is read there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.fields import json_field

Column = sa.ColumnElement[Any]
_NONE: Final = sa.literal("")


@dataclass(frozen=True, slots=True)
class Lines:
    """A field whose entries stand in a table of their own: `owner` is the column that holds the record's id."""

    table: sa.Table
    owner: sa.Column[Any]
    columns: Mapping[str, sa.Column[Any]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The rows of one type. `columns` hold the built-in fields; all others stand in the JSON column `extra`.

    `label` is what people call a record, None where its `number` and the form's initials do. The newest by `since`
    come first. `reach` are further names that a role's row filter may use.
    """

    record: str
    table: sa.Table
    id: sa.Column[Any]
    extra: sa.Column[Any]
    version: sa.Column[Any]
    since: sa.Column[Any]
    created_at: sa.Column[Any]
    updated_at: sa.Column[Any]
    columns: Mapping[str, sa.Column[Any]] = field(default_factory=dict)
    lines: Mapping[str, Lines] = field(default_factory=dict)
    label: sa.Column[Any] | None = None
    number: sa.Column[Any] | None = None
    state: sa.Column[Any] | None = None
    created_by: sa.Column[Any] | None = None
    words: sa.Column[Any] | None = None
    type: tuple[sa.Column[Any], str] | None = None
    reach: Mapping[str, Column] = field(default_factory=dict)

    def all(self) -> Column:
        """Return the condition that keeps the rows of this type."""
        return sa.true() if self.type is None else self.type[0] == self.type[1]

    def seen_as(self) -> dict[str, Column]:
        """Return the names that a role's row filter may use."""
        own: dict[str, Column] = {**self.columns, **self.reach}
        return own | ({"state": self.state} if self.state is not None else {})

    def text(self, conn: sa.Connection, name: str) -> Column:
        """Return a field as the text that filters compare: numbers plain, truth as true and false."""
        if name == "state":
            return _NONE if self.state is None else self.state
        held = self.columns.get(name)
        if held is not None:
            return _plain(held)
        return self.extra[name].as_string() if conn.dialect.name == "postgresql" else _json_text(self.extra, name)

    def value(self, name: str, kind: str) -> Column:
        """Return a field as lists sort and bound it; of those in the JSON column what their index holds."""
        own = {"number": self.number, "created_at": self.created_at, "updated_at": self.updated_at, "state": self.state}
        found = self.columns.get(name, own.get(name))
        return found if found is not None else json_field(self.extra, name, kind)

    def is_nullable(self, name: str) -> bool:
        """Tell whether a record may have nothing there."""
        found = self.columns.get(name)
        standing = name in ("number", "created_at", "updated_at", "state")
        return bool(found.nullable) if found is not None else not standing


def _plain(column: sa.Column[Any]) -> Column:
    if isinstance(column.type, sa.Boolean):
        return sa.case((column, "true"), else_="false")
    return column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)


def _json_text(column: sa.Column[Any], name: str) -> Column:
    """Return a field as text on SQLite, where true and false would come out as 1 and 0."""
    path = f'$."{name}"'
    kind = sa.func.json_type(column, path)
    plain = sa.cast(sa.func.json_extract(column, path), sa.Text)
    return sa.case((kind.in_(("true", "false")), kind), else_=plain)
