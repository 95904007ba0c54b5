"""The fields of the built-in record types, with their types: what mappings fill and expressions may name."""

from collections.abc import Mapping
from typing import Any, Final

from ordain.language.expression import (
    BOOL,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MONEY,
    TEXT,
    Type,
    choice,
    list_of,
)
from ordain.records.order import PRIORITIES, REFUND_STATES, STATES

_ORDER_LINE: Final[Mapping[str, Type]] = {
    "external_id": TEXT,
    "sku": TEXT,
    "title": TEXT,
    "quantity": INTEGER,
    "unit_price": MONEY,
    "amount": MONEY,
    "shipped_quantity": INTEGER,
    "refund_state": choice(*REFUND_STATES),
}
_RETURN_LINE: Final[Mapping[str, Type]] = {"external_id": TEXT, "sku": TEXT, "quantity": INTEGER, "amount": MONEY}

_ORDER: Final[Mapping[str, Type]] = {
    "external_id": TEXT,
    "state": choice(*STATES),
    "placed_at": DATETIME,
    "paid_at": DATETIME,
    "shipped_at": DATETIME,
    "modified_at": DATETIME,
    "currency": TEXT,
    "goods": MONEY,
    "seller_discount": MONEY,
    "platform_discount": MONEY,
    "freight": MONEY,
    "tax": MONEY,
    "total": MONEY,
    "paid": MONEY,
    "refunded": MONEY,
    "buyer.name": TEXT,
    "buyer.phone": TEXT,
    "buyer.email": TEXT,
    "buyer.level": INTEGER,
    "buyer.address.province": TEXT,
    "buyer.address.city": TEXT,
    "buyer.address.district": TEXT,
    "buyer.address.street": TEXT,
    "region": TEXT,
    "priority": choice(*PRIORITIES),
}
_RETURN: Final[Mapping[str, Type]] = {
    "external_id": TEXT,
    "order": TEXT,
    "amount": MONEY,
    "currency": TEXT,
    "reason": TEXT,
    "return_type": TEXT,
    "state": TEXT,
    "requested_at": DATETIME,
    "modified_at": DATETIME,
}
# What the hub adds to an order once it is kept; no mapping fills these.
_KEPT: Final[Mapping[str, Type]] = {
    "number": TEXT,
    "channel": TEXT,
    "shop": TEXT,
    "received_at": DATETIME,
    "held": BOOL,
    "lane": TEXT,
    "quantity": INTEGER,
}

RECORDS: Final[Mapping[str, Mapping[str, Type]]] = {"order": _ORDER, "return_request": _RETURN}
LINES: Final[Mapping[str, Mapping[str, Type]]] = {"order": _ORDER_LINE, "return_request": _RETURN_LINE}


def record_names(record: str) -> dict[str, Type]:
    """Return the names an expression over a kept record may use, lines as lists of their values."""
    names = dict(RECORDS.get(record, {}))
    if record == "order":
        names |= _KEPT
    return names | {f"lines.{name}": list_of(kind) for name, kind in LINES.get(record, {}).items()}


def form_names(fields: Mapping[str, Any]) -> dict[str, Type]:
    """Return the names an expression over a form's record may use: its fields, those inside its lists, its state."""
    found = {name: _form_type(field) for name, field in fields.items()}
    for name, field in fields.items():
        found |= {f"{name}.{inner}": list_of(_form_type(item)) for inner, item in field.get("fields", {}).items()}
    return found | {"state": TEXT}


_FORM_TYPES: Final[Mapping[str, Type]] = {
    "integer": INTEGER,
    "decimal": DECIMAL,
    "money": MONEY,
    "bool": BOOL,
    "date": DATE,
    "datetime": DATETIME,
}


def _form_type(field: Mapping[str, Any]) -> Type:
    match field["type"]:
        case "choice":
            return choice(*field.get("options", {}))
        case "list":
            return list_of(TEXT)
        case other:
            return _FORM_TYPES.get(other, TEXT)
