"""The comparison of R-B6: what oversells in the field oversells here, and the product sells just what there is."""

from dataclasses import replace

import pytest

from ordain.base.errors import Refused
from ordain.engines.rush import Rush, plan
from ordain.flows import working
from ordain.flows.services import Services
from ordain.flows.simulating import oversell, work
from ordain.flows.works import WORKS
from ordain.records.actor import Origin, User
from ordain.store import people, simulations
from ordain.store.database import Database

SMALL = Rush(stock=40, buyers=200, at_once=16, instances=2, spread=0.6, cache_lag=0.1, payment_delay=0.1, hold=0.1)


def test_the_same_seed_brings_the_same_buyers() -> None:
    assert plan(SMALL) == plan(SMALL)
    assert plan(SMALL) != plan(replace(SMALL, seed=1))


def test_no_control_oversells_and_the_product_sells_exactly_the_stock(founded: Services) -> None:
    outcomes = {outcome.key: outcome for outcome in oversell.compare(founded, SMALL)}
    assert list(outcomes) == ["none", "at-payment", "freeze", "lock", "ordain"]
    assert outcomes["none"].oversold > 0
    assert outcomes["at-payment"].oversold > 0
    assert (outcomes["ordain"].sold, outcomes["ordain"].oversold, outcomes["ordain"].rate) == (40, 0, 0)
    assert outcomes["none"].rate == outcomes["none"].oversold / outcomes["none"].sold


def test_a_run_leaves_nothing_behind_in_the_real_database(founded: Services) -> None:
    def rows() -> int:
        with founded.db.read() as conn:
            return int(conn.exec_driver_sql("SELECT count(*) FROM reservation").scalar() or 0)

    before = rows()
    oversell.run(founded, SMALL, oversell.contenders(founded)[-1])
    assert rows() == before
    assert not list((founded.settings.home / "scratch").glob("*"))
    assert _schemas(founded.db) == []


def test_a_run_told_as_long_work_is_kept_for_the_page(founded: Services) -> None:
    heard: list[int] = []
    with founded.db.write() as conn:
        person = people.add_person(conn, "lin", ["admin"], founded.now())
    origin = Origin(User(person or "", "lin", frozenset({"admin"}), frozenset()))
    made = work.start(founded, SMALL, origin)
    while (found := working.run(founded, made.id, WORKS, seconds=0)) is not None and not found.ended:
        heard.append(found.done)
    assert found is not None
    assert found.state == "done", found.problems
    assert heard == [200, 400, 600, 800]
    with founded.db.read() as conn:
        kept = simulations.newest(conn, work.KIND)
    assert kept is not None
    assert kept.rush["stock"] == 40
    assert (kept.outcomes[-1]["oversold"], kept.outcomes[-1]["sold"] <= 40) == (0, True)


def test_a_rush_out_of_bounds_is_refused_with_each_fault(founded: Services) -> None:
    with pytest.raises(Refused) as refused:
        oversell.compare(founded, Rush(stock=0, buyers=10**9))
    assert [found.path for found in refused.value.problems] == ["stock", "buyers"]


def _schemas(db: Database) -> list[str]:
    if db.dialect == "sqlite":
        return []
    with db.read() as conn:
        found = conn.exec_driver_sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'scratch%%'")
        return list(found.scalars())
