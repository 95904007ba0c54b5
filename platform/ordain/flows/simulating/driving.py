"""Drives buyers through a strategy in real time: many threads, several instances; orders, payments, lapses when due."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ordain.engines.rush import Buyer, Rush
from ordain.flows.simulating.strategy import Strategy

Act = Callable[[], None]


def drive(rush: Rush, buyers: Sequence[Buyer], instances: Sequence[Strategy], tell: Callable[[int], None]) -> float:
    """Let every buyer come, wait until the last order is paid or given up; `tell` hears how many have come.

    Returns how long buyers waited for their answer: the 95th percentile in milliseconds.
    """
    agenda = _Agenda()
    waited: list[float] = []

    def come(buyer: Buyer) -> None:
        strategy = instances[buyer.instance]
        begun = time.perf_counter()
        if strategy.submit(buyer):
            if buyer.pays_after is None:
                agenda.add(rush.hold, lambda: strategy.lapse(buyer))
            else:
                agenda.add(buyer.pays_after, lambda: strategy.pay(buyer))
        waited.append((time.perf_counter() - begun) * 1000)
        if len(waited) % 50 == 0:
            tell(len(waited))

    for buyer in buyers:
        agenda.add(buyer.at, partial(come, buyer))
    with ThreadPoolExecutor(rush.at_once) as pool:
        for done in [pool.submit(agenda.work) for _ in range(rush.at_once)]:
            done.result()
    waited.sort()
    return waited[int(len(waited) * 0.95)]


class _Agenda:
    """What is to be done when, worked off by many threads."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Act]] = []
        self._running = 0
        self._more = threading.Condition()
        self._turn = itertools.count()

    def add(self, after: float, act: Act) -> None:
        """Have something done so many seconds from now."""
        with self._more:
            heapq.heappush(self._due, (time.monotonic() + after, next(self._turn), act))
            self._more.notify()

    def work(self) -> None:
        """Do what is due until nothing is left and nobody can add anything any more."""
        while (act := self._next()) is not None:
            try:
                act()
            finally:
                with self._more:
                    self._running -= 1
                    self._more.notify_all()

    def _next(self) -> Act | None:
        with self._more:
            while self._due or self._running:
                left = self._due[0][0] - time.monotonic() if self._due else None
                if left is not None and left <= 0:
                    self._running += 1
                    return heapq.heappop(self._due)[2]
                self._more.wait(left)
            self._more.notify_all()
            return None
