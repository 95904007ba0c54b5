"""Money is an integer in the currency's minor unit. Never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

# ISO 4217 exponents that differ from 2.
_EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}
LIMIT: Final = 10**15


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (1290 = 12.90) with its ISO 4217 currency."""

    amount: int
    currency: str


def exponent(currency: str) -> int:
    """Return how many decimal places one unit of `currency` has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def to_minor(value: Decimal | int, currency: str) -> int:
    """Turn units (12.90) into minor units (1290), half up; ValueError beyond ±10^15 or for NaN."""
    try:
        scaled = (Decimal(value) * 10 ** exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError("not an amount") from None
    amount = int(scaled)
    if abs(amount) > LIMIT:
        raise ValueError("amount out of range")
    return amount


def to_unit(amount: int, currency: str) -> Decimal:
    """Turn minor units (1290) into units (12.90)."""
    return Decimal(amount).scaleb(-exponent(currency))
