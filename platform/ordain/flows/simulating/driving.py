"""Drives buyers through a strategy in real time: many threads, several instances, every order, payment and lapse when due."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ordain.engines.rush import Buyer, Rush
from ordain.flows.simulating.strategy import Strategy

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Driven:
    """How a rush went: orders taken, and how long buyers waited for an answer, in milliseconds."""

    taken: int
    p95_ms: float


def drive(rush: Rush, buyers: Sequence[Buyer], instances: Sequence[Strategy], tell: Callable[[int], None]) -> Driven:
    """Let every buyer come, and return when the last order is paid or given up; `tell` hears how many have come."""
    agenda = _Agenda()
    waited: list[float] = []
    taken: list[int] = []

    def come(buyer: Buyer) -> None:
        strategy = instances[buyer.instance]
        begun = time.perf_counter()
        if strategy.submit(buyer):
            taken.append(buyer.number)
            if buyer.pays_after is None:
                agenda.add(rush.hold, lambda: strategy.lapse(buyer))
            else:
                agenda.add(buyer.pays_after, lambda: strategy.pay(buyer))
        waited.append((time.perf_counter() - begun) * 1000)
        if len(waited) % 50 == 0:
            tell(len(waited))

    for buyer in buyers:
        agenda.add(buyer.at, lambda buyer=buyer: come(buyer))  # type: ignore[misc] # the default binds the loop's value
    with ThreadPoolExecutor(rush.at_once) as pool:
        for done in [pool.submit(agenda.work) for _ in range(rush.at_once)]:
            done.result()
    waited.sort()
    return Driven(len(taken), waited[int(len(waited) * 0.95)] if waited else 0.0)


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
