"""A row with a sealed value in every column that holds them, put there without going through flows."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ordain.flows.services import Services
from ordain.store.sealed_places import SPOTS, Slot, Spot

VALUE = "canary"
_JSON: dict[str, dict[str, Any]] = {
    "kept_answer.body": {"sealed": ""},
    "import_row.made": {"form": "visit", "id": "r1", "data": {"id_card": "", "plain": "seen"}},
    "outbox.payload": {"key": "k", "who": "", "ip": ""},
}


def everywhere(services: Services) -> list[Callable[[Services], str]]:
    """Put them there; return what opens each of them again."""
    tables = {spot.table for spot in SPOTS}
    with services.db.write() as conn:
        for parent in ("person", "import_file", "work"):
            table = next(t for t in SPOTS[0].table.metadata.sorted_tables if t.name == parent)
            if table not in tables:
                conn.execute(sa.insert(table).values(_row(services, table)))
        for table in sorted(tables, key=lambda one: [*one.metadata.sorted_tables].index(one)):
            conn.execute(sa.insert(table).values(_row(services, table)))
    return [_opener(spot) for spot in SPOTS]


def _row(services: Services, table: sa.Table) -> dict[str, Any]:
    row = {column.name: _any(services, column) for column in table.columns if column.computed is None}
    for spot in SPOTS:
        if spot.table is table:
            row[spot.column] = _sealed(services, spot, row)
    return row


def _any(services: Services, column: sa.Column[Any]) -> Any:
    if column.nullable and not column.foreign_keys:
        return None
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.BigInteger):
        return 1
    if isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl_instance, sa.BigInteger):
        return services.now()
    return "k" if column.name == "key" else "r1"


def _sealed(services: Services, spot: Spot, row: dict[str, Any]) -> Any:
    vault = services.vault
    if spot.table.name == "stock" and "id" not in row:
        row = row | {"id": f"{row['sku']}@{row['pool']}"}
    if spot.shape == "text":
        return vault.seal(*spot.bound(row), VALUE)
    if spot.shape == "bytes":
        return vault.seal_bytes(*spot.bound(row), VALUE.encode())
    value: dict[str, Any] = _JSON.get(spot.name, {"id_card": "", "plain": "seen"})
    made = {**value, "data": dict(value["data"])} if "data" in value else dict(value)
    slot = _slot(spot, row, made)
    slot.holder[slot.name] = vault.seal(slot.place, slot.row, VALUE)
    return made


def _opener(spot: Spot) -> Callable[[Services], str]:
    def opens(services: Services) -> str:
        with services.db.read() as conn:
            row = dict(conn.execute(sa.select(spot.table)).mappings().first() or {})
        held = row[spot.column]
        if spot.shape == "text":
            return services.vault.open(*spot.bound(row), held)
        if spot.shape == "bytes":
            return services.vault.open_bytes(*spot.bound(row), bytes(held)).decode()
        slot = _slot(spot, row, held)
        assert "plain" not in slot.holder or slot.holder["plain"] == "seen"
        return services.vault.open(slot.place, slot.row, slot.holder[slot.name])

    return opens


def _slot(spot: Spot, row: dict[str, Any], value: dict[str, Any]) -> Slot:
    return next(slot for slot in spot.slots(row, value) if slot.name in ("id_card", "sealed", "who"))
