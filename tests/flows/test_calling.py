"""Calls of connectors over real HTTP: once, in time, elsewhere where one place fails, and nothing where all do."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ordain.base import json
from ordain.base.errors import Refused
from ordain.flows import calling, publishing
from ordain.flows.services import Services
from ordain.gateways.channel import HttpChannel
from ordain.gateways.http import HttpClient
from ordain.kinds import get
from ordain.store import connections, connectors
from ordain.store.connections import Connection
from ordain.store.tables.outside import KeptCallRow
from tests.conftest import Clock
from tests.factories import ORIGIN


@dataclass
class Outside:
    """A carrier of which two houses run: what each was asked, and how each behaves."""

    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    behaves: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        house = request.path.split("/")[1]
        self.asked.append((house, request.headers.get("Idempotency-Key", "")))
        match self.behaves.get(house, "fine"):
            case "slow":
                time.sleep(0.8)
            case "broken":
                return Response("<html>502</html>", 502)
            case "refusing":
                return Response(json.dumps({"code": "NO_SUCH_PLACE"}), 422)
            case "busy":
                return Response(json.dumps({"code": "BUSY"}), 200)
            case "shut":
                return Response("", 401)
        return Response(json.dumps({"code": "OK", "data": {"tracking": f"{house}-1", "path": request.path}}))

    def houses(self) -> list[str]:
        return [house for house, _ in self.asked]


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    server = make_server("127.0.0.1", 0, Request.application(made.answer), threaded=True)
    made.port = server.port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()


def connector(**operation: Any) -> dict[str, Any]:
    request = {"method": "POST", "path": "/book/{place}", "encode": "json", "body": {"weight": "{weight}"},
               "headers": {"Idempotency-Key": "{key}"}}  # fmt: skip
    made = {
        "request": request,
        "answer": {"tracking": "data.tracking", "path": "data.path"},
        "errors": [{"key": "busy", "when": "text(source.code) == 'BUSY'", "then": "retry", "cause": "limit"}],
    }
    target = {
        "calls": {"book": made},
        "breaker": {"min_calls": 2, "open_seconds": 30},
        "concurrent": 2,
        "per_second": 500,
    }
    return {
        "kind": "connector", "key": "carriers", "title": {"zh": "承运商", "en": "Carriers"}, "schema_version": 2,
        "spec": {
            "type": "http",
            "operations": {"book": {"targets": ["fast", "backup"], "deadline_seconds": 0.4, **operation}},
            "targets": {"fast": {"connection": "fast", **target}, "backup": {"connection": "backup", **target}},
        },
    }  # fmt: skip


@pytest.fixture
def ready(services: Services, outside: Outside) -> Services:
    made = dataclasses.replace(services, channels=HttpChannel(HttpClient(test_networks=True)))
    with made.db.write() as conn:
        for house in ("fast", "backup"):
            place = Connection(house, f"http://127.0.0.1:{outside.port}/{house}", ("127.0.0.1",), {})
            connections.put(conn, made.vault, place, made.now())
    return made


def book(services: Services, key: str = "parcel-1") -> calling.Called:
    return calling.call(services, "carriers", "book", {"place": "上海/浦东", "weight": 3}, key=key)


def publish(services: Services, **operation: Any) -> None:
    publishing.publish(services, [connector(**operation)], "", ORIGIN)


def test_a_call_brings_the_values_named_and_carries_its_key(ready: Services, outside: Outside) -> None:
    publish(ready)
    called = book(ready)
    assert (called.result, called.target, called.values["tracking"]) == ("done", "fast", "fast-1")
    assert outside.asked == [("fast", "parcel-1")]
    assert called.values["path"] == "/fast/book/上海/浦东", "one segment, percent-encoded on the way"


def test_what_surely_was_not_done_is_asked_of_the_next_target(ready: Services, outside: Outside) -> None:
    publish(ready)
    outside.behaves["fast"] = "busy"
    assert book(ready).target == "backup"
    assert outside.houses() == ["fast", "backup"]


@pytest.mark.parametrize("how", ["slow", "broken"])
def test_what_may_have_been_done_is_not_asked_twice_unless_it_may_be_repeated(
    ready: Services, outside: Outside, how: str
) -> None:
    publish(ready)
    outside.behaves["fast"] = how
    assert book(ready).result == "unknown"
    assert outside.houses() == ["fast"]
    publish(ready, repeatable=True)
    assert book(ready, "parcel-2").target == "backup"


def test_a_refusal_is_final_and_says_why(ready: Services, outside: Outside) -> None:
    publish(ready)
    outside.behaves["fast"] = "refusing"
    called = book(ready)
    assert (called.result, called.values["status"]) == ("refused", 422)
    assert "NO_SUCH_PLACE" in called.text
    assert outside.houses() == ["fast"]


def test_an_open_breaker_spares_the_target_and_one_probe_closes_it(
    ready: Services, outside: Outside, clock: Clock
) -> None:
    publish(ready, repeatable=True)
    outside.behaves["fast"] = "broken"
    for number in range(2):
        assert book(ready, f"p{number}").target == "backup"
    outside.asked.clear()
    assert book(ready, "p3").target == "backup"
    assert outside.houses() == ["backup"], "the broken one is not asked"
    clock.forward(seconds=31)
    outside.behaves.clear()
    assert book(ready, "p4").target == "fast"
    with ready.db.read() as conn:
        stands = {found.target: found.standing.state for found in connectors.targets(conn)}
    assert stands == {"fast": "closed", "backup": "closed"}


def test_only_one_process_takes_the_probe(ready: Services, outside: Outside, clock: Clock) -> None:
    publish(ready)
    outside.behaves["fast"] = "shut"
    book(ready)
    now = clock.forward(seconds=61)
    with ready.db.write() as conn:
        assert [connectors.take_probe(conn, "carriers", "fast", now) for _ in range(3)] == [True, False, False]


def test_where_nobody_answers_a_young_enough_answer_stands_in_and_is_sealed(
    ready: Services, outside: Outside, clock: Clock
) -> None:
    publish(ready, fallback={"type": "cache", "by": "{place}", "max_age_minutes": 60}, repeatable=True)
    began = clock.now
    assert not book(ready).kept
    outside.behaves.update(fast="broken", backup="broken")
    clock.forward(minutes=59)
    called = book(ready, "other")
    assert (called.result, called.kept, called.at, called.values["tracking"]) == ("done", True, began, "fast-1")
    with ready.db.read() as conn:
        assert "fast-1" not in str(conn.execute(sa.select(KeptCallRow.answer)).all())
    clock.forward(minutes=2)
    assert book(ready, "third").result != "done"


def test_more_calls_than_a_target_takes_wait_their_turn(ready: Services, outside: Outside) -> None:
    publish(ready)
    one, two = ready.turns.take("carriers.fast", 2, 0), ready.turns.take("carriers.fast", 2, 0)
    with one, two, ready.turns.take("carriers.fast", 2, 0.01) as free:
        assert not free
    with ready.turns.take("carriers.fast", 2, 0) as free:
        assert free


def test_without_a_connection_nothing_is_done_and_it_says_so(services: Services) -> None:
    publish(services)
    assert (book(services).result, book(services).cause) == ("not_done", "connection")


def test_a_call_nobody_defined_is_refused(ready: Services) -> None:
    publish(ready)
    for name, operation in (("carriers", "fly"), ("nobody", "book")):
        with pytest.raises(Refused):
            calling.call(ready, name, operation, {}, key="k")


def test_an_operation_without_its_request_is_not_published(services: Services) -> None:
    document = connector()
    document["spec"]["targets"]["backup"] = {"connection": "backup"}
    (found,) = publishing.check(document)
    assert (found.path, found.code) == ("spec.operations.book.targets.1", "no_call")


def test_a_connector_of_the_first_schema_is_read_as_one_of_today() -> None:
    kind = get("connector")
    assert kind is not None
    old = {
        "kind": "connector", "key": "sms", "title": {"zh": "短", "en": "S"}, "schema_version": 1,
        "spec": {
            "type": "http", "operations": {"send": {"targets": ["a"]}},
            "targets": {"a": {"connection": "sms", "request": {"method": "POST", "path": "/send"}, "concurrent": 4}},
        },
    }  # fmt: skip
    upgraded = kind.upgrade(old)
    assert kind.check(upgraded) == []
    assert upgraded["spec"]["targets"]["a"]["calls"]["send"]["request"]["path"] == "/send"
