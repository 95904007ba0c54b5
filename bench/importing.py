"""An import of 50,000 rows into records of a form: rows a second by phase, and how much memory grows."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from ordain.flows import login, publishing, working
from ordain.flows.founding import found
from ordain.flows.importing import wizard
from ordain.flows.services import Services
from ordain.flows.works import WORKS
from ordain.records.actor import Origin, User
from ordain.store import people
from ordain.store.migrations import upgrade
from ordain.wiring import build, settings_from
from tests.factories import ORIGIN
from tests.flows.importing.conftest import SUPPLIER
from tests.rig import postgres

HEAD = "编码,名称,等级,授信额度,合作日期,电话\n"


def text(count: int, begin: int = 0) -> bytes:
    """Return a file of so many suppliers, in GBK as exports come."""
    lines = (f"S{n:06d},供应商{n},甲级,{n}.50,2026-03-01,1380000{n % 10000:04d}\n" for n in range(begin, begin + count))
    return (HEAD + "".join(lines)).encode("gbk")


def megabytes() -> float:
    """Return what this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@contextmanager
def watched(peak: list[float]) -> Iterator[None]:
    """Keep the highest memory seen."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], megabytes())

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    ended.set()
    thread.join()


def one(services: Services, origin: Origin, data: bytes) -> dict[str, float]:
    """Bring a file in, look at it, import it; return the seconds of each."""
    spent = {}

    def end(phase: str, begun: float, import_id: str) -> wizard.Standing:
        assert isinstance(origin.actor, User)
        at = wizard.standing(services, import_id, origin.actor)
        while at is not None and at.work is not None and not at.work.ended:
            working.run(services, at.work.id, WORKS)
            at = wizard.standing(services, import_id, origin.actor)
        assert at is not None
        assert not at.problems, at.problems
        spent[phase] = time.perf_counter() - begun
        return at

    begun = time.perf_counter()
    made = wizard.begin(services, "suppliers.csv", data, origin, into="record:supplier")
    at = end("read", begun, made.id)
    begun = time.perf_counter()
    wizard.plan(services, at, wizard.Plan.of(at.found.plan), origin)
    at = end("look", begun, made.id)
    begun = time.perf_counter()
    wizard.confirm(services, at, origin, only_good=False)
    at = end("import", begun, made.id)
    assert at.state == "done"
    return spent


def over(url: str | None, count: int) -> dict[str, Any]:
    """Return the figures on one database."""
    home = Path(tempfile.mkdtemp(prefix="ordain-bench-"))
    services = build(settings_from({"ORDAIN_HOME": str(home), "DATABASE_URL": url or ""}), statement_seconds=60)
    upgrade(services.db)
    found(services, demo=True)
    publishing.publish(services, [SUPPLIER], "", ORIGIN)
    login.add_user(services, "bench", ["admin"], ["east"])
    with services.db.read() as conn:
        person = people.person(conn, "bench")
    assert person is not None
    origin = Origin(User(person.id, "bench", frozenset(person.roles), frozenset()), "bench")
    one(services, origin, text(500, 900_000))
    data, before = text(count), megabytes()
    peak = [before]
    with watched(peak):
        spent = one(services, origin, data)
        again = one(services, origin, data)
    services.db.close()
    whole = sum(spent.values())
    return {
        "rows": count,
        "rows_per_second": round(count / whole),
        **{f"{phase}_rows_per_second": round(count / seconds) for phase, seconds in spent.items()},
        "same_again_rows_per_second": round(count / sum(again.values())),
        "memory_before_mb": round(before),
        "memory_growth_mb": round(peak[0] - before),
    }


def measure(count: int = 50_000) -> dict[str, Any]:
    """Return the figures on both databases."""
    figures = {"sqlite": over(None, count)}
    with postgres.cluster(fsync=True) as server:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        figures["postgresql"] = over(server.replace("/postgres", "/bench"), count)
    return figures
