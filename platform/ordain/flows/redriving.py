"""Reading kept messages once more: after a repair of the mapping, the catalogue or the channel.

Each message is read by the mapping that is live now and stored as if it had just come, under its own id; what
was stored once is never stored twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.flows.alarming import cannot_open
from ordain.flows.intake import Arrival, Result, take_all
from ordain.flows.intake.prepare import prepare
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.records.message import Incoming, Repair
from ordain.store import audit, messages, repairs
from ordain.store.messages import MessageQuery
from ordain.store.vault import Unopened

BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Outlook:
    """What reading these messages once more would do: how many would pass, and which problems would stay."""

    total: int
    passing: int
    remaining: Counter[str]


def redrive(services: Services, ids: Sequence[str], origin: Origin) -> list[Result]:
    """Read these messages once more and store what the live mapping makes of them now."""
    return take_all(services, arrivals(services, ids, origin))


def redrive_all(
    services: Services, query: MessageQuery, origin: Origin, progress: Callable[[int], bool] = lambda _: True
) -> Counter[str]:
    """Re-drive all that wait and match, batch by batch; stop where `progress` (told the count so far) says no."""
    fates: Counter[str] = Counter()
    for ids in _batches(services, query):
        fates.update(result.fate for result in redrive(services, ids, origin))
        if not progress(fates.total()):
            break
    return fates


def preview(services: Services, query: MessageQuery, origin: Origin) -> Outlook:
    """Tell what a re-drive of all that wait and match would do; nothing is stored."""
    total = passing = 0
    remaining: Counter[str] = Counter()
    for ids in _batches(services, query):
        arrived = arrivals(services, ids, origin)
        with services.db.read() as conn:
            prepared = prepare(services, conn, arrived)
        for item in prepared:
            total += 1
            passing += item.decision.outcome == "accept"
            remaining.update({p.code for p in item.decision.problems})
    return Outlook(total, passing, remaining)


def redrive_order(services: Services, order_id: str, origin: Origin) -> list[Result]:
    """Read the newest message of an order once more."""
    with services.db.read() as conn:
        found = messages.of_order(conn, order_id)
    return redrive(services, [found[0].id], origin) if found else []


def discard(services: Services, message_id: str, reason: str, origin: Origin) -> list[Problem]:
    """Put a quarantined message aside for good, with a reason; its raw content stays."""
    if not reason.strip():
        return [problem("reason", "required", "请写明作废原因", "Say why it is discarded")]
    note = problem("", "discarded", f"已作废：{reason.strip()}", f"Discarded: {reason.strip()}")
    with services.db.write() as conn:
        if not messages.discard(conn, message_id, [note]):
            return [problem("", "not_quarantined", "该报文不在隔离区", "The message is not in quarantine")]
        audit.record(conn, origin, services.now(), "message.discard", f"message:{message_id}", None, {"reason": reason})
    return []


def _batches(services: Services, query: MessageQuery) -> Iterator[list[str]]:
    after = ""
    while True:
        with services.db.read() as conn:
            ids = messages.waiting(conn, query, after=after, limit=BATCH)
        if not ids:
            return
        yield ids
        after = ids[-1]


def arrivals(services: Services, ids: Sequence[str], origin: Origin) -> list[Arrival]:
    """Return kept messages as they stand at the door once more, with their corrections."""
    with services.db.read() as conn:
        rows = messages.envelopes(conn, ids)
        mended = repairs.of_messages(conn, services.vault, ids)
    return [_arrival(services, row, origin, mended.get(row["id"])) for row in rows]


def _arrival(services: Services, row: dict[str, Any], origin: Origin, repair: Repair | None) -> Arrival:
    text = services.vault.show("message.raw", row["id"], row["raw"])
    payload, unreadable = read_payload(text)
    incoming = Incoming(
        row["event_id"], text.encode(), payload, row["topic"], row["record"], row["mapping"], unreadable, row["headers"]
    )
    return Arrival(
        row["id"],
        row["channel"],
        row["source"],
        incoming,
        row["received_at"],
        origin,
        again=True,
        tries=row["tries"],
        corrections=repair.corrections if repair else (),
    )


def read_payload(text: str) -> tuple[dict[str, Any] | None, Problem | None]:
    """Return the document in a raw message, or the problem that it is none or does not open."""
    if isinstance(text, Unopened):
        return None, cannot_open("")
    try:
        value = json.loads(text, limit=json.ANSWER_LIMIT)
    except json.BadJson as error:
        return None, problem(
            "", "unreadable", f"报文不是有效的 JSON：{error}", f"The message is no valid JSON: {error}"
        )
    if not isinstance(value, dict):
        return None, problem("", "unreadable", "报文不是一个对象", "The message is no object")
    return value, None
