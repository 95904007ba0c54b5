"""A lock in Redis that instances share. It expires by itself, so it is a courtesy, never a guarantee."""

import secrets
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from ordain.gateways.doorbell import connect

_RELEASE: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"


class RedisLocks:
    """Locks by SET NX with a time to live, given back by whoever still holds them."""

    def __init__(self, url: str) -> None:
        self._redis: Redis | None = connect(url) if url else None

    def take(self, name: str, seconds: float) -> str | None:
        """Return a token while nobody else holds the lock; with Redis away everybody gets one."""
        token = secrets.token_hex(8)
        if self._redis is None:
            return token
        try:
            taken = self._redis.set(f"ordain:lock:{name}", token, nx=True, px=int(seconds * 1000))
        except RedisError:
            return token
        return token if taken else None

    def give_back(self, name: str, token: str) -> None:
        """Open the lock if it is still held by this token."""
        if self._redis is None:
            return
        try:
            self._redis.eval(_RELEASE, 1, f"ordain:lock:{name}", token)
        except RedisError:
            return
