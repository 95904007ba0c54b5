"""Stock under load: a flash sale, all succeed, mixed orders, growth, expiry; beside the floor of the machine.

`ORDAIN_BENCH_FLOOR` may name a command that measures the least a service can do: it is given `DSN`, the address of an
empty database, and prints a line of JSON for each of `flash` and `mixed` with `attempts_per_s`. It is run before and
after, on the same PostgreSQL.
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from bench.webhooks import percentile
from ordain.base import json
from ordain.flows import expiring
from ordain.flows.services import Services
from ordain.wiring import build, settings_from
from tests.rig import postgres
from tests.rig.product import ROOT, Product

CLIENTS = 64
Body = Callable[[int], tuple[str, dict[str, Any]]]


async def closed(base: str, token: str, count: int, body: Body) -> dict[str, Any]:
    """Send `count` requests from 64 clients, each after the answer to its last."""
    spent: list[float] = []
    seen: Counter[int] = Counter()
    turns = iter(range(count))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CLIENTS), headers=headers) as http:

        async def client() -> None:
            for turn in turns:
                path, document = body(turn)
                data = json.dumps(document)
                started = time.perf_counter()
                async with http.post(f"{base}/api/v1{path}", data=data) as answer:
                    await answer.read()
                    seen[answer.status] += 1
                spent.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        seconds = time.perf_counter() - started
    return {
        "per_second": round(count / seconds),
        "p50_ms": percentile(spent, 0.5),
        "p99_ms": percentile(spent, 0.99),
        "answers": {str(status): number for status, number in sorted(seen.items())},
    }


class Shop:
    """A running product with stock of its own making, and its services beside it."""

    def __init__(self, product: Product) -> None:
        self.base = product.base
        environment = product.variables()
        self.services: Services = build(settings_from(environment))
        self.token = product.command("token", "add", f"bench-{uuid.uuid4().hex[:8]}", "--role", "admin").stdout.strip()

    def stock(self, skus: list[str], count: int) -> None:
        from ordain.flows import stocking
        from ordain.records.actor import Origin, System

        for sku in skus:
            stocking.set_level(self.services, sku, count, Origin(System("bench")))

    def level(self, sku: str) -> tuple[int, int]:
        from ordain.store.stock import levels

        with self.services.db.read() as conn:
            found = levels.of(conn, [sku])[sku, "main"]
        return found.on_hand, found.reserved

    def run(self, count: int, body: Body) -> dict[str, Any]:
        return asyncio.run(closed(self.base, self.token, count, body))

    def flash(self, body: Callable[[str, str], Body], units: int = 100, attempts: int = 2000) -> dict[str, Any]:
        """Return what became of a flash sale; exactly the units are sold, or the figures say otherwise."""
        run = uuid.uuid4().hex[:8]
        self.stock([f"FLASH-{run}"], units)
        found = self.run(attempts, body(run, f"FLASH-{run}"))
        found["sold"] = found["answers"].get("201", 0)
        found["reserved"] = self.level(f"FLASH-{run}")[1]
        return found

    def hot(self, count: int = 6000) -> dict[str, Any]:
        """Return how many reservations of one SKU a second, all of which succeed."""
        run = uuid.uuid4().hex[:8]
        self.stock([f"HOT-{run}"], 100_000)
        return self.run(count, reservation(run, f"HOT-{run}"))

    def mixed(self, orders: int = 5000, skus: int = 1000) -> dict[str, Any]:
        """Return how many orders of 1 to 3 lines over 1,000 SKUs a second."""
        names = [f"MIX-{number}" for number in range(skus)]
        self.stock(names, 1000)
        run, dice = uuid.uuid4().hex[:8], random.Random(42)
        lines = [
            [
                {"sku": names[place], "quantity": dice.randint(1, 2), "unit_price": 1000}
                for place in dice.sample(range(skus), dice.randint(1, 3))
            ]
            for _ in range(orders)
        ]

        def body(turn: int) -> tuple[str, dict[str, Any]]:
            document = {"channel": "own-site", "currency": "CNY", "external_id": f"{run}-{turn}", "lines": lines[turn]}
            return "/orders", document

        return self.run(orders, body)

    def grown(self, rows: int = 1_000_000) -> dict[str, Any]:
        """Return the rate with a million old reservations in the table, against the rate before."""
        before = max(self.hot(4000)["per_second"] for _ in range(2))
        self.fill(rows, state="released", due="NULL", open_quantity=0)
        after = max(self.hot(4000)["per_second"] for _ in range(2))
        return {"before": before, "after": after, "ratio": round(after / before, 2), "old": rows}

    def expiry(self, holds: int = 10_000) -> dict[str, Any]:
        """Return the seconds until the stock of so many expired holds is free."""
        now = int(time.time() * 1000)
        self.stock(["LAPSE"], 0)
        with self.services.db.write() as conn:
            conn.exec_driver_sql(f"UPDATE stock SET backorder_limit = 1000000, reserved = {holds} WHERE sku = 'LAPSE'")
        self.fill(holds, state="held", due=str(now - 1000), open_quantity=1, sku="LAPSE")
        begun = time.perf_counter()
        while self.level("LAPSE")[1]:
            expiring.sweep(self.services)
        return {"holds": holds, "seconds": round(time.perf_counter() - begun, 2)}

    def fill(self, rows: int, *, state: str, due: str, open_quantity: int, sku: str = "OLD") -> None:
        """Put reservations into the table as they would stand there."""
        lines = f'[{{"sku":"{sku}","quantity":1,"short":0,"shipped":0,"line":"","parts":[["{sku}","main",1,0]]}}]'
        now = int(time.time() * 1000)
        sqlite = self.services.db.dialect == "sqlite"
        many = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
        many = many if sqlite else f"WITH n AS (SELECT i FROM generate_series(1, {rows}) AS i) "
        unique = "lower(hex(randomblob(16)))" if sqlite else "replace(gen_random_uuid()::text, '-', '')"
        run = uuid.uuid4().hex[:8]
        with self.services.db.write() as conn:
            if not sqlite:
                conn.exec_driver_sql("SET LOCAL statement_timeout = '600s'")
            conn.exec_driver_sql(f"CREATE TEMP TABLE filling AS {many} SELECT {unique} AS id, i FROM n")
            conn.exec_driver_sql(
                "INSERT INTO reservation (id, reference, state, order_id, channel, priority, lines, policy, "
                "policy_version, asked_hash, asked_by, expires_at, created_at, changed_at) SELECT id, "
                f"'{run}-' || i, '{state}', NULL, '', 'normal', '{lines}', 'default', 1, '', 'bench', {due}, {now}, {now} "
                "FROM filling"
            )
            conn.exec_driver_sql(
                "INSERT INTO reservation_line (reservation_id, sku, pool, quantity, open_quantity) "
                f"SELECT id, '{sku}', 'main', 1, {open_quantity} FROM filling"
            )
            conn.exec_driver_sql("DROP TABLE filling")
        if not sqlite:
            with psycopg.connect(self.services.settings.database_url, autocommit=True) as admin:
                admin.execute("ANALYZE")


def reservation(run: str, sku: str) -> Body:
    return lambda turn: (
        "/reservations",
        {"reference": f"{run}-{turn}", "lines": [{"sku": sku, "quantity": 1}]},
    )


def order(run: str, sku: str) -> Body:
    def body(turn: int) -> tuple[str, dict[str, Any]]:
        lines = [{"sku": sku, "quantity": 1, "unit_price": 1000}]
        return "/orders", {"channel": "own-site", "currency": "CNY", "external_id": f"{run}-{turn}", "lines": lines}

    return body


@contextmanager
def shop(url: str | None, processes: int = 2) -> Iterator[Shop]:
    """Run the web processes alone over a database: no channel brings orders meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="ordain-bench-")) / "home"
    variables = {"ORDAIN_WEB_PROCESSES": str(processes), "REDIS_URL": "unix:///dev/null"}
    product = Product(home, environment={**variables, **({"DATABASE_URL": url} if url else {})})
    done = product.command("init")
    assert done.returncode == 0, done.stderr
    command = [sys.executable, str(ROOT / "app.py"), "web"]
    with (home.parent / "web.log").open("wb") as log:
        process = subprocess.Popen(command, env=product.variables(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        while not product.is_ready():
            time.sleep(0.1)
        yield Shop(product)
    finally:
        process.terminate()
        process.wait(20)


def floor(url: str) -> list[dict[str, Any]]:
    """Return what the floor's command measures, nothing where there is none."""
    command = os.environ.get("ORDAIN_BENCH_FLOOR")
    if not command:
        return []
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS floor")
        admin.execute("CREATE DATABASE floor")
    environment = {**os.environ, "DSN": url.replace("/postgres", "/floor")}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [
        {"scenario": line["scenario"], "per_second": float(line["attempts_per_s"]), "p99_ms": float(line["p99_ms"])}
        for line in lines
        if "attempts_per_s" in line
    ]


def database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres", f"/{name}")


def one(server: str | None, *, deep: bool) -> dict[str, Any]:
    """Return all loads on one kind of database: SQLite, or new databases on the PostgreSQL `server`."""
    with shop(server and database(server, "one_process"), 1) as running:
        single = {"flash_reservations": running.flash(reservation), "flash_orders": running.flash(order)}
        single["all_succeed"] = running.hot()
    with shop(server and database(server, "two_processes")) as running:
        found: dict[str, Any] = {
            "one_process": single,
            "flash_reservations": running.flash(reservation),
            "flash_orders": running.flash(order),
            "all_succeed": running.hot(),
            "mixed": running.mixed(),
            "expiry": running.expiry(),
        }
        if deep:
            found["growth"] = running.grown()
    return found


def measure() -> dict[str, Any]:
    """Return the loads on both databases, between two runs of the floor."""
    deep = "shallow" not in os.environ.get("ORDAIN_BENCH_STOCK", "")
    found: dict[str, Any] = {"sqlite": one(None, deep=deep)}
    with postgres.cluster(fsync=True) as server:
        found["floor_before"] = floor(server)
        found["postgresql"] = one(server, deep=deep)
        found["floor_after"] = floor(server)
    return found
