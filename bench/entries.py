"""Entries created through the API with validation: 64 clients in a closed loop against a running product, durable."""

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from bench.webhooks import CLIENTS, percentile, product
from tests.rig import postgres
from tests.rig.product import Product
from tests.web.pages.test_records import COMPLAINT

ENTRY = {
    "supplier": "禾木供应",
    "severity": "high",
    "claim": 1250,
    "phone": "13900000008",
    "reason": "二十箱到货破损",
    "lines": [{"sku": "HY-1", "count": 3}, {"sku": "HY-2", "count": 1}],
}


def prepared(running: Product) -> str:
    """Publish a form and return a program's token."""
    folder = Path(running.home).parent / "forms" / "form"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "supplier-complaint.json").write_text(json.dumps(COMPLAINT))
    done = running.command("definitions", "apply", str(folder.parent))
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    said = running.command("token", "add", "bench", "--role", "admin").stdout
    return str(re.findall(r"\S{20,}", said)[-1])


async def closed(base: str, token: str, count: int) -> dict[str, Any]:
    """Create `count` entries from 64 clients, each after the answer to its last."""
    spent: list[float] = []
    failed = 0
    turns = iter(range(count))
    address = f"{base}/api/v1/forms/supplier-complaint/entries"
    body = json.dumps({"data": ENTRY}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CLIENTS), headers=headers) as http:

        async def client() -> None:
            nonlocal failed
            for _ in turns:
                started = time.perf_counter()
                async with http.post(address, data=body) as answer:
                    await answer.read()
                    failed += answer.status != 201
                spent.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        seconds = time.perf_counter() - started
        async with http.get(address, params={"limit": "1"}) as answer:
            total = (await answer.json())["total"]
    if failed or total < count:
        raise AssertionError(f"{failed} refused, {total} of {count} kept")
    return {"per_second": round(count / seconds), "p50_ms": percentile(spent, 0.5), "p99_ms": percentile(spent, 0.99)}


def measure(count: int = 6000) -> dict[str, Any]:
    """Return the load on both databases."""
    found: dict[str, Any] = {}
    with product(None) as running:
        found["sqlite"] = asyncio.run(closed(running.base, prepared(running), count))
    with postgres.cluster(fsync=True) as server:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("CREATE DATABASE entries")
        with product(server.replace("/postgres", "/entries")) as running:
            found["postgresql"] = asyncio.run(closed(running.base, prepared(running), count))
    return found
