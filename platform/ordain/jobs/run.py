"""The one entry point of jobs: drain a lane's outbox."""

from datetime import timedelta
from functools import cache
from typing import Final

import structlog

from ordain.flows import alarming
from ordain.flows.services import Services
from ordain.jobs.topics import HANDLERS
from ordain.store import outbox
from ordain.store.outbox import Task

LEASE: Final = timedelta(seconds=120)
BATCH: Final = 20
TRIES: Final = 5
_log = structlog.get_logger("ordain.jobs")


def drain(lane: str) -> int:
    """Do what waits in a lane; return how many pieces were done. This is what the doorbell rings."""
    return drain_lane(_services(), lane)


def drain_lane(services: Services, lane: str) -> int:
    """Take and do the due work of a lane until none is left."""
    done = 0
    while True:
        with services.db.write() as conn:
            tasks = outbox.claim(conn, lane, limit=1, lease=LEASE)
        if not tasks:
            return done
        for task in tasks:
            done += _do(services, task)
            alarming.tell(services)


def _do(services: Services, task: Task) -> bool:
    try:
        HANDLERS[task.topic](services, task.payload)
    except Exception as error:  # noqa: BLE001 the worker's loop: whatever went wrong, the task is kept and tried again
        _log.exception("task failed", topic=task.topic, key=task.key, tries=task.tries)
        _put_back(services, task, f"{type(error).__name__}: {error}")
        return False
    with services.db.write() as conn:
        return outbox.done(conn, task)


def _put_back(services: Services, task: Task, error: str) -> None:
    with services.db.write() as conn:
        if task.tries >= TRIES:
            outbox.bury(conn, task, error=error[:1000])
        else:
            wait = timedelta(seconds=2**task.tries * (0.5 + services.jitter()))
            outbox.again(conn, task, due_at=outbox.clock(conn) + wait, error=error[:1000])


@cache
def _services() -> Services:
    from ordain.wiring import build, settings_from

    return build(settings_from(), statement_seconds=60)
