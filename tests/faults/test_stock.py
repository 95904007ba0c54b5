"""Many buyers over HTTP, several web processes on one database, some of them killed: no unit lost, none sold twice."""

import concurrent.futures
import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ordain.base import json
from ordain.flows import stocking
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store.stock import levels, proof, reservations
from ordain.wiring import build, settings_from
from tests.rig.product import ROOT, Product

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
ORIGIN = Origin(System("test"))
CLIENTS = 64
ATTEMPTS = int(os.environ.get("ORDAIN_FLASH_ATTEMPTS", "2000"))


class Shop:
    """Web processes on one database, two servers of two processes each, and the services beside them."""

    def __init__(self, home: Path, url: str | None) -> None:
        chosen = {"DATABASE_URL": url} if url else {}
        self.servers = [Product(home, environment=chosen) for _ in range(2)]
        assert self.servers[0].command("init").returncode == 0
        made = self.servers[0].command("token", "add", "rush", "--role", "admin")
        self.headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
        self.services: Services = build(settings_from(self.servers[0].variables()))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = (home.parent / "rush.log").open("ab")

    def start(self) -> None:
        for server in self.servers:
            self._serve(server)
        for server in self.servers:
            for _ in range(300):
                if server.is_ready():
                    break
                time.sleep(0.1)
            else:
                raise RuntimeError("the web did not start")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.log.close()
        self.services.db.close()

    def ask(self, turn: int, path: str, body: object) -> int:
        """Return the status of the answer; 0 where there was none."""
        server = self.servers[turn % 2]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", f"/api/v1{path}", json.dumps(body), self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        return 0

    def rush(self, sku: str, attempts: int) -> Counter[int]:
        """Let 64 buyers ask for one piece each, over and over; return how they were answered."""

        def buy(turn: int) -> int:
            body = {"reference": f"{sku}-{turn}", "lines": [{"sku": sku, "quantity": 1}]}
            return self.ask(turn, "/reservations", body)

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as buyers:
            return Counter(buyers.map(buy, range(attempts)))

    def level(self, sku: str) -> tuple[int, int]:
        with self.services.db.read() as conn:
            found = levels.of(conn, [sku])[sku, "main"]
        return found.on_hand, found.reserved

    def assert_sound(self) -> None:
        with self.services.db.read() as conn:
            assert proof.standings(conn, drifted=True) == []
            assert proof.misfits(conn) == []

    def workers(self) -> list[int]:
        """Return the processes that answer: the children of the servers."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    if any(parent == process.pid for process in self.processes):
                        found.append(int(entry.name))
        return found

    def _serve(self, server: Product) -> None:
        command = [sys.executable, str(ROOT / "app.py"), "web"]
        variables = server.variables()
        self.processes.append(
            subprocess.Popen(command, env=variables, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    url = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        name = f"rush_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        url = server.replace("/postgres", f"/{name}")
    made = Shop(tmp_path / "home", url)
    made.start()
    yield made
    made.stop()


def test_a_flash_sale_over_four_web_processes_sells_exactly_what_is_there(shop: Shop) -> None:
    stocking.set_level(shop.services, "RUSH", 100, ORIGIN)
    answers = shop.rush("RUSH", ATTEMPTS)
    assert answers == {201: 100, 409: ATTEMPTS - 100}
    assert shop.level("RUSH") == (100, 100)
    shop.assert_sound()


def test_with_processes_killed_at_random_no_unit_is_lost_and_none_sold_twice(shop: Shop) -> None:
    stocking.set_level(shop.services, "RUSH", 100, ORIGIN)
    over = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        dice = random.Random(5)
        while not over.wait(0.7):
            alive = shop.workers()
            if alive:
                killed.append(dice.choice(alive))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    answers = shop.rush("RUSH", 1200)
    over.set()
    killer.join()
    assert killed
    on_hand, reserved = shop.level("RUSH")
    assert on_hand == 100
    assert answers[201] <= reserved <= 100  # who was cut off may have been served
    shop.assert_sound()
    # Asked again under its own reference everybody learns what became of it, and nothing is reserved twice.
    again = {turn for turn in range(1200) if _stands(shop, f"RUSH-{turn}")}
    assert len(again) == reserved
    assert answers[500] == 0


def _stands(shop: Shop, reference: str) -> bool:
    with shop.services.db.read() as conn:
        return reference in reservations.by_reference(conn, [reference])


def test_redis_stopped_in_the_middle_changes_nothing_but_the_time(tmp_path: Path) -> None:
    product = Product(tmp_path / "home", environment={"ORDAIN_ENV": "development"})
    product.start()
    try:
        made = product.command("token", "add", "rush", "--role", "admin")
        services = build(settings_from(product.variables()))
        stocking.set_level(services, "RUSH", 50, ORIGIN)
        shop = Shop.__new__(Shop)
        shop.servers, shop.services = [product, product], services
        shop.headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
        stopper = threading.Timer(0.3, lambda: os.kill(product.children()["valkey"], signal.SIGKILL))
        stopper.start()
        answers = shop.rush("RUSH", 600)
        stopper.join()
        assert answers == {201: 50, 409: 550}
        assert shop.level("RUSH") == (50, 50)
        shop.assert_sound()
        services.db.close()
    finally:
        product.stop()
