"""Group commit: requests that arrive together share one transaction.

A leader/follower combiner without a thread of its own: the first caller carries the batch, the others wait
for their answer. At one client it costs nothing; see stack measurements in docs/decisions.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Seat(Generic[Item, Answer]):
    __slots__ = ("answer", "error", "item", "lead", "wake")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.wake = threading.Lock()  # held until there is an answer or the lead
        self.wake.acquire()
        self.lead = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None


class Combiner(Generic[Item, Answer]):
    """Runs `work` on batches of at most `most` items; each caller gets the answer of its own item."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]], *, most: int = 64) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._queue: list[_Seat[Item, Answer]] = []
        self._leading = False

    def submit(self, item: Item) -> Answer:
        """Return the answer for `item`, or raise what its batch raised."""
        seat: _Seat[Item, Answer] = _Seat(item)
        with self._lock:
            self._queue.append(seat)
            if self._leading:
                lead = False
            else:
                lead = self._leading = True
        if not lead:
            seat.wake.acquire()
        if lead or seat.lead:
            self._carry()
        if seat.error is not None:
            raise seat.error
        return seat.answer  # type: ignore[return-value] # set before the seat is woken

    def _carry(self) -> None:
        """Carry the one batch that holds the caller's own item, then hand the lead to the next in the queue."""
        with self._lock:
            batch, self._queue = self._queue[: self._most], self._queue[self._most :]
        try:
            answers = self._work([seat.item for seat in batch])
            for seat, answer in zip(batch, answers, strict=True):
                seat.answer = answer
        except BaseException as error:  # noqa: BLE001 every caller of the batch must learn of it, and raises it
            for seat in batch:
                seat.error = error
        with self._lock:
            heir = self._queue[0] if self._queue else None
            self._leading = heir is not None
        for seat in batch:
            seat.wake.release()
        if heir is not None:
            heir.lead = True
            heir.wake.release()
