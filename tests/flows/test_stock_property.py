"""Whatever is done in whatever order, both sums hold and no unit is promised twice."""

import itertools

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ordain.base.errors import Refused
from ordain.flows import expiring, reserving, stocking
from ordain.flows.reserving import Done
from ordain.flows.services import Services
from ordain.flows.stocking import Move
from ordain.store import catalogue
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.stock import assert_sound, level, reserve, stocked

_RUN = itertools.count()
SKUS = ("A", "B")
sku = st.sampled_from(SKUS)
count = st.integers(1, 4)


class Stock(RuleBasedStateMachine):
    """One shop's stock; each run has SKUs of its own names so that runs share a database."""

    services: Services
    clock: Clock
    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_RUN)
        stocked(self.services, **{self.name(one): 5 for one in SKUS})
        bundle = {self.name("A"): 2, self.name("B"): 1}
        with self.services.db.write() as conn:
            catalogue.add(
                conn,
                [{"sku": self.name("SET"), "title": "set", "price": 1, "currency": "CNY", "bundle": bundle}],
                self.services.now(),
            )
        self.number = 0

    def name(self, one: str) -> str:
        return f"{one}-{self.run}"

    @rule(target=made, lines=st.lists(st.tuples(st.sampled_from((*SKUS, "SET")), count), min_size=1, max_size=3))
    def reserve(self, lines: list[tuple[str, int]]) -> str | None:
        self.number += 1
        wanted = [(self.name(one), many) for one, many in lines]
        answer = reserve(self.services, f"{self.run}-{self.number}", *wanted)
        return answer.reservation.id if isinstance(answer, Done) else None

    @rule(which=made)
    def commit(self, which: str | None) -> None:
        if which:
            reserving.commit(self.services, which, ORIGIN)

    @rule(which=made)
    def release(self, which: str | None) -> None:
        if which:
            reserving.release(self.services, which, ORIGIN)

    @rule(which=made, position=st.integers(0, 2), pieces=count)
    def ship(self, which: str | None, position: int, pieces: int) -> None:
        if which:
            reserving.ship(self.services, which, {position: pieces}, ORIGIN)

    @rule(one=sku, many=count)
    def receive(self, one: str, many: int) -> None:
        stocking.move(self.services, Move(self.name(one), "receive", many), ORIGIN)

    @rule(one=sku, many=st.integers(0, 8), force=st.booleans())
    def count(self, one: str, many: int, force: bool) -> None:
        before = level(self.services, self.name(one))
        wanted = Move(before.sku, "count", many, reason="count", force=force)
        if force or many >= min(before.on_hand, before.reserved - before.backorder_limit):
            stocking.move(self.services, wanted, ORIGIN)
            return
        with pytest.raises(Refused):
            stocking.move(self.services, wanted, ORIGIN)

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        expiring.sweep(self.services)

    @invariant()
    def both_sums_hold(self) -> None:
        assert_sound(self.services)

    @invariant()
    def nothing_is_promised_that_is_not_there_unless_it_was_forced(self) -> None:
        for one in SKUS:
            found = level(self.services, self.name(one))
            assert found.on_hand - found.reserved >= -found.backorder_limit
            assert min(found.on_hand, found.reserved) >= 0


def test_any_interleaving_keeps_both_sums(founded: Services, clock: Clock) -> None:
    machine = type("Machine", (Stock,), {"services": founded, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
