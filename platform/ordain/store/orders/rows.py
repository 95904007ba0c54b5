"""From a mapped record to the columns of an order and its lines."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem
from ordain.base.ids import new_id
from ordain.base.regions import region_of
from ordain.store.vault import Vault

_AMOUNTS: Final = ("goods", "seller_discount", "platform_discount", "freight", "tax", "total", "paid", "refunded")
_TIMES: Final = ("placed_at", "paid_at", "shipped_at", "modified_at")
_DIGITS: Final = re.compile(r"\d+")
_MASKS: Final = re.compile(r"[*＊xX•·]")


def content_hash(record: Mapping[str, Any], problems: Sequence[Problem]) -> str:
    """Return the hash that tells an order's content, its problems included."""
    return json.content_hash([record, sorted((p.path, p.code) for p in problems)])


def order_values(
    record: Mapping[str, Any], standing: Mapping[str, Any] | None, *, row_id: str, now: datetime, vault: Vault
) -> dict[str, Any]:
    """Return all columns of an order: what the record says, else what stands, else nothing.

    A field that could not be mapped is absent from `record`, so what stood before stays.
    """
    old = standing or _EMPTY
    buyer = record.get("buyer") or {}
    address = buyer.get("address") or {}
    values: dict[str, Any] = {"updated_at": now}
    for name in _TIMES:
        values[name] = record[name] if record.get(name) is not None else old[name]
    for name in _AMOUNTS:
        values[name] = record[name] if record.get(name) is not None else old[name]
    values["state"] = record.get("state") or old["state"]
    values["currency"] = record.get("currency") or old["currency"]
    values["buyer_name"] = buyer.get("name") or old["buyer_name"]
    values["buyer_level"] = buyer.get("level") or old["buyer_level"]
    values |= _phone(buyer, old, row_id, vault)
    values["email"] = _sealed("orders.email", buyer.get("email"), old["email"], row_id, vault)
    values["street"] = _sealed("orders.street", address.get("street"), old["street"], row_id, vault)
    for name in ("province", "city", "district"):
        values[name] = address.get(name) or old[name]
    values["region"] = record.get("region") or region_of(values["province"])
    values["priority"] = record.get("priority") or old["priority"]
    values["lane"] = values["priority"]
    values["extra"] = {**old["extra"], **(record.get("extra") or {})}
    return values | _summary(record.get("lines"), old)


def line_values(lines: Sequence[Mapping[str, Any]], known: Mapping[str, str], order_id: str) -> list[dict[str, Any]]:
    """Return the columns of an order's lines; `known` gives the ids of lines that stood before."""
    return [
        {
            "id": known.get(str(line.get("external_id", ""))) or new_id(),
            "order_id": order_id,
            "position": position,
            "external_id": str(line.get("external_id") or position),
            "sku": line.get("sku") or "",
            "title": line.get("title") or "",
            "quantity": line.get("quantity") or 0,
            "unit_price": line.get("unit_price") or 0,
            "amount": line.get("amount") or 0,
            "shipped_quantity": line.get("shipped_quantity") or 0,
            "refund_state": line.get("refund_state") or "none",
        }
        for position, line in enumerate(lines)
    ]


def phone_digits(phone: str) -> str:
    """Return a phone's digits without the country code of China; "" where it is masked."""
    if _MASKS.search(phone):
        return ""
    digits = "".join(_DIGITS.findall(phone))
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits


def _phone(buyer: Mapping[str, Any], old: Mapping[str, Any], row_id: str, vault: Vault) -> dict[str, Any]:
    phone = buyer.get("phone")
    if not phone or _is_same("orders.phone", phone, old["phone"], row_id, vault):
        return {name: old[name] for name in ("phone", "phone_blind", "phone_tail_blind")}
    digits = phone_digits(phone)
    tail = "".join(_DIGITS.findall(phone))[-4:]
    return {
        "phone": vault.seal("orders.phone", row_id, phone),
        "phone_blind": vault.blind("phone", digits) if digits else None,
        "phone_tail_blind": vault.blind("phone_tail", tail) if len(tail) == 4 else None,
    }


def _sealed(place: str, text: str | None, old: str | None, row_id: str, vault: Vault) -> str | None:
    return vault.seal(place, row_id, text) if text and not _is_same(place, text, old, row_id, vault) else old


def _is_same(place: str, text: str, old: str | None, row_id: str, vault: Vault) -> bool:
    """Tell whether a value is what stands: so that only what changes is sealed anew."""
    return old is not None and vault.reach(place, row_id, old) == text  # what does not open is written anew


def _summary(lines: Sequence[Mapping[str, Any]] | None, old: Mapping[str, Any]) -> dict[str, Any]:
    if lines is None:
        return {name: old[name] for name in ("title", "line_count", "quantity")}
    return {
        "title": (lines[0].get("title") or "") if lines else "",
        "line_count": len(lines),
        "quantity": sum(line.get("quantity") or 0 for line in lines),
    }


_EMPTY: Final[dict[str, Any]] = {
    **dict.fromkeys(_TIMES),
    **dict.fromkeys(_AMOUNTS, 0),
    "state": None,
    "currency": "CNY",
    "buyer_name": "",
    "buyer_level": 0,
    "phone": None,
    "phone_blind": None,
    "phone_tail_blind": None,
    "email": None,
    "street": None,
    "province": "",
    "city": "",
    "district": "",
    "priority": "normal",
    "extra": {},
    "title": "",
    "line_count": 0,
    "quantity": 0,
}
