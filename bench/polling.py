"""A poll of 10,000 orders through a played platform's doors, in one process: time, and how much it grows."""

import logging
import resource
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from werkzeug.serving import make_server

from ordain.flows import polling
from ordain.flows.founding import found
from ordain.flows.publishing import publish
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.sandbox.memory import Memory
from ordain.sandbox.server import create_app
from ordain.wiring import build, settings_from
from tests.rig.ports import free_port


def hurry(services: Services, key: str) -> None:
    """Let a channel be asked as fast as it answers: what is measured is the hub, not its manners."""
    with services.db.read() as conn:
        live = services.live.at(conn).get("channel", key)
    if live is None:
        raise AssertionError(key)
    spec = {**live.document["spec"], "limits": {"per_second": 10_000}}
    publish(services, [{**live.document, "spec": spec}], "measured", Origin(System("bench")))


def measure(count: int = 10_000) -> dict[str, Any]:
    """Return orders, seconds and the growth of the largest resident size in MB, after a first small poll."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    home, port = tempfile.mkdtemp(prefix="ordain-bench-"), free_port()
    services = build(
        settings_from({"ORDAIN_HOME": home, "ORDAIN_PORT": str(port), "REDIS_URL": ""}), statement_seconds=60
    )
    found(services, demo=True)
    hurry(services, "douyin-shop")
    moment = datetime.now(UTC)
    services = replace(services, now=lambda: moment)  # the hub and the platform by one clock
    memory = Memory(Path(home) / "sandbox.db", moment)
    server = make_server("127.0.0.1", port + 1, create_app(memory, lambda: moment), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    polling.poll(services, "douyin-shop")
    memory.burst("douyin", count, moment)
    moment += timedelta(seconds=5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = perf_counter()
    run = polling.poll(services, "douyin-shop")
    seconds = perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    server.shutdown()
    records = run.records if run else 0
    if records < count:
        raise AssertionError(run)
    return {
        "orders": records,
        "seconds": round(seconds, 1),
        "per_second": round(records / seconds),
        "grown_mb": round(grown),
    }
