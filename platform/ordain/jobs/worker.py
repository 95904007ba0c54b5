"""The worker: rq carries the doorbell, and a look into the outbox every second stands in where it is silent."""

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from typing import Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ordain.flows import notifying, pushing, rotating, working
from ordain.flows.services import Services
from ordain.gateways.doorbell import connect
from ordain.jobs.run import drain_lane

LANES: Final = (notifying.LANE, pushing.LANE, "sync", "normal", working.LANE, rotating.LANE)
_LONG: Final = (working.LANE, rotating.LANE)  # never rung for: it would hold the bell
_log = structlog.get_logger("ordain.worker")


def work(services: Services, lanes: Sequence[str] = LANES) -> None:
    """Work these lanes for ever, with Redis or without."""
    watchers = [
        threading.Thread(target=_watch, args=(services, lane), daemon=True, name=f"outbox-{lane}") for lane in lanes
    ]
    for watcher in watchers:
        watcher.start()
    rung = [lane for lane in lanes if lane not in _LONG]
    while services.settings.redis_url and rung:
        with contextlib.suppress(RedisError):
            _listen(services.settings.redis_url, rung)
        time.sleep(1)
    for watcher in watchers:
        watcher.join()


def _watch(services: Services, lane: str) -> None:
    """Look into one lane of the outbox every second: the doorbell may be silent, the outbox never is."""
    while True:
        try:
            drain_lane(services, lane)
        except SQLAlchemyError as error:
            _log.warning("database not ready", error=type(error).__name__)
            time.sleep(1)
        time.sleep(1)


def _listen(url: str, lanes: Sequence[str]) -> None:
    from rq import Queue, SimpleWorker
    from rq.serializers import JSONSerializer
    from rq.timeouts import TimerDeathPenalty

    class LaneWorker(SimpleWorker):
        """rq's simple worker with settings for short work; time-outs by timer, signals left to the launcher."""

        death_penalty_class = TimerDeathPenalty

        def _install_signal_handlers(self) -> None:
            """Leave signals to the launcher."""

    connection = connect(url)
    connection.ping()
    queues = [Queue(lane, connection=connection, serializer=JSONSerializer) for lane in lanes]
    worker = LaneWorker(
        queues,
        connection=connection,
        serializer=JSONSerializer,
        name=f"worker-{os.getpid()}-{time.time_ns()}",
        worker_ttl=20,
        maintenance_interval=10,
        job_monitoring_interval=5,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)
