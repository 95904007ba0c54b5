"""Webhook in -> order stored: 64 clients in a closed loop, and a steady 200 a second; beside the floor of the machine."""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from ordain.base import json
from ordain.sandbox import signing
from tests.factories import own_site_order
from tests.rig import postgres
from tests.rig.product import Product

CLIENTS = 64


def request(index: int) -> tuple[bytes, dict[str, str]]:
    """Return a signed event of an order of its own."""
    now = int(time.time() * 1000)
    order = own_site_order(f"B{uuid.uuid4().hex[:12]}", createdAt=now, paidAt=now, updatedAt=now)
    body = json.dumps({"event": "order.paid", "seq": index, "order": order})
    signature = "sha256=" + signing.hmac_hex("test-secret-own-dev", f"{now}.".encode() + body)
    headers = {"X-Hub-Time": str(now), "X-Hub-Sign": signature, "X-Hub-Event-Id": uuid.uuid4().hex}
    return body, headers


def percentile(values: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000, 1)


async def closed(base: str, count: int) -> dict[str, Any]:
    """Send `count` events from 64 clients, each after the answer to its last."""
    spent: list[float] = []
    failed = 0
    turns = iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CLIENTS)) as http:

        async def client() -> None:
            nonlocal failed
            for turn in turns:
                body, headers = request(turn)
                started = time.perf_counter()
                async with http.post(f"{base}/hooks/own-site", data=body, headers=headers) as answer:
                    await answer.read()
                    failed += answer.status != 200
                spent.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        seconds = time.perf_counter() - started
    return {
        "per_second": round(count / seconds),
        "p50_ms": percentile(spent, 0.5),
        "p99_ms": percentile(spent, 0.99),
        "failed": failed,
    }


async def steady(base: str, rate: int, seconds: int) -> dict[str, Any]:
    """Send `rate` events a second, whatever the answers; received -> stored is the time to the answer."""
    spent: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as http:

        async def one(turn: int) -> None:
            body, headers = request(turn)
            started = time.perf_counter()
            async with http.post(f"{base}/hooks/own-site", data=body, headers=headers) as answer:
                await answer.read()
            spent.append(time.perf_counter() - started)

        tasks = []
        begun = time.perf_counter()
        for turn in range(rate * seconds):
            await asyncio.sleep(max(0.0, begun + turn / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(turn)))
        await asyncio.gather(*tasks)
    return {
        "rate": rate,
        "p50_ms": percentile(spent, 0.5),
        "p95_ms": percentile(spent, 0.95),
        "p99_ms": percentile(spent, 0.99),
    }


@contextmanager
def product(url: str | None) -> Iterator[Product]:
    """Run the product over a database, its sandbox quiet."""
    home = Path(tempfile.mkdtemp(prefix="ordain-bench-")) / "home"
    made = Product(home, environment={"DATABASE_URL": url} if url else {})
    made.start_whole()
    time.sleep(4)
    try:
        yield made
    finally:
        made.stop()


def measure(count: int = 6000) -> dict[str, Any]:
    """Return both loads on both databases."""
    found: dict[str, Any] = {}
    with product(None) as running:
        found["sqlite"] = {
            "closed": asyncio.run(closed(running.base, count)),
            "steady": asyncio.run(steady(running.base, 200, 10)),
        }
    with postgres.cluster(fsync=True) as server:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        with product(server.replace("/postgres", "/bench")) as running:
            found["postgresql"] = {
                "closed": asyncio.run(closed(running.base, count)),
                "steady": asyncio.run(steady(running.base, 200, 10)),
            }
    return found
