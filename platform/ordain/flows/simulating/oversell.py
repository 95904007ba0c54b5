"""The comparison of R-B6: one rush, five ways of selling, each really run; what is sold beyond the stock is counted."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ordain.base.errors import Refused
from ordain.engines.rush import Rush, check, plan
from ordain.flows.services import Services
from ordain.flows.simulating.driving import drive
from ordain.flows.simulating.peers import PEERS
from ordain.flows.simulating.strategy import Contender, Stage
from ordain.store import scratch

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one way of selling did: units sold, how many of them were not there, the median wait of the slowest 5 %."""

    key: str
    sold: int
    oversold: int
    p95_ms: float
    source_rate: float | None

    @property
    def rate(self) -> float:
        """The share of what was sold that was not there."""
        return self.oversold / self.sold if self.sold else 0.0


def compare(services: Services, rush: Rush, tell: Tell = lambda _: None) -> Sequence[Outcome]:
    """Run the rush through every strategy, one after the other; Refused for a rush out of bounds.

    `tell` hears how many buyers of all runs have come.
    """
    if problems := check(rush):
        raise Refused(problems)
    return [
        _run(services, rush, contender, lambda come, before=place * rush.buyers: tell(before + come))  # type: ignore[misc] # the default binds the loop's value
        for place, contender in enumerate(PEERS)
    ]


def _run(services: Services, rush: Rush, contender: Contender, tell: Tell) -> Outcome:
    with ExitStack() as stack:
        place = stack.enter_context(scratch.scratch(services.db, services.settings.home, services.new_id()))
        instances = [place.open() for _ in range(rush.instances)]
        for instance in instances:
            stack.callback(instance.close)
        with instances[0].write() as conn:
            scratch.lay_out(conn, rush.stock)
        strategies = [contender.make(Stage(db, rush, services.locks)) for db in instances]
        driven = drive(rush, plan(rush), strategies, tell)
        with instances[0].read() as conn:
            sold = scratch.sold(conn)
    return Outcome(contender.key, sold, max(sold - rush.stock, 0), driven.p95_ms, contender.source_rate)
