"""Stock as the hub keeps it: levels, reservations of it, movements of it. Quantities are whole pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

ReservationState = Literal["held", "committed", "released", "expired", "shipped"]
MovementKind = Literal["receive", "ship", "adjust", "return", "count"]
Place = tuple[str, str]  # SKU, pool

RESERVATION_STATES: Final[tuple[ReservationState, ...]] = get_args(ReservationState)
MOVEMENT_KINDS: Final[tuple[MovementKind, ...]] = get_args(MovementKind)
LIVE: Final = ("held", "committed")
MAIN: Final = "main"
MOST: Final = 1_000_000_000
"""No quantity is larger: beyond it something was typed wrong."""


@dataclass(frozen=True, slots=True)
class Level:
    """One SKU in one pool. `version` is 0 where there is no record of it."""

    sku: str
    pool: str
    on_hand: int = 0
    reserved: int = 0
    safety: int = 0
    backorder_limit: int = 0
    version: int = 0

    @property
    def available(self) -> int:
        """What may be promised: on hand, not promised yet, and not kept back."""
        return self.on_hand - self.reserved - self.safety


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of what is asked for; `line` is what the asker calls it."""

    sku: str
    quantity: int
    line: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one line takes of one SKU from one pool, and how much of it has left."""

    sku: str
    pool: str
    quantity: int
    shipped: int = 0

    @property
    def open(self) -> int:
        """What still counts as reserved."""
        return self.quantity - self.shipped


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reservation: what was asked, what of it is taken from where, what is short, what has left."""

    sku: str
    quantity: int
    parts: tuple[Part, ...]
    short: int = 0
    shipped: int = 0
    line: str = ""

    @property
    def taken(self) -> int:
        """How many pieces are reserved or have left."""
        return self.quantity - self.short


@dataclass(frozen=True, slots=True)
class Reservation:
    """A promise of stock; held until `expires_at`, for good once committed."""

    id: str
    reference: str
    state: ReservationState
    order_id: str | None
    channel: str
    priority: str
    lines: tuple[Line, ...]
    policy: str
    policy_version: int
    asked_hash: str
    asked_by: str
    expires_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def is_live(self) -> bool:
        """Tell whether it still holds stock."""
        return self.state in LIVE

    @property
    def is_short(self) -> bool:
        """Tell whether something that was asked for is not in it."""
        return any(line.short for line in self.lines)

    def parts(self) -> Iterator[Part]:
        """Return all parts of all lines."""
        for line in self.lines:
            yield from line.parts


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of what is on hand, and what was on hand after it."""

    id: str
    at: datetime
    sku: str
    pool: str
    kind: MovementKind
    quantity: int
    on_hand: int
    reason: str
    actor: str
    reservation_id: str | None = None
    order_id: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """A place where stock lies."""

    key: str
    title_zh: str
    title_en: str


def open_by_place(parts: Sequence[Part]) -> dict[Place, int]:
    """Return what still counts as reserved, summed by SKU and pool."""
    found: dict[Place, int] = {}
    for part in parts:
        if part.open:
            found[part.sku, part.pool] = found.get((part.sku, part.pool), 0) + part.open
    return found
