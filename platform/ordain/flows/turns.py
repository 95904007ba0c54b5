"""Turns: how many calls to one outside system this process makes at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Counts calls in flight by name; whoever gets no turn in time is told so instead of waiting for ever."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken: dict[str, int] = {}

    @contextmanager
    def take(self, name: str, most: int, seconds: float) -> Iterator[bool]:
        """Hold one of `most` turns; yields False where none came free within `seconds`."""
        with self._free:
            got = self._free.wait_for(lambda: self._taken.get(name, 0) < most, seconds)
            if got:
                self._taken[name] = self._taken.get(name, 0) + 1
        try:
            yield got
        finally:
            if got:
                with self._free:
                    self._taken[name] -= 1
                    self._free.notify_all()
