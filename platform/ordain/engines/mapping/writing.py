"""Values of fields as a person writes them in a form, and back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ordain.base.money import exponent, to_minor, to_unit
from ordain.engines.mapping.mending import plain
from ordain.language.expression import Type

MOST_TEXT: Final = 1_000


def currency_of(record: Mapping[str, Any]) -> str:
    """Return the currency that a record's amounts are in."""
    return str(record.get("currency") or "CNY")


def text_of(kind: Type, value: str | int | None, currency: str) -> str:
    """Return a value as a person writes it: amounts in units, times with their zone."""
    if kind.family == "money" and isinstance(value, int):
        return f"{to_unit(value, currency):.{exponent(currency)}f}"
    return "" if value is None else str(value)


def value_of(kind: Type, text: str, currency: str) -> str | int | None:
    """Return what a person wrote as a value; ValueError where it does not fit the field."""
    text = text.strip()[:MOST_TEXT]
    if not text:
        return None
    match kind.family:
        case "money":
            try:
                return to_minor(Decimal(text.replace(",", "")), currency)
            except InvalidOperation:
                raise ValueError(text) from None
        case "integer":
            return int(text)
        case "datetime":
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError(text)
            return plain(moment)
        case "choice" if text not in kind.options:
            raise ValueError(text)
    return text
