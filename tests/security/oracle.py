"""What a starter role ought to see, read off its document by other means than the product's own."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.security.world import Secret, World

ROLES: Final[dict[str, dict[str, Any]]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["spec"]["rights"]
    for path in sorted((Path(__file__).parents[2] / "definitions/starter/role").glob("*.json"))
}
_PROTECTED: Final = frozenset({"buyer.phone", "buyer.email", "buyer.address.street", "raw"})
_REGIONS: Final = ("east",)  # whoever has a role here works in this region
# Row filters said once more, by hand; a role that has one and is not here fails the tests.
_ROWS: Final[Mapping[str, Callable[[Mapping[str, str]], bool]]] = {
    "region in me.regions and state in ('paid', 'picking', 'shipped')": lambda row: (
        row["region"] in _REGIONS and row["state"] in ("paid", "picking", "shipped")
    ),
    "region in me.regions": lambda row: row["region"] in _REGIONS,
    "channel == 'own-site'": lambda row: row["channel"] == "own-site",
}


def may(role: str, right: str) -> bool:
    """Tell whether a role's document lists "record.action"."""
    record, _, action = right.partition(".")
    return action in ROLES.get(role, {}).get(record, {}).get("do", ())


def mode(role: str, record: str, name: str) -> str:
    """Return what a role's document says of a field, or of the field's parents."""
    fields = ROLES.get(role, {}).get(record, {}).get("fields", {})
    parts = name.split(".")
    named = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    said: str | None = next((fields[one] for one in named if one in fields), None)
    return said or ("hidden" if name in _PROTECTED else "read")


def reaches(role: str, record: str, row: Mapping[str, str]) -> bool:
    """Tell whether a role's document lets a row through."""
    rows = ROLES[role].get(record, {}).get("rows")
    return rows is None or _ROWS[rows](row)


def sees(role: str, world: World, secret: Secret, endpoint: str) -> bool:
    """Tell whether a role may be told a secret in full on some page or other."""
    if secret.record == "person":
        return may(role, "person.read") or may(role, "person.provision")
    if secret.record == "record":
        return may(role, "record.edit")  # a protected field is for who edits, or reveals it
    if may(role, "message.read") and mode(role, "message", "raw") == "read":
        return True  # who reads messages as they came reads all there is in them
    if not may(role, "order.read") or not reaches(role, "order", world.rows[secret.row]):
        return False
    if endpoint == "order.reveal" and may(role, "order.reveal"):
        return True
    return mode(role, "order", secret.name) == "read"
