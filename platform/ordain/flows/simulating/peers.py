"""The four ways of selling that the source compares, written as they are found in the field.

They run against tables without a CHECK, where the first ones really oversell.
"""

import time
from collections.abc import Callable
from typing import Final

from ordain.base.text import Text
from ordain.engines.rush import Buyer
from ordain.flows.simulating.strategy import Contender, Stage, Strategy
from ordain.store import scratch
from ordain.store.database import Database

_LOCK_SECONDS: Final = 0.03
_STALL_SECONDS: Final = 0.08  # longer than the lock lives: the weakness of every lock that expires
_PATIENCE: Final = 5.0


class NoControl:
    """Believes the number on the page, which is as old as its cache, and deducts when the money is there."""

    def __init__(self, stage: Stage) -> None:
        self.db = stage.db
        self._lag = stage.rush.cache_lag
        self._seen = stage.rush.stock
        self._seen_at = float("-inf")

    def submit(self, buyer: Buyer) -> bool:
        """Take the order while the cached number is above zero."""
        if time.monotonic() - self._seen_at > self._lag:
            self._seen_at = time.monotonic()
            with self.db.read() as conn:
                self._seen = scratch.available(conn)
        return self._seen > 0 and self._order(buyer)

    def pay(self, buyer: Buyer) -> None:
        """Deduct, whatever is left."""
        with self.db.write() as conn:
            scratch.pay(conn, buyer.number)
            scratch.add(conn, on_hand=-1)

    def lapse(self, buyer: Buyer) -> None:
        """Do nothing: nothing was kept for the buyer."""

    def _order(self, buyer: Buyer) -> bool:
        with self.db.write() as conn:
            scratch.order(conn, buyer.number)
        return True


class DeductAtPayment(NoControl):
    """Asks the database itself at the order, but deducts when the money is there."""

    def submit(self, buyer: Buyer) -> bool:
        """Take the order while the stored number is above zero."""
        with self.db.read() as conn:
            left = scratch.available(conn)
        return left > 0 and self._order(buyer)


class FreezeAtSubmit:
    """Freezes at the order: reads what is left, and if that is enough, writes."""

    def __init__(self, stage: Stage) -> None:
        self.db = stage.db

    def submit(self, buyer: Buyer) -> bool:
        """Freeze one unit where the number just read allows it."""
        with self.db.read() as conn:
            left = scratch.available(conn)
        if left <= 0:
            return False
        with self.db.write() as conn:
            scratch.order(conn, buyer.number)
            scratch.add(conn, frozen=1)
        return True

    def pay(self, buyer: Buyer) -> None:
        """Turn the frozen unit into a sold one."""
        with self.db.write() as conn:
            scratch.pay(conn, buyer.number)
            scratch.add(conn, on_hand=-1, frozen=-1)

    def lapse(self, buyer: Buyer) -> None:  # noqa: ARG002 whose unit it was makes no difference
        """Thaw the unit."""
        with self.db.write() as conn:
            scratch.add(conn, frozen=-1)


class LockAndFreeze(FreezeAtSubmit):
    """Does the same under a lock in Redis; an instance that halts too long works on after its lock ran out."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._locks = stage.locks

    def submit(self, buyer: Buyer) -> bool:
        """Freeze one unit while holding the lock; give up where it is not to be had."""
        until = time.monotonic() + _PATIENCE
        with self.db.read() as conn:
            if scratch.available(conn) <= 0:
                return False  # nothing to wait for
        while (token := self._locks.take("rush", _LOCK_SECONDS)) is None:
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        try:
            with self.db.read() as conn:
                left = scratch.available(conn)
            if left <= 0:
                return False
            if buyer.stalls:
                time.sleep(_STALL_SECONDS)
            with self.db.write() as conn:
                scratch.order(conn, buyer.number)
                scratch.add(conn, frozen=1)
            return True
        finally:
            self._locks.give_back("rush", token)


def _lay_out(db: Database, stock: int) -> None:
    with db.write() as conn:
        scratch.lay_out(conn, stock)


def _sold(db: Database) -> int:
    with db.read() as conn:
        return scratch.sold(conn)


def _peer(key: str, title: Text, rate: float, make: Callable[[Stage], Strategy]) -> Contender:
    return Contender(key, title, rate, _lay_out, make, _sold)


PEERS: Final = (
    _peer("none", Text("无任何控制", "No control"), 0.127, NoControl),
    _peer("at-payment", Text("支付后扣减", "Deduct at payment"), 0.083, DeductAtPayment),
    _peer("freeze", Text("提交即锁定", "Freeze at submit"), 0.009, FreezeAtSubmit),
    _peer("lock", Text("分布式锁+预占", "Lock + freeze"), 0.001, LockAndFreeze),
)
