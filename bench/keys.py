"""Rotation of keys over 100,000 rows while readers read, and what decryption costs a page of a list."""

import statistics
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from ordain.flows import rotating
from ordain.flows.founding import found
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store.tables.records import RecordDraftRow
from ordain.store.vault import VaultError
from ordain.wiring import build, settings_from
from tests.rig import postgres

ROWS: Final = 100_000
READERS: Final = 2
FIELDS: Final = ("phone", "email", "street")
_ORIGIN: Final = Origin(System("bench"))
_BATCH: Final = 5_000


def measure(count: int = ROWS) -> dict[str, Any]:
    """Return the figures on both databases, and the cost of a page's values."""
    with postgres.cluster() as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench_keys")
        figures: dict[str, Any] = {
            "sqlite": over("", count),
            "postgresql": over(url.replace("/postgres", "/bench_keys"), count),
        }
    return figures | {"page_of_50_orders_3_fields_ms": page()}


def over(url: str, count: int) -> dict[str, Any]:
    """Return how long a rotation takes and how many reads failed meanwhile."""
    services = _services(url)
    _fill(services, count)
    stop, reads, failed = threading.Event(), [0] * READERS, [0] * READERS
    threads = [
        threading.Thread(target=_read, args=[_services(url, services), stop, place, reads, failed])
        for place in range(READERS)
    ]
    for thread in threads:
        thread.start()
    begun = time.perf_counter()
    rotating.rotate(services, _ORIGIN)
    turn = rotating.go_on(services, seconds=3_600, grace=timedelta(0))
    seconds = time.perf_counter() - begun
    stop.set()
    for thread in threads:
        thread.join()
    return {
        "rows": count,
        "seconds": round(seconds, 1),
        "rows_per_second": round(turn.done / seconds),
        "values_that_did_not_open": turn.broken,
        "old_keys_let_go": len(turn.retired),
        "reads_meanwhile": sum(reads),
        "failed_reads": sum(failed),
    }


def page() -> float:
    """Return the milliseconds that opening 50 times three values takes, the median of 200 pages."""
    services = _services("")
    texts = {"phone": "13912345678", "email": "someone@example.com", "street": "文三路 478 号华星时代广场 A 座 1203 室"}
    sealed = [
        (f"orders.{name}", f"row{n}", services.vault.seal(f"orders.{name}", f"row{n}", texts[name]))
        for n in range(50)
        for name in FIELDS
    ]
    spans = []
    for _ in range(200):
        begun = time.perf_counter()
        for place, row, value in sealed:
            services.vault.open(place, row, value)
        spans.append(time.perf_counter() - begun)
    return round(statistics.median(spans) * 1000, 3)


def _services(url: str, like: Services | None = None) -> Services:
    """Return another process's services over the same installation, a new one where there is none."""
    home = like.settings.home if like else Path(tempfile.mkdtemp(prefix="ordain-bench-"))
    services = build(settings_from({"ORDAIN_HOME": str(home), "DATABASE_URL": url}), statement_seconds=60)
    if like is None:
        found(services, demo=False)
    return services


def _fill(services: Services, count: int) -> None:
    now = services.now()
    for begin in range(0, count, _BATCH):
        ids = [f"draft{n:08d}" for n in range(begin, min(begin + _BATCH, count))]
        rows = [
            {"id": one, "person": one, "form": "bench", "record": "", "seen": 1, "saved_at": now}
            | {"data": services.vault.seal("record_draft.data", one, f'{{"phone": "139{one[-8:]}"}}')}
            for one in ids
        ]
        with services.db.write() as conn:
            conn.execute(sa.insert(RecordDraftRow), rows)


def _read(services: Services, stop: threading.Event, place: int, reads: list[int], failed: list[int]) -> None:
    """Read values from all over until told to stop; count those that do not open."""
    after = ""
    while not stop.is_set():
        with services.db.read() as conn:
            chosen = sa.select(RecordDraftRow.id, RecordDraftRow.data).where(RecordDraftRow.id > after)
            rows = conn.execute(chosen.order_by(RecordDraftRow.id).limit(200)).all()
        for row in rows:
            try:
                services.vault.open("record_draft.data", row.id, row.data)
                reads[place] += 1
            except VaultError:
                failed[place] += 1
        after = rows[-1].id if rows else ""
        time.sleep(0.02)
