"""An order as the hub keeps it. Amounts are integers in the minor unit of `currency`; times are aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

from ordain.base.errors import Problem

State = Literal["unpaid", "paid", "picking", "shipped", "completed", "cancelled"]
Priority = Literal["normal", "urgent", "vip"]
RefundState = Literal["none", "requested", "refunded", "declined"]

STATES: Final[tuple[State, ...]] = get_args(State)
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
REFUND_STATES: Final[tuple[RefundState, ...]] = get_args(RefundState)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to: `street` is protected, the rest is not."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who ordered: phone and e-mail are protected. Masks of platforms are kept as received."""

    name: str = ""
    phone: str = ""
    email: str = ""
    level: int = 0
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line: `amount` is what the buyer owes for it after all discounts, without freight and tax.

    `unit_price` is the price of one piece before discounts.
    """

    external_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    amount: int
    id: str = ""
    shipped_quantity: int = 0
    refund_state: RefundState = "none"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one channel: goods - discounts + freight + tax = total, what the buyer owes."""

    id: str
    number: str
    channel: str
    shop: str
    external_id: str
    state: State | None  # None only while held: the channel's word for the state is not known
    currency: str
    placed_at: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    modified_at: datetime | None  # the platform's version of the order
    received_at: datetime
    goods: int = 0
    seller_discount: int = 0
    platform_discount: int = 0
    freight: int = 0
    tax: int = 0
    total: int = 0
    paid: int = 0
    refunded: int = 0
    held: bool = False
    problems: tuple[Problem, ...] = ()
    buyer: Buyer = field(default_factory=Buyer)
    region: str = ""
    priority: Priority = "normal"
    lane: str = "normal"
    lines: tuple[OrderLine, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
