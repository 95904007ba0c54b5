"""Long work: done step by step, watched, stopped, taken up after a crash; its result is kept.

    work = working.start(services, Wanted("orders.export", "order.export", title, asked={...}), origin)
    work = working.run(services, work.id, WORKS, seconds=1.0)      # a head start in the request; workers go on

A kind of work is a `Doer`: it gets the work and who asked, with the roles they have *now*, and does one step of at
most some seconds: `Step(done=500, place={"after": "..."})`. `place` is where the next step begins (JSON, never a
protected value; what is protected belongs into `asked`, which is sealed). A step may be done twice when a worker
dies in its midst, so what it does elsewhere must be such that twice is once; what it hands back (`done`, `place`,
`counts`, `problems`, `gathered`) is written in one commit and exactly once. Doers are registered in `flows/works.py`.

- `gathered` adds to a scratch file that `gathered_of` reads back; it is dropped at the end.
- The last step says `last=True`, and hands over the file to keep, if any: `file=Result(name, type, pieces)`.
- A file that the work reads is handed to `start(given=pieces)` and read back by `given_of`.
- `Refused` from a step ends the work as failed with its problems. So does a right that was lost, or a step that
  crashed three times.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.flows.services import Services
from ordain.records.actor import Origin, System, User, name_of
from ordain.store import audit, outbox
from ordain.store import work as store
from ordain.store.access import access
from ordain.store.work import GATHERED, GIVEN, RESULT, State, Work

LANE: Final = "long"
TOPIC: Final = "work.run"
SECONDS: Final = 20.0
HEAD_START: Final = timedelta(seconds=3)
MOST_AT_ONCE: Final = 5
_TRIES: Final = 3
_PROBLEMS: Final = 500


@dataclass(frozen=True, slots=True)
class Result:
    """The file that is kept: its pieces are read within the last step's commit, so they must be ready."""

    name: str
    type: str
    content: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did. `counts` are added up, `problems` (their path names the row or record) are gathered."""

    done: int = 0
    place: Mapping[str, Any] = field(default_factory=dict)
    last: bool = False
    total: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    gathered: bytes = b""
    file: Result | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: `permission` is "record.action", looked at again whenever the work goes on."""

    kind: str
    permission: str
    title: Text
    subject: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None


Doer = Callable[[Services, Work, User], Step]


def start(services: Services, wanted: Wanted, origin: Origin, given: Iterable[bytes] = ()) -> Work:
    """Keep new work and ask workers for it; Refused where its owner has too much going on already."""
    actor = origin.actor
    if not isinstance(actor, User):
        raise TypeError("work has an owner")
    made = Work(
        services.new_id(), wanted.kind, wanted.subject, wanted.title, actor.id, name_of(actor), sorted(actor.roles),
        wanted.permission,
        wanted.asked, services.now(), origin.ip, origin.request_id, total=wanted.total,
    )  # fmt: skip
    with services.db.write() as conn:
        if store.unended(conn, actor.id) >= MOST_AT_ONCE:
            raise Refused([_too_many()])
        store.add(conn, services.vault, made)
        store.append(conn, services.vault, made.id, GIVEN, given)
        due = outbox.clock(conn) + HEAD_START
        outbox.put(conn, [outbox.Wanted(TOPIC, f"work:{made.id}", {"work": made.id}, LANE, due)])
        audit.record(conn, origin, made.started_at, f"{made.kind}.start", f"work:{made.id}", None, {"of": made.subject})
    return made


def run(services: Services, work_id: str, doers: Mapping[str, Doer], *, seconds: float = SECONDS) -> Work | None:
    """Do steps until the work ends or the time is up; return how it stands, None where there is none."""
    until = time.monotonic() + seconds
    work, asker = _begun(services, work_id)
    while work is not None and asker is not None and not work.ended:
        if not _step(services, work, asker, doers[work.kind]):
            return _seen(services, work_id)
        if time.monotonic() >= until:
            return _seen(services, work_id)
        work, asker = _begun(services, work_id)
    return work


def go_on(services: Services, work_id: str, doers: Mapping[str, Doer]) -> None:
    """Do what a worker was asked for, and ask for the rest."""
    work = run(services, work_id, doers)
    if work is not None and not work.ended:
        with services.db.write() as conn:
            key = f"work:{work.id}:{work.step}"
            outbox.put(conn, [outbox.Wanted(TOPIC, key, {"work": work.id}, LANE)])


def stop(services: Services, work_id: str, origin: Origin) -> bool:
    """Let the work end before its next step; False where it has ended."""
    with services.db.write() as conn:
        asked = store.ask_to_stop(conn, work_id)
        if asked:
            audit.record(conn, origin, services.now(), "work.stop", f"work:{work_id}")
    return asked


def seen_by(services: Services, work_id: str, actor: User) -> Work | None:
    """Return work of this actor's own; None for anybody else's, as if there were none."""
    work = _seen(services, work_id)
    return work if work is not None and work.owner == actor.id else None


def of(services: Services, actor: User) -> list[Work]:
    """Return what the actor asked for, newest first."""
    with services.db.read() as conn:
        return store.of(conn, services.vault, actor.id)


def may_go_on(services: Services, work: Work, asker: User) -> bool:
    """Tell whether who asked may still have done what they asked for."""
    record, _, action = work.permission.rpartition(".")
    with services.db.read() as conn:
        return access(services.live.at(conn), asker, record).may(action)


def given_of(services: Services, work: Work) -> Iterator[bytes]:
    """Return the file the work was started with, piece by piece."""
    return _content(services, work.id, GIVEN)


def gathered_of(services: Services, work: Work) -> Iterator[bytes]:
    """Return what the steps gathered, piece by piece."""
    return _content(services, work.id, GATHERED)


def result_of(services: Services, work: Work) -> Iterator[bytes]:
    """Return the file that was kept, piece by piece."""
    return _content(services, work.id, RESULT)


def _content(services: Services, work_id: str, file: str) -> Iterator[bytes]:
    position = 0
    while True:
        with services.db.read() as conn:
            found = store.piece(conn, services.vault, work_id, file, position)
        if found is None:
            return
        yield found
        position += 1


def _begun(services: Services, work_id: str) -> tuple[Work | None, User | None]:
    """Return work that may take its next step and who asked for it; end it where it may not."""
    now = services.now()
    with services.db.read() as conn:
        work = store.get(conn, services.vault, work_id)
        asker = store.asker(conn, work, now) if work else None
    if work is None or work.ended:
        return work, None
    if work.stop:
        return _end(services, work, asker, "cancelled"), None
    if asker is None or not may_go_on(services, work, asker):
        return _end(services, work, asker, "failed", [_not_allowed()]), None
    if work.tries >= _TRIES:
        return _end(services, work, asker, "failed", [_crashed()]), None
    return work, asker


def _step(services: Services, work: Work, asker: User, doer: Doer) -> bool:
    """Do one step and write it; False where somebody else did, or the work ended with it."""
    begun = work.begun_at or services.now()
    with services.db.write() as conn:
        if not store.put(conn, work, tries=work.tries + 1, state="running", begun_at=begun):
            return False
    try:
        done = doer(services, work, asker)
    except Refused as refused:
        _end(services, work, asker, "failed", refused.problems)
        return False
    return _write(services, work, asker, done)


def _write(services: Services, work: Work, asker: User, done: Step) -> bool:
    """Write a step in one commit, the end and the kept file with the last one; False where nothing follows."""
    problems = [*work.problems, *done.problems][:_PROBLEMS]
    values: dict[str, Any] = {
        "step": work.step + 1,
        "tries": 0,
        "done": work.done + done.done,
        "total": done.total if done.total is not None else work.total,
        "place": dict(done.place),
        "counts": dict(Counter(work.counts) + Counter(done.counts)),
        "problems": [found.as_json() for found in problems],
    }
    with services.db.write() as conn:
        if done.last:
            file, vault = done.file, services.vault
            if _ended(conn, services, work, asker, "done", values) and file is not None:
                size = store.append(conn, vault, work.id, RESULT, file.content)
                store.tell_file(conn, work.id, file.name, file.type, size)
            return False
        if not store.put(conn, work, **values):
            return False
        if done.gathered:
            store.append(conn, services.vault, work.id, GATHERED, [done.gathered])
    return True


def _end(
    services: Services, work: Work, asker: User | None, state: State, problems: Sequence[Problem] = ()
) -> Work | None:
    """End work before its last step."""
    kept = [*work.problems, *problems]
    with services.db.write() as conn:
        _ended(conn, services, work, asker, state, {"problems": [found.as_json() for found in kept]})
        return store.get(conn, services.vault, work.id)


def _ended(
    conn: sa.Connection, services: Services, work: Work, asker: User | None, state: State, values: Mapping[str, Any]
) -> bool:
    now = services.now()
    if not store.put(conn, work, **values, state=state, finished_at=now):
        return False
    store.drop(conn, work.id, GIVEN, GATHERED)
    told = {"state": state, "done": values.get("done", work.done), "of": work.subject}
    audit.record(conn, _origin(work, asker), now, f"{work.kind}.end", f"work:{work.id}", None, told)
    return True


def _origin(work: Work, asker: User | None) -> Origin:
    return work.origin(asker) if asker else Origin(System(work.kind, work.asked_by), work.request_id, work.ip)


def _seen(services: Services, work_id: str) -> Work | None:
    with services.db.read() as conn:
        return store.get(conn, services.vault, work_id)


def _too_many() -> Problem:
    return problem(
        "",
        "too_much_work",
        f"您已有 {MOST_AT_ONCE} 项任务在进行，请等一项结束或取消一项",
        f"{MOST_AT_ONCE} pieces of your work are going on; wait for one to end, or cancel one",
    )


def _not_allowed() -> Problem:
    return problem(
        "", "not_allowed", "您的角色已不再允许此操作", "Your role does not allow this any more; ask an administrator"
    )


def _crashed() -> Problem:
    return problem(
        "",
        "crashed",
        "任务三次中断，已停止；已完成的部分保留",
        "It broke off three times and was stopped; what was done stays",
    )
