"""Polling: asking a channel for what changed, page by page, into the hub.

The cursor moves only after all pages of a window are stored. Failures back off; a failed authentication stops
the channel at once and says so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import GatewayError
from ordain.engines.calls import answers
from ordain.engines.channel import paging
from ordain.engines.channel.window import Window, next_wait, windows
from ordain.flows.asking import Asker, Channel, Failed, load
from ordain.flows.intake import take
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.records.message import Incoming, Source
from ordain.store import channels, schedule
from ordain.store.channels import ChannelState, Run
from ordain.store.orders import keep

RESTARTS: Final = 3


@dataclass(slots=True)
class Tally:
    """What a run brought so far."""

    pages: int = 0
    records: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def poll(services: Services, key: str) -> Run | None:
    """Ask a channel once for all that changed since its cursor; None where it has nothing to poll or waits."""
    channel = load(services, key)
    if channel is None or "poll" not in channel.spec["intakes"]:
        return None
    with services.db.read() as conn:
        state = channels.state(conn, key)
    now = services.now()
    if state.open_until and state.open_until > now:
        return None
    tally = Tally()
    failure = _poll_windows(services, channel, state, now, tally)
    return _finish(services, channel, state, now, tally, failure)


def fetch(
    services: Services, channel: Channel, window: Window, source: Source, tally: Tally
) -> Iterator[list[Mapping[str, Any]]]:
    """Ask for all pages of one window and take them in as they come; yield the records of each page."""
    origin = Origin(System(f"{source}:{channel.key}"))
    asker = Asker(services, channel)
    for records in _pages(asker, channel, window, tally):
        items = _messages(services, asker, channel, window, records)
        taken = take(services, channel.key, source, items, origin)
        tally.records += len(records)
        tally.counts.update(taken.counts)
        tally.counts["repeated"] += len(records) - len(items)
        yield records


def incoming(record: Mapping[str, Any], whole: Mapping[str, Any] | None = None) -> Incoming:
    """Return a polled record as a message: the same content in the list again is the same event.

    `whole` is the record with its detail, where the list holds only part of it.
    """
    payload = whole or record
    return Incoming(event_id=_event_id(record), raw=json.dumps(payload), payload=payload)


def _event_id(record: Mapping[str, Any]) -> str:
    return f"poll:{json.content_hash(record)[:40]}"


def _messages(
    services: Services, asker: Asker, channel: Channel, window: Window, records: Sequence[Mapping[str, Any]]
) -> list[Incoming]:
    """Return the records as messages, each with its detail where the list holds only part of it.

    No detail is asked for what the list told in the same words before: windows overlap, and calls are counted.
    """
    spec = channel.spec["intakes"]["poll"]
    if "detail" not in spec:
        return [incoming(record) for record in records]
    with services.db.read() as conn:
        known = keep.known_events(conn, channel.key, {_event_id(record) for record in records})
    return [
        incoming(record, _detailed(asker, spec, window, record)) for record in records if _event_id(record) not in known
    ]


def _poll_windows(
    services: Services, channel: Channel, state: ChannelState, now: datetime, tally: Tally
) -> answers.Failure | None:
    spec = channel.spec["intakes"]["poll"]
    for window in windows(spec.get("cursor", {}), state.cursor, now):
        failure = _poll_window(services, channel, window, tally)
        if failure is not None:
            return failure
        with services.db.write() as conn:
            channels.put_state(conn, channel.key, cursor=window.end)
    return None


def _poll_window(services: Services, channel: Channel, window: Window, tally: Tally) -> answers.Failure | None:
    for left in reversed(range(RESTARTS)):
        try:
            for _ in fetch(services, channel, window, "poll", tally):
                pass
        except Failed as failed:
            if failed.failure.then == "restart-window" and left:
                continue
            return failed.failure
        except GatewayError as error:
            then: answers.Then = "permanent" if error.permanent else "retry"
            return answers.Failure(then, error.cause, str(error), retry_after=error.retry_after)
        return None
    return None


def _pages(asker: Asker, channel: Channel, window: Window, tally: Tally) -> Iterator[list[Mapping[str, Any]]]:
    spec = channel.spec["intakes"]["poll"]
    page: paging.Page | None = paging.first(spec.get("pages"))
    while page is not None:
        request = spec["request"]
        if page.query:  # a link is followed as it is
            request = {**request, "parameters": dict(page.query)}
        answer, document = asker.ask(request, page.values, window=window)
        tally.pages += not page.probe
        found = [] if page.probe else answers.records(document, spec["records"])
        records = [record for record in found if isinstance(record, Mapping)]
        if records:
            yield records
        page = paging.following(spec.get("pages"), page, answer, document, len(found))


def _detailed(asker: Asker, spec: Mapping[str, Any], window: Window, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the whole record; the list's where there is no detail of it."""
    detail = spec["detail"]
    request = {**spec["request"], **{name: detail[name] for name in ("method", "path") if name in detail}}
    _, document = asker.ask(request, {"record": record}, window=window, instead=detail.get("parameters", {}))
    whole = answers.value(document, detail["record"])
    return {**record, **whole} if isinstance(whole, Mapping) else record


def _finish(
    services: Services,
    channel: Channel,
    state: ChannelState,
    started: datetime,
    tally: Tally,
    failure: answers.Failure | None,
) -> Run:
    """Write how the run went, and when to ask again."""
    now = services.now()
    spec = channel.spec["intakes"]["poll"]
    news = any(tally.counts[fate] for fate in ("applied", "held", "quarantined"))
    failed = state.failed + 1 if failure else 0
    quiet = 0 if news or failure else state.quiet + 1
    wait = next_wait(spec, quiet=quiet, failed=failed, jitter=services.jitter())
    if failure and failure.retry_after:
        wait = max(wait, failure.retry_after)
    values: dict[str, Any] = {
        "last_try": started,
        "failed": failed,
        "quiet": quiet,
        "cause": failure.cause if failure else "",
        "error": failure.text if failure else "",
        **_breaker(channel.spec.get("breaker", {}), failure, failed, now),
    }
    if failure is None:
        values["last_success"] = now
    due = now + timedelta(seconds=wait)
    run = Run(
        channel.key,
        "poll",
        started,
        now,
        tally.pages,
        tally.records,
        dict(tally.counts),
        failure.cause if failure else "",
        failure.text if failure else "",
    )
    with services.db.write() as conn:
        channels.put_state(conn, channel.key, next_due=due, **values)
        schedule.next_due(conn, f"poll:{channel.key}", max(due, values["open_until"] or due))
        if failure or tally.records:
            channels.add_run(conn, run)
    return run


def _breaker(spec: Mapping[str, Any], failure: answers.Failure | None, failed: int, now: datetime) -> dict[str, Any]:
    """Open at once where we are not let in, or after several failures in a row; half-open lets one try through."""
    if failure is None:
        return {"breaker": "closed", "open_until": None}
    seconds = float(spec.get("open_seconds", 30))
    if failure.cause == "authentication":
        return {"breaker": "open", "open_until": now + timedelta(seconds=max(seconds, 60))}
    if failed >= min(int(spec.get("min_calls", 10)), 5):
        return {"breaker": "open", "open_until": now + timedelta(seconds=seconds)}
    return {"breaker": "half-open" if failed > 1 else "closed", "open_until": None}
