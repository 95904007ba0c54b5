"""The product's own way of selling in the comparison: its schema, policy and reservation code, nothing rewritten."""

from dataclasses import replace
from typing import Final

from ordain.base.text import Text
from ordain.engines.rush import Buyer
from ordain.flows import founding, stocking
from ordain.flows.reserving import Commit, Desk, Done, Release, Reserve
from ordain.flows.services import Services
from ordain.flows.simulating.strategy import SKU, Contender
from ordain.flows.stocking import Move
from ordain.records.actor import Origin, System
from ordain.records.stock import Wanted
from ordain.store import catalogue
from ordain.store.database import Database
from ordain.store.definitions import LiveDefinitions
from ordain.store.stock import reservations

_ORIGIN: Final = Origin(System("simulation"))


class Own:
    """One instance of the product: reserves at the order, commits at the payment, lets go of what lapses."""

    def __init__(self, services: Services) -> None:
        self._desk = Desk(services)
        self._held: dict[int, str] = {}

    def submit(self, buyer: Buyer) -> bool:
        """Reserve one unit."""
        answer = self._desk.settle(Reserve(f"rush-{buyer.number}", (Wanted(SKU, 1),)), _ORIGIN)
        if not isinstance(answer, Done):
            return False
        self._held[buyer.number] = answer.reservation.id
        return True

    def pay(self, buyer: Buyer) -> None:
        """Make the reservation last."""
        self._desk.settle(Commit(self._held[buyer.number]), _ORIGIN)

    def lapse(self, buyer: Buyer) -> None:
        """Let the reservation go."""
        self._desk.settle(Release(self._held[buyer.number]), _ORIGIN)


def contender(services: Services) -> Contender:
    """Return the product itself as a strategy."""
    return Contender(
        "ordain",
        Text("ordain默认策略", "ordain, as shipped"),
        None,
        lambda db, stock: _lay_out(_over(services, db), stock),
        lambda stage: Own(_over(services, stage.db)),
        _sold,
    )


def _lay_out(there: Services, stock: int) -> None:
    founding.found(there, demo=False)
    with there.db.write() as conn:
        catalogue.add(conn, [{"sku": SKU, "title": SKU, "price": 0, "currency": "CNY"}], there.now())
    stocking.move(there, Move(SKU, "receive", stock, reason="simulation"), _ORIGIN)


def _sold(db: Database) -> int:
    with db.read() as conn:
        return reservations.committed(conn, SKU)


def _over(services: Services, db: Database) -> Services:
    return replace(services, db=db, live=LiveDefinitions())
