"""What a way of selling must answer: may this buyer order, what does a payment do, what becomes of an unpaid order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ordain.base.text import Text
from ordain.engines.rush import Buyer, Rush
from ordain.flows.ports import Locks
from ordain.store.database import Database

SKU: Final = "RUSH"


class Strategy(Protocol):
    """One way of selling, as one instance of a service runs it; called from many threads at once."""

    def submit(self, buyer: Buyer) -> bool:
        """Take an order, or send the buyer away."""
        ...

    def pay(self, buyer: Buyer) -> None:
        """Take the payment of an order that was taken."""
        ...

    def lapse(self, buyer: Buyer) -> None:
        """Give up an order that was never paid."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a strategy runs: its scratch database, the rush, and the lock all instances share."""

    db: Database
    rush: Rush
    locks: Locks


@dataclass(frozen=True, slots=True)
class Contender:
    """A strategy in the comparison: how its tables are laid out, how an instance is made, how sales are counted.

    `source_rate` is the oversell rate the source names for it, None for ours.
    """

    key: str
    title: Text
    source_rate: float | None
    lay_out: Callable[[Database, int], None]
    make: Callable[[Stage], Strategy]
    sold: Callable[[Database], int]
