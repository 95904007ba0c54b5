"""Kill -9 anything: it comes back, nothing is orphaned, no order is missing or double."""

import json
import os
import signal
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from ordain.store.database import Database
from ordain.store.tables.orders import OrderLineRow, OrderRow
from tests.rig.product import Product, processes_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.2)
    return False


def put(address: str, value: object, method: str = "PUT") -> None:
    request = urllib.request.Request(address, json.dumps(value).encode(), method=method)
    with urllib.request.urlopen(request, timeout=10):
        pass


def truth(product: Product, platform: str) -> set[str]:
    with urllib.request.urlopen(
        f"{product.sandbox}/control/{platform}/orders?since=2020-01-01T00:00:00Z", timeout=20
    ) as answer:
        return {order["id"] for order in json.load(answer)["orders"]}


def kept(database: Database, channel: str) -> Counter[str]:
    with database.read() as conn:
        return Counter(conn.scalars(sa.select(OrderRow.external_id).where(OrderRow.channel == channel)))


@pytest.fixture(params=["sqlite", "postgresql"])
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Product, Database]]:
    environment = {}
    home = tmp_path / "home"
    url = f"sqlite:///{home / 'ordain.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        name = f"faults_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        url = environment["DATABASE_URL"] = server.replace("/postgres", f"/{name}")
    made = Product(home, environment=environment)
    made.start_whole()
    database = Database(url)
    yield made, database
    database.close()
    if made.process is not None:
        made.stop()


def test_kill_nine_during_polls_webhooks_and_imports_loses_and_doubles_nothing(
    product: tuple[Product, Database],
) -> None:
    running, database = product
    for platform in ("own-site", "taobao", "pos"):
        put(f"{running.sandbox}/control/{platform}/burst", {"n": 150}, "POST")
    for victim in ("web", "worker", "sandbox", "valkey", "scheduler", "web", "worker"):
        children = running.children()
        if victim in children:
            os.kill(children[victim], signal.SIGKILL)
        time.sleep(0.7)
    assert running.process is not None
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait(10)
    assert eventually(lambda: not processes_of(running.home), 10), "orphans were left"
    running.start_whole()
    for platform in ("own-site", "taobao", "pos"):
        put(f"{running.sandbox}/control/{platform}/rate", {"per_minute": 0})
    # A till's export covers ten minutes and comes when they are over: its receipts of just now are not due yet.
    for platform, channel in (("own-site", "own-site"), ("taobao", "taobao-flagship")):
        wanted = truth(running, platform)
        assert eventually(lambda w=wanted, c=channel: w <= set(kept(database, c)), 150), (  # type: ignore[misc] # bound now
            platform,
            len(wanted - set(kept(database, channel))),
        )
        assert set(kept(database, channel).values()) == {1}
        assert set(kept(database, channel)) <= truth(running, platform)
    assert set(kept(database, "store-pos").values()) <= {1}
    with database.read() as conn:
        doubled = sa.select(OrderLineRow.order_id).group_by(OrderLineRow.order_id, OrderLineRow.external_id)
        assert conn.execute(doubled.having(sa.func.count() > 1)).all() == []
    assert running.command("verify").returncode == 0


def test_any_child_is_replaced_and_stopping_leaves_nothing(tmp_path: Path) -> None:
    running = Product(tmp_path / "home")
    running.start_whole()
    before = running.children()
    assert set(before) == {"valkey", "web", "worker", "scheduler", "sandbox"}
    for name, pid in before.items():
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda n=name, p=pid: running.children().get(n, p) != p), name  # type: ignore[misc] # bound now
    assert eventually(running.is_ready)
    second = running.command()
    assert second.returncode == 1
    assert "another ordain runs" in second.stderr
    running.stop(signal.SIGINT)
    assert processes_of(running.home) == []


def test_a_queue_server_that_is_gone_makes_it_slower_and_never_wrong(tmp_path: Path) -> None:
    running = Product(tmp_path / "home", environment={"REDIS_URL": "redis://127.0.0.1:1/0"})
    running.start_whole()
    database = Database(f"sqlite:///{running.home / 'ordain.db'}")
    try:
        assert eventually(lambda: len(kept(database, "jd-store")) > 20)
        with urllib.request.urlopen(f"{running.base}/readyz", timeout=5) as answer:
            assert json.load(answer)["queue"] == "degraded"
    finally:
        database.close()
        running.stop()
