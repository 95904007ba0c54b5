"""From a mapped return request to its columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

_DEFAULTS: Final[dict[str, Any]] = {
    "order_external_id": "",
    "currency": "CNY",
    "amount": 0,
    "reason": "",
    "return_type": "",
    "state": "requested",
    "requested_at": None,
    "modified_at": None,
    "lines": [],
    "extra": {},
}


def return_values(record: Mapping[str, Any], standing: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any]:
    """Return all columns of a return request: what the record says, else what stands, else nothing."""
    said = {**record, "order_external_id": record.get("order")}
    old = standing or _DEFAULTS
    values = {name: said[name] if said.get(name) is not None else old[name] for name in _DEFAULTS}
    own = {**old["extra"], **(record.get("extra") or {})}
    return values | {"updated_at": now, "lines": [dict(line) for line in values["lines"]], "extra": own}
