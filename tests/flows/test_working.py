"""Long work: step by step, exactly once, stopped, taken up after a crash, never for who lost the right."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ordain.base.errors import Refused, problem
from ordain.base.text import Text
from ordain.flows import login, working
from ordain.flows.services import Services
from ordain.flows.working import Doer, Result, Step, Wanted
from ordain.jobs import topics
from ordain.jobs.run import drain_lane
from ordain.records.actor import Anonymous, Origin, User
from ordain.store import outbox, people
from ordain.store import work as store
from ordain.store.tables.audit import AuditRow
from ordain.store.tables.people import UserRow
from ordain.store.tables.work import OutboxRow, WorkPartRow, WorkRow
from ordain.store.work import Work
from tests.conftest import Clock

WANTED = Wanted("count", "order.export", Text("数数", "Count"), asked={"to": 3, "phone": "13900000008"}, total=3)


@pytest.fixture
def anna(founded: Services) -> User:
    assert login.add_user(founded, "anna", ["operations-lead"]) is not None
    with founded.db.read() as conn:
        who = people.person(conn, "anna")
    assert who is not None
    return User(who.id, who.name, frozenset(who.roles))


def origin(who: User) -> Origin:
    return Origin(who, "request-1", "192.0.2.7")


def count(services: Services, work: Work, asker: User) -> Step:
    at = work.place.get("at", 0) + 1
    if at == work.asked["to"]:
        text = b"".join(working.gathered_of(services, work)) + str(at).encode()
        return Step(1, {"at": at}, last=True, counts={"counted": 1}, file=Result("count.txt", "text/plain", [text]))
    return Step(1, {"at": at}, counts={"counted": 1}, gathered=str(at).encode())


def go(services: Services, work: Work, doer: Doer = count, seconds: float = 5) -> Work:
    done = working.run(services, work.id, {"count": doer}, seconds=seconds)
    assert done is not None
    return done


def test_work_is_done_step_by_step_and_its_file_is_kept(founded: Services, anna: User) -> None:
    work = go(founded, working.start(founded, WANTED, origin(anna)))
    assert (work.state, work.done, work.total, work.counts) == ("done", 3, 3, {"counted": 3})
    assert (work.file_name, work.file_size) == ("count.txt", 3)
    assert b"".join(working.result_of(founded, work)) == b"123"
    with founded.db.read() as conn:
        assert set(conn.scalars(sa.select(WorkPartRow.file))) == {"result"}
        told = conn.execute(sa.select(AuditRow.action, AuditRow.actor, AuditRow.ip).order_by(AuditRow.id)).all()
    assert ("count.start", "user:anna", "192.0.2.7") in told
    assert ("count.end", "user:anna", "192.0.2.7") in told


def test_a_stolen_database_reads_neither_what_was_asked_nor_the_file(founded: Services, anna: User) -> None:
    work = go(founded, working.start(founded, WANTED, origin(anna)))
    with founded.db.read() as conn:
        assert "13900000008" not in conn.scalars(sa.select(WorkRow.asked)).one()
        assert all(b"123" not in content for content in conn.scalars(sa.select(WorkPartRow.content)))
        payloads = conn.scalars(sa.select(OutboxRow.payload).where(OutboxRow.topic == working.TOPIC)).all()
    assert payloads == [{"work": work.id}]


def test_a_worker_goes_on_where_the_request_left_off(
    founded: Services, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "WORKS", {"count": count})
    work = go(founded, working.start(founded, WANTED, origin(anna)), seconds=0)
    assert (work.state, work.done) == ("running", 1)
    assert drain_lane(founded, working.LANE) == 0  # the request has a head start
    with founded.db.write() as conn:
        conn.execute(sa.update(OutboxRow).where(OutboxRow.topic == working.TOPIC).values(due_at=outbox.clock(conn)))
    assert drain_lane(founded, working.LANE) == 1
    assert go(founded, work).state == "done"


def test_of_two_that_do_one_step_one_counts(founded: Services, anna: User) -> None:
    work = working.start(founded, WANTED, origin(anna))

    def slow(services: Services, mine: Work, asker: User) -> Step:
        if mine.step == 0:
            go(services, work, seconds=0)  # somebody else does the same step meanwhile
        return count(services, mine, asker)

    assert go(founded, work, slow, seconds=0).done == 1
    done = go(founded, work)
    assert (done.done, b"".join(working.result_of(founded, done))) == (3, b"123")


def test_a_step_that_crashes_is_done_again_and_thrice_is_enough(founded: Services, anna: User) -> None:
    work = working.start(founded, WANTED, origin(anna))

    def crash(*_: object) -> Step:
        raise OSError("gone")

    for _ in range(3):
        with pytest.raises(OSError, match="gone"):
            go(founded, work, crash)
    ended = go(founded, work, crash)
    assert (ended.state, ended.problems[0].code) == ("failed", "crashed")


def test_what_is_refused_ends_the_work_with_its_problems(founded: Services, anna: User) -> None:
    def refuse(*_: object) -> Step:
        raise Refused([problem("row 3", "no_such", "没有", "there is none")])

    ended = go(founded, working.start(founded, WANTED, origin(anna)), refuse)
    assert (ended.state, ended.problems[0].path) == ("failed", "row 3")
    assert go(founded, ended).state == "failed"


def test_work_can_be_stopped_and_keeps_what_was_done(founded: Services, anna: User) -> None:
    work = go(founded, working.start(founded, WANTED, origin(anna)), seconds=0)
    assert working.stop(founded, work.id, origin(anna))
    assert go(founded, work).state == "cancelled"
    assert not working.stop(founded, work.id, origin(anna))


@pytest.mark.parametrize("lost", [{"active": False}, {"roles": ["viewer"]}])
def test_who_left_or_lost_the_right_gets_nothing_more(founded: Services, anna: User, lost: dict[str, object]) -> None:
    work = go(founded, working.start(founded, WANTED, origin(anna)), seconds=0)
    with founded.db.write() as conn:
        conn.execute(sa.update(UserRow).values(**lost))
    ended = go(founded, work)
    assert (ended.state, ended.problems[0].code, ended.file_name) == ("failed", "not_allowed", "")


def test_nobody_floods_the_workers(founded: Services, anna: User) -> None:
    for _ in range(working.MOST_AT_ONCE):
        working.start(founded, WANTED, origin(anna))
    with pytest.raises(Refused):
        working.start(founded, WANTED, origin(anna))


def test_a_file_handed_over_is_read_back_piece_by_piece(founded: Services, anna: User) -> None:
    whole = bytes(range(256)) * 4096
    work = working.start(founded, WANTED, origin(anna), given=[whole[:100], whole[100:]])
    pieces = list(working.given_of(founded, work))
    assert b"".join(pieces) == whole
    assert max(map(len, pieces)) == store.PIECE


def test_only_the_owner_sees_work_and_it_is_forgotten_after_a_month(
    founded: Services, anna: User, clock: Clock
) -> None:
    work = go(founded, working.start(founded, WANTED, origin(anna)))
    assert working.seen_by(founded, work.id, anna) is not None
    assert working.seen_by(founded, work.id, replace(anna, id="another")) is None
    clock.forward(days=31)
    with founded.db.write() as conn:
        assert store.sweep(conn, clock()) == 1
        assert conn.scalar(sa.select(sa.func.count()).select_from(WorkPartRow)) == 0


def test_a_stranger_cannot_start_any(founded: Services) -> None:
    with pytest.raises(TypeError):
        working.start(founded, WANTED, Origin(Anonymous()))
