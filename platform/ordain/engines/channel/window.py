"""Which span of time to ask for: some overlap, a safety gap before now, no more than the platform takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Window:
    """One span: from inclusive; `to` is frozen for all its pages and becomes the cursor once all are stored."""

    start: datetime
    end: datetime


def windows(spec: Mapping[str, Any], cursor: datetime | None, now: datetime) -> Iterator[Window]:
    """Return the spans to ask for, oldest first, so that a poll catches up in steps the platform takes."""
    end = now - timedelta(seconds=spec.get("settle_seconds", 0))
    overlap = timedelta(seconds=spec.get("overlap_seconds", 0))
    largest = timedelta(minutes=spec["window_minutes"]) if "window_minutes" in spec else None
    first = timedelta(hours=spec.get("first_hours", 24))
    start = (cursor - overlap) if cursor else end - first
    while start < end:
        stop = min(end, start + largest) if largest else end
        yield Window(start, stop)
        if stop >= end:
            return
        start = stop - overlap if largest and overlap < largest else stop


def next_wait(spec: Mapping[str, Any], *, quiet: int, failed: int, jitter: float) -> float:
    """Return the seconds until the next poll: `min_seconds` while there is news, doubling to `every_seconds`.

    `quiet` and `failed` count polls in a row without news or with a failure. Failures back off exponentially up
    to an hour, with full jitter: `jitter` is in [0, 1).
    """
    every = float(spec.get("every_seconds", 300))
    least = float(spec.get("min_seconds", every))
    if failed:
        return least + min(3600.0, least * 2.0 ** min(failed, 12)) * jitter
    return min(every, least * 2.0 ** min(quiet, 12))
