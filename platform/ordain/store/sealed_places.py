"""Where sealed values stand: every column that holds them, and what each value is bound to.

Whoever seals something new names its column here; a test finds sealed columns that are not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.store.shelves import SHELVES
from ordain.store.tables import directory, files, imports, messages, orders, outside, people, records, repairs, work
from ordain.store.tables.base import Base, table_of
from ordain.store.tables.definitions import ConnectionRow

Row = Mapping[str, Any]
Shape = Literal["text", "bytes", "json"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One sealed value inside a JSON column: the map it stands in, its name there, its place and row."""

    holder: dict[str, Any]
    name: str
    place: str
    row: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One column with sealed values. `bound` tells place and row of a text or piece, `slots` those inside JSON."""

    table: sa.Table
    column: str
    shape: Shape
    bound: Callable[[Row], tuple[str, str]] = lambda _: ("", "")
    slots: Callable[[Row, dict[str, Any]], Iterator[Slot]] = lambda _, __: iter(())

    @property
    def name(self) -> str:
        """The column's name with its table's."""
        return f"{self.table.name}.{self.column}"

    @property
    def keys(self) -> list[sa.Column[Any]]:
        """The columns that tell its rows apart."""
        return list(self.table.primary_key.columns)


def text(row: type[Base], column: str, place: str, *names: str, between: str = "|") -> Spot:
    """Return a column of sealed texts, bound to what these columns hold."""
    return Spot(table_of(row), column, "text", _bound(place, names, between))


def pieces(row: type[Base], column: str, place: str, *names: str, between: str) -> Spot:
    """Return a column of sealed pieces of files."""
    return Spot(table_of(row), column, "bytes", _bound(place, names, between))


def fields(table: sa.Table, column: str, record: Callable[[Row], str], row_id: str) -> Spot:
    """Return a JSON column whose protected fields are sealed one by one."""

    def slots(row: Row, value: dict[str, Any]) -> Iterator[Slot]:
        return _fields(value, record(row), str(row[row_id]))

    return Spot(table, column, "json", slots=slots)


def _bound(place: str, names: tuple[str, ...], between: str) -> Callable[[Row], tuple[str, str]]:
    return lambda row: (place, between.join(str(row[name]) for name in names))


def _always(record: str) -> Callable[[Row], str]:
    return lambda _: record


def _fields(value: Mapping[str, Any], record: str, row_id: str) -> Iterator[Slot]:
    holder = value if isinstance(value, dict) else {}
    return (Slot(holder, name, f"record.{record}.{name}", row_id) for name in holder)


def _waiting(_: Row, value: dict[str, Any]) -> Iterator[Slot]:
    """Yield the fields of a row of an import that waits, as the record it would become holds them."""
    return _fields(value["data"], value["form"], str(value["id"])) if "form" in value else iter(())


def _answers(row: Row, value: dict[str, Any]) -> Iterator[Slot]:
    yield Slot(value, "sealed", "kept_answer.body", f"{row['actor']}|{row['route']}|{row['key']}")


def _asked(row: Row, value: dict[str, Any]) -> Iterator[Slot]:
    yield Slot(value, "who", "login.reset", row["key"])


SPOTS: Final = (
    text(orders.OrderRow, "phone", "orders.phone", "id"),
    text(orders.OrderRow, "email", "orders.email", "id"),
    text(orders.OrderRow, "street", "orders.street", "id"),
    fields(table_of(orders.OrderRow), "extra", lambda _: "order", "id"),
    text(messages.MessageRow, "raw", "message.raw", "id"),
    text(repairs.RepairRow, "content", "message.repair", "message_id"),
    text(orders.DecisionRow, "facts", "decision.facts", "id"),
    fields(table_of(records.RecordRow), "data", lambda row: str(row["type"]), "id"),
    *(fields(shelf.table, shelf.extra.name, _always(key), shelf.id.name) for key, shelf in SHELVES.items()),
    text(records.RecordDraftRow, "data", "record_draft.data", "id"),
    text(people.UserRow, "mail", "person.mail", "id"),
    text(people.UserRow, "phone", "person.phone", "id"),
    text(people.FactorRow, "seed", "second_factor.seed", "person_id"),
    Spot(table_of(people.AnswerRow), "body", "json", slots=_answers),
    text(directory.DirectoryPersonRow, "document", "directory_person.document", "person_id"),
    text(ConnectionRow, "secrets", "connection.secrets", "name"),
    text(outside.KeptCallRow, "answer", "kept_call.answer", "connector", "operation", "question", between="."),
    text(outside.NoticeRow, "address", "notice.address", "id"),
    text(outside.NoticeRow, "facts", "notice.facts", "id"),
    text(imports.ImportLineRow, "cells", "import.cells", "import_id", "number"),
    text(imports.ImportLineRow, "faults", "import.faults", "import_id", "number"),
    Spot(table_of(imports.ImportLineRow), "made", "json", slots=_waiting),
    pieces(imports.ImportPieceRow, "body", "import.piece", "import_id", "position", between="|"),
    text(files.FileRow, "name", "file.name", "id"),
    text(files.FileRow, "key", "file.key", "id"),
    text(work.WorkRow, "asked", "work.asked", "id"),
    pieces(work.WorkPartRow, "content", "work_part.content", "work_id", "file", "position", between="/"),
    Spot(table_of(work.OutboxRow), "payload", "json", slots=_asked),
)
