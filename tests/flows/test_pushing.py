"""Stock pushed to channels over real HTTP: absolute, once a SKU, never old after new, with a buffer that has a reason."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ordain.flows import pushing
from ordain.flows.services import Services
from ordain.gateways.channel import HttpChannel
from ordain.gateways.http import HttpClient
from ordain.sandbox.shelf import Shelf
from ordain.store import connections, pushes
from ordain.store.connections import Connection
from ordain.store.tables.pushes import StockPushRow
from ordain.store.tables.stock import StockRow
from tests.conftest import Clock
from tests.rig.sandbox import Played, playing

PLATFORMS = {"own-site": "own-site", "taobao-flagship": "taobao"}


@pytest.fixture
def played(clock: Clock, tmp_path: Path) -> Iterator[Played]:
    with playing(tmp_path / "sandbox.db", clock) as made:
        yield made


@pytest.fixture
def ready(founded: Services, played: Played) -> Services:
    services = dataclasses.replace(founded, channels=HttpChannel(HttpClient(test_networks=True)))
    with services.db.write() as conn:
        for name in PLATFORMS.values():
            stored = connections.get(conn, services.vault, name)
            assert stored is not None
            place = Connection(name, f"{played.base}/{name}", ("127.0.0.1",), stored.secrets)
            connections.put(conn, services.vault, place, services.now())
        conn.execute(sa.delete(StockRow))
        rows = [
            {
                "sku": f"SKU-{place}", "pool": "main", "on_hand": 10 * place, "reserved": 0, "safety": 1,
                "backorder_limit": 0, "version": 1, "changed_at": services.now(),
            }
            for place in (1, 2, 3)
        ]  # fmt: skip
        conn.execute(sa.insert(StockRow), rows)
    return services


def sell(services: Services, sku: str, units: int) -> None:
    with services.db.write() as conn:
        sold = sa.update(StockRow).where(StockRow.sku == sku)
        moved = {"reserved": StockRow.reserved + units, "version": StockRow.version + 1, "changed_at": services.now()}
        conn.execute(sold.values(**moved))


def shelf(played: Played, platform: str, clock: Clock) -> dict[str, int]:
    return {counter.sku: counter.told for counter in Shelf(played.memory).counters(platform, clock())}


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_channel_is_told_what_is_available_and_then_only_what_changed(
    ready: Services, played: Played, clock: Clock, channel: str
) -> None:
    platform = PLATFORMS[channel]
    assert pushing.push(ready, channel).taken == 3
    assert shelf(played, platform, clock) == {"SKU-1": 9, "SKU-2": 19, "SKU-3": 29}
    assert pushing.push(ready, channel) == pushing.Pushed()
    for _ in range(4):
        sell(ready, "SKU-2", 1)
    clock.forward(seconds=7)
    assert pushing.push(ready, channel).taken == 1, "four changes are one push"
    assert shelf(played, platform, clock)["SKU-2"] == 15
    with ready.db.read() as conn:
        assert {told.sku: told.lag_ms for told in pushes.told(conn, channel)}["SKU-2"] == 7_000


def test_a_push_that_was_overtaken_writes_nothing(ready: Services) -> None:
    with ready.db.write() as conn:
        (old, *_) = pushes.due(conn, "own-site", full=True, limit=1)
        new = dataclasses.replace(old, version=old.version + 5)
        assert pushes.taken(conn, "own-site", new, pushes.Telling(3, 0, 0, measured=True), ready.now())
        assert not pushes.taken(conn, "own-site", old, pushes.Telling(9, 0, 0, measured=True), ready.now())
        assert conn.scalar(sa.select(StockPushRow.quantity).where(StockPushRow.sku == old.sku)) == 3


def test_the_shop_itself_refuses_an_older_version(played: Played, clock: Clock) -> None:
    counters = Shelf(played.memory)
    assert counters.put("own-site", "A", 5, 7, clock())
    assert not counters.put("own-site", "A", 9, 6, clock())
    assert shelf(played, "own-site", clock) == {"A": 5}


def test_only_one_round_pushes_at_a_time(ready: Services) -> None:
    with ready.db.write() as conn:
        assert pushes.take_turn(conn, "own-site", ready.now(), pushing._TURN)
    assert pushing.push(ready, "own-site") == pushing.Pushed()


@pytest.mark.parametrize("faults", [{"outage": True}, {"token_expired": True}, {"error_share": 1.1}])
def test_what_could_not_be_told_is_told_at_the_next_round(
    ready: Services, played: Played, clock: Clock, faults: dict[str, object]
) -> None:
    played.memory.set_faults("own-site", faults)
    failed = pushing.push(ready, "own-site")
    assert (failed.taken, failed.left) == (0, 3)
    assert failed.error
    with ready.db.read() as conn:
        assert pushes.feed(conn, "own-site").cause
    played.memory.set_faults("own-site", {})
    assert pushing.push(ready, "own-site").taken == 3
    with ready.db.read() as conn:
        assert not pushes.feed(conn, "own-site").cause


def test_a_number_the_channel_will_not_take_is_not_asked_again_until_it_changes(
    ready: Services, played: Played, clock: Clock
) -> None:
    Shelf(played.memory).put("own-site", "SKU-2", 5, 99, clock())
    assert pushing.push(ready, "own-site").taken == 2
    with ready.db.read() as conn:
        assert pushes.feed(conn, "own-site").cause == "request"
        assert {one.sku: one.quantity for one in pushes.told(conn, "own-site")}["SKU-2"] == pushing.REFUSED
    assert pushing.push(ready, "own-site") == pushing.Pushed()


def test_a_full_round_mends_a_counter_that_drifted(ready: Services, played: Played, clock: Clock) -> None:
    pushing.push(ready, "taobao-flagship")
    Shelf(played.memory).put("taobao", "SKU-1", 999, 0, clock())
    assert pushing.push(ready, "taobao-flagship").taken == 0
    assert pushing.push(ready, "taobao-flagship", full=True).taken == 3
    assert shelf(played, "taobao", clock)["SKU-1"] == 9


def test_what_is_held_back_follows_from_rate_and_lag(ready: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "sales", lambda *_: {"SKU-3": 8_640})
    pushing.push(ready, "own-site")
    with ready.db.read() as conn:
        told = {one.sku: (one.quantity, one.held_back) for one in pushes.told(conn, "own-site")}
        assert pushes.price(conn, "own-site") == (told["SKU-3"][1], 3)
    mean = 0.1 * pushing.FIRST_LAG
    below = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(told["SKU-3"][1] + 1))
    assert 1 - below < 0.001
    assert told["SKU-3"][0] == 29 - told["SKU-3"][1]
    assert told["SKU-1"] == (9, 0)


def test_sales_are_counted_anew_after_a_while_and_kept_between(
    ready: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([{"SKU-3": 0}, {"SKU-3": 8_640}])
    monkeypatch.setattr(pushes, "sales", lambda *_: next(counts))
    pushing.push(ready, "own-site")
    clock.forward(minutes=6)
    for _ in range(2):  # the second round has the count of the first
        sell(ready, "SKU-3", 1)
        clock.forward(seconds=10)
        pushing.push(ready, "own-site")
    with ready.db.read() as conn:
        assert {one.sku: one.held_back for one in pushes.told(conn, "own-site")}["SKU-3"] > 0


def test_a_full_round_begins_with_what_was_untold_the_longest(ready: Services, clock: Clock) -> None:
    pushing.push(ready, "own-site")
    clock.forward(minutes=1)
    sell(ready, "SKU-1", 1)
    pushing.push(ready, "own-site")
    with ready.db.read() as conn:
        assert [item.sku for item in pushes.due(conn, "own-site", full=True, limit=2)] == ["SKU-2", "SKU-3"]


def test_more_held_back_than_there_is_is_nothing_to_sell(ready: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "sales", lambda *_: {"SKU-1": 432_000})
    pushing.push(ready, "own-site")
    with ready.db.read() as conn:
        assert {one.sku: one.quantity for one in pushes.told(conn, "own-site")}["SKU-1"] == 0


def test_a_channel_without_a_stock_push_is_left_alone(ready: Services) -> None:
    assert pushing.push(ready, "jd-store") == pushing.Pushed()
    assert pushing.push(ready, "nobody") == pushing.Pushed()
