"""Times are aware UTC datetimes; this module reads and writes their text forms. Nobody here asks the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def rfc3339(moment: datetime) -> str:
    """Return `moment` as RFC 3339 UTC text with milliseconds, e.g. `2026-11-19T01:00:07.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_rfc3339(text: str) -> datetime:
    """Read RFC 3339 text with a zone; ValueError where it has none or is no time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC)


def from_epoch_ms(value: int) -> datetime:
    """Read milliseconds since 1970."""
    return datetime.fromtimestamp(value / 1000, UTC)


def epoch_ms(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(moment.timestamp() * 1000)
