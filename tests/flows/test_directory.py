"""The feed of people, asked for at a real sandbox over HTTP: followed while it is plausible, stopped when it is not."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ordain.flows import directory
from ordain.flows.services import Services
from ordain.gateways.channel import HttpChannel
from ordain.gateways.http import HttpClient
from ordain.records.actor import Origin, System
from ordain.sandbox.partners.people import PEOPLE, Staff
from ordain.store import connections, notices, people
from ordain.store import directory as store
from ordain.store.connections import Connection
from ordain.store.tables.audit import AuditRow
from tests.conftest import Clock
from tests.rig.sandbox import Played, playing

ORIGIN = Origin(System("test"))


@pytest.fixture
def played(clock: Clock, tmp_path: Path) -> Iterator[Played]:
    with playing(tmp_path / "sandbox.db", clock) as made:
        yield made


@pytest.fixture
def fed(founded: Services, played: Played) -> Services:
    services = dataclasses.replace(founded, channels=HttpChannel(HttpClient(test_networks=True)))
    with services.db.write() as conn:
        stored = connections.get(conn, services.vault, "hr")
        assert stored is not None
        place = Connection("hr", f"{played.base}/hr/scim/v2", ("127.0.0.1",), stored.secrets)
        connections.put(conn, services.vault, place, services.now())
        made = people.add_person(conn, "boss", ["admin"], services.now())
        assert made is not None
        people.set_contact(conn, services.vault, made, display_name="", mail="boss@example.com", phone="13900000009")
    return services


def active(services: Services) -> set[str]:
    with services.db.read() as conn:
        return {told.name for told in store.of_source(conn, "hr") if told.active}


def leave(services: Services, played: Played, *names: str) -> None:
    for name in names:
        Staff(played.memory, services.now()).switch(name, services.now(), active=False)


def test_everybody_comes_in_once_over_all_pages(fed: Services) -> None:
    first = directory.poll(fed, "hr")
    assert (first.listed, first.left, first.alarm, first.error) == (len(PEOPLE), 0, "", "")
    assert active(fed) == {row[0] for row in PEOPLE}
    again = directory.poll(fed, "hr")
    assert (again.added, again.changed, again.left) == (0, 0, 0)


def test_a_leaver_of_the_feed_is_shut_out_and_comes_back(fed: Services, played: Played) -> None:
    directory.poll(fed, "hr")
    leave(fed, played, "demo-service")
    assert directory.poll(fed, "hr").left == 1
    assert "demo-service" not in active(fed)
    Staff(played.memory, fed.now()).switch("demo-service", fed.now(), active=True)
    directory.poll(fed, "hr")
    assert "demo-service" in active(fed)


@pytest.mark.parametrize("what", ["empty", "drop"])
def test_an_empty_feed_or_a_large_drop_changes_nothing_and_raises_the_alarm_once(
    fed: Services, played: Played, what: str
) -> None:
    directory.poll(fed, "hr")
    if what == "empty":
        played.memory.set_faults("hr", {"refuse": True})
    else:
        leave(fed, played, "demo-service", "demo-lead", "demo-finance")
    before = active(fed)
    for _ in range(3):
        assert directory.poll(fed, "hr").alarm == what
    assert active(fed) == before
    with fed.db.read() as conn:
        assert store.feed(conn, "hr").alarm == what
        told = notices.about(conn, "directory:hr")
        stops = conn.scalars(sa.select(AuditRow.action).where(AuditRow.action == "directory.stop")).all()
    mine = sorted(sent.shown for sent in told if sent.shown in ("b•••@example.com", "139••••0009"))
    assert mine == ["139••••0009", "b•••@example.com"], "by every way, once"
    assert len(stops) == 1


def test_after_somebody_looked_the_feed_is_believed_once(fed: Services, played: Played) -> None:
    directory.poll(fed, "hr")
    assert not directory.accept(fed, "hr", ORIGIN)
    leave(fed, played, "demo-service", "demo-lead", "demo-finance")
    directory.poll(fed, "hr")
    assert directory.accept(fed, "hr", ORIGIN)
    assert directory.poll(fed, "hr").left == 3
    leave(fed, played, "song.xingye", "qiao.mumu", "bai.luming")
    assert directory.poll(fed, "hr").alarm == "drop"


@pytest.mark.parametrize("faults", [{"outage": True}, {"token_expired": True}, {"error_share": 1.1}])
def test_an_answer_that_is_none_changes_nothing(fed: Services, played: Played, faults: dict[str, object]) -> None:
    directory.poll(fed, "hr")
    played.memory.set_faults("hr", faults)
    before = active(fed)
    assert directory.poll(fed, "hr").error
    assert active(fed) == before


def test_whom_an_administrator_shut_out_is_not_let_in_by_the_feed(fed: Services) -> None:
    directory.poll(fed, "hr")
    with fed.db.write() as conn:
        told = store.by_name(conn, "demo-lead")
        assert told is not None
        people.deactivate(conn, told.person_id, fed.now())
    directory.poll(fed, "hr")
    assert "demo-lead" not in active(fed)
