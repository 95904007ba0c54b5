"""The circuit breaker of an outside system: when to stop asking, when to try again, when to trust."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a definition says: shares of failed or slow calls within a window that open the breaker."""

    window: timedelta = timedelta(seconds=60)
    min_calls: int = 5
    failure_rate: float = 0.5
    slow_seconds: float = 10.0
    slow_rate: float = 1.01  # never, unless a definition says so
    open: timedelta = timedelta(seconds=30)

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> "Rules":
        """Read the rules of a target; what is not said keeps its default."""
        return cls(
            window=timedelta(seconds=float(spec.get("window_seconds", 60))),
            min_calls=int(spec.get("min_calls", 5)),
            failure_rate=float(spec.get("failure_rate", 0.5)),
            slow_seconds=float(spec.get("slow_seconds", 10)),
            slow_rate=float(spec.get("slow_rate", 1.01)),
            open=timedelta(seconds=float(spec.get("open_seconds", 30))),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a breaker stands: its state, and the calls of the window that runs."""

    state: State = "closed"
    open_until: datetime | None = None
    since: datetime | None = None
    calls: int = 0
    failures: int = 0
    slow: int = 0

    def admits(self, now: datetime) -> bool:
        """Tell whether a call may be made; an open breaker whose time is over lets one probe through."""
        return self.state == "closed" or (self.open_until is not None and self.open_until <= now)


def after(standing: Standing, rules: Rules, now: datetime, *, failed: bool, slow: bool, shut_out: bool) -> Standing:
    """Return where the breaker stands after one more call; `shut_out`: we are not let in, which opens it at once."""
    if shut_out:
        return _open(now, max(rules.open, timedelta(seconds=60)))
    if standing.state != "closed":  # the probe
        return _open(now, rules.open) if failed else Standing(since=now, calls=1)
    fresh = standing.since is None or standing.since + rules.window <= now
    counted = Standing(since=now) if fresh else standing
    counted = replace(
        counted, calls=counted.calls + 1, failures=counted.failures + failed, slow=counted.slow + (slow and not failed)
    )
    if counted.calls < rules.min_calls:
        return counted
    failing = counted.failures >= rules.failure_rate * counted.calls and counted.failures > 0
    slowing = counted.slow >= rules.slow_rate * counted.calls and counted.slow > 0
    return _open(now, rules.open) if failing or slowing else counted


def _open(now: datetime, span: timedelta) -> Standing:
    return Standing("open", now + span, since=now)
