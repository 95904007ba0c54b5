"""The doorbell: rq carries one coalesced job per lane, and nothing but the lane's name.

The outbox in the database is the truth. A ring that is lost, because Redis is down or flushed, costs a second:
workers look into the outbox by themselves.
"""

import contextlib
from collections.abc import Iterable
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from ordain.flows.ports import Doorbell

ENTRY: Final = "ordain.jobs.run.drain"


class RqDoorbell:
    """Rings by enqueuing the one entry point, unless the lane's bell still rings."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url)

    def ring(self, lanes: Iterable[str]) -> None:
        """Tell the workers of these lanes that something waits; a Redis that is down is passed over."""
        from rq import Queue
        from rq.serializers import JSONSerializer

        with contextlib.suppress(RedisError):
            for lane in lanes:
                if self._redis.set(f"ordain:bell:{lane}", 1, nx=True, px=1000):
                    queue = Queue(lane, connection=self._redis, serializer=JSONSerializer)
                    queue.enqueue(ENTRY, lane, description=f"drain {lane}", result_ttl=0, job_timeout=300)


class SilentDoorbell:
    """Rings nothing; workers find the outbox by themselves."""

    def ring(self, lanes: Iterable[str]) -> None:
        """Do nothing."""


def connect(url: str) -> Redis:
    """Return a client that gives up quickly, so that a dead Redis never holds anybody up."""
    return Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=2)


def make_doorbell(url: str) -> Doorbell:
    """Return the doorbell of this installation; an empty URL means none."""
    return RqDoorbell(url) if url else SilentDoorbell()
