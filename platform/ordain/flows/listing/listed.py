"""What every list can do for exports and bulk actions, and how the fields of forms are written out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa

from ordain.base import json
from ordain.base.money import to_unit
from ordain.base.text import Language, Text
from ordain.records.access import Access
from ordain.records.files import name_of as file_name

Cell = str | int | Decimal | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its title, and the kind of what it holds, in the words of form fields."""

    key: str
    title: Text
    kind: str


class Listed(Protocol):
    """One list as one reader sees it. Queries are of its own kind; `dumped` and `loaded` carry them through work."""

    subject: str
    title: Text
    right: str
    access: Access

    def columns(self) -> Mapping[str, Column]:
        """Return all columns the reader may write out, in their order."""
        ...

    def page(self, conn: sa.Connection, query: Any, limit: int, cursor: str | None) -> tuple[Sequence[Any], str | None]:
        """Return the next rows of a query and where to go on."""
        ...

    def count(self, conn: sa.Connection, query: Any) -> int:
        """Return how many rows match."""
        ...

    def sums(self, conn: sa.Connection, query: Any) -> Mapping[str, int]:
        """Return what they come to, by currency; nothing where that cannot be said."""
        ...

    def values(
        self, conn: sa.Connection, items: Sequence[Any], columns: Sequence[str], language: Language
    ) -> list[list[Cell]]:
        """Return the rows written out, one value a column."""
        ...

    def name(self, item: Any) -> str:
        """Return what people call a row."""
        ...

    def only(self, query: Any, ids: Sequence[str]) -> Any:
        """Return the query of these rows alone, filters left aside."""
        ...

    def is_narrowed(self, query: Any) -> bool:
        """Tell whether a query restricts anything at all."""
        ...

    def dumped(self, query: Any) -> dict[str, Any]:
        """Return a query as JSON."""
        ...

    def loaded(self, stored: Mapping[str, Any]) -> Any:
        """Return a query from JSON."""
        ...


def dumped(query: Any, nothing: Any) -> dict[str, Any]:
    """Return of a query what differs from one that restricts nothing; no ids at all is a restriction too."""
    usual = asdict(nothing)
    return {name: value for name, value in asdict(query).items() if value != usual[name]}


def field_value(field: Mapping[str, Any], value: Any, language: Language, currency: str = "CNY") -> Cell:
    """Return the value of a form's field as a table takes it: choices by their titles, amounts in units."""
    match field.get("type"):
        case _ if value is None or value == "":
            return None
        case "choice":
            return Text.of(field.get("options", {}).get(str(value), str(value))).get(language)
        case "money" if isinstance(value, int) and not isinstance(value, bool):
            return to_unit(value, currency)
        case "bool":
            return value if isinstance(value, bool) else str(value)
        case "file" | "image":
            return file_name(value)
        case "list" if isinstance(value, list):
            return "; ".join(_entry(item) for item in value)
        case _ if isinstance(value, str | int | Decimal):
            return value
        case _ if isinstance(value, float):
            return Decimal(str(value))
        case _:
            return json.dumps(value).decode()


def _entry(item: Any) -> str:
    return ", ".join(file_name(value) for value in item.values()) if isinstance(item, dict) else str(item)
