"""What an arriving record does to the one that stands: newer wins, equal changes nothing, older is kept out.

A message is a hint. Facts that end a story (cancelled, completed, refunded) are never overwritten by what is
older, nor by what cannot say how old it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Fate = Literal["applied", "unchanged", "stale"]
ENDED: Final = frozenset({"cancelled", "completed"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides between two copies of one record; `modified_at` is the platform's version."""

    modified_at: datetime | None
    content_hash: str
    state: str | None
    refunded: int = 0


def settle(standing: Standing | None, arriving: Standing, *, again: bool = False) -> Fate:
    """Tell what becomes of `arriving`; `again` means it is the standing record's own message, read once more."""
    if standing is None:
        return "applied"
    if arriving.content_hash == standing.content_hash:
        return "unchanged"
    if _is_older(arriving.modified_at, standing.modified_at):
        return "stale"
    if not again and not _is_newer(arriving.modified_at, standing.modified_at) and _undoes(arriving, standing):
        return "stale"
    return "applied"


def _is_older(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def _is_newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _undoes(arriving: Standing, standing: Standing) -> bool:
    reopened = standing.state in ENDED and arriving.state not in ENDED
    return reopened or arriving.refunded < standing.refunded
