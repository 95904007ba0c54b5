"""The comparison of R-B6: one rush, five ways of selling, each really run; what is sold beyond the stock is counted."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from ordain.base.errors import Refused
from ordain.base.text import Text
from ordain.engines.rush import Rush, check, plan
from ordain.flows.services import Services
from ordain.flows.simulating import ours
from ordain.flows.simulating.driving import drive
from ordain.flows.simulating.peers import PEERS
from ordain.flows.simulating.strategy import Contender, Stage
from ordain.store import scratch

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one way of selling did: units sold, how many of them were not there, how long buyers waited (p95)."""

    key: str
    title: Text
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
    every = contenders(services)
    return [run(services, rush, each, partial(_onward, tell, n * rush.buyers)) for n, each in enumerate(every)]


def contenders(services: Services) -> Sequence[Contender]:
    """Return the ways of selling that are compared, the product's own last."""
    return (*PEERS, ours.contender(services))


def run(services: Services, rush: Rush, contender: Contender, tell: Tell = lambda _: None) -> Outcome:
    """Run the rush through one strategy in a scratch database of its own."""
    with ExitStack() as stack:
        place = stack.enter_context(scratch.scratch(services.db, services.settings.home, services.new_id()))
        instances = [place.open() for _ in range(rush.instances)]
        for instance in instances:
            stack.callback(instance.close)
        contender.lay_out(instances[0], rush.stock)
        strategies = [contender.make(Stage(db, rush, services.locks)) for db in instances]
        p95 = drive(rush, plan(rush), strategies, tell)
        sold = contender.sold(instances[0])
    return Outcome(contender.key, contender.title, sold, max(sold - rush.stock, 0), p95, contender.source_rate)


def _onward(tell: Tell, before: int, come: int) -> None:
    tell(before + come)
