"""From the values of rows to an order in our own shape, as the mapping "imported-order" reads it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ordain.base.places import split_address


def order_document(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that rows tell of, in the shape of our own orders; amounts that follow are worked out."""
    lines = [_line(line) for line in _unlike(data.get("lines", []))]
    made: dict[str, Any] = {"state": "paid", "currency": "CNY", "priority": "normal", "lines": lines}
    address = data.get("buyer.address")
    for name, value in data.items():
        if name not in ("lines", "buyer.address"):
            _put(made, name.split("."), value)
    if address:
        parts = split_address(address)
        whole = made.setdefault("buyer", {}).setdefault("address", {})
        for part in ("province", "city", "district", "street"):
            whole.setdefault(part, getattr(parts, part))
    goods = sum(line["amount"] for line in lines)
    off = made.get("seller_discount", 0) + made.get("platform_discount", 0)
    made["goods"] = goods
    made.setdefault("total", goods - off + made.get("freight", 0) + made.get("tax", 0))
    made["paid"] = 0 if made["state"] in ("unpaid", "cancelled") else made["total"]
    return made


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    quantity = line.get("quantity", 0)
    price = line.get("unit_price")
    amount = line.get("amount")
    if amount is None:
        amount = (price or 0) * quantity
    if price is None:
        price = amount // quantity if quantity else 0
    return {**line, "unit_price": price, "amount": amount}


def _unlike(lines: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Return lines, the same one only once where it bears a number of its own."""
    seen: set[str] = set()
    for line in lines:
        number = str(line.get("external_id", ""))
        if not number or number not in seen:
            seen.add(number)
            yield line


def _put(into: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        into = into.setdefault(step, {})
    into[steps[-1]] = value
