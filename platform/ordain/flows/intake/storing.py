"""Storing a prepared batch: one transaction, a handful of statements for all of it.

Where the database refuses the batch, each message is stored by itself, and the one that is refused again is
kept raw in quarantine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from ordain.base.decision import Decision
from ordain.base.errors import problem
from ordain.flows import lapsing
from ordain.flows.booking import RANK, Book
from ordain.flows.intake.batch import Batch
from ordain.flows.intake.holding import Holding
from ordain.flows.intake.parts import Prepared, Result
from ordain.flows.services import Services
from ordain.records.message import Fate
from ordain.store import audit, messages
from ordain.store.orders import keep

_REFUSED = (IntegrityError, DataError, StatementError)


def store(services: Services, prepared: Sequence[Prepared]) -> list[Result]:
    """Store all messages with what they changed; the results stand in their order."""
    if not prepared:
        return []
    try:
        return services.db.transact(lambda conn: _store(services, conn, prepared))
    except _REFUSED:
        if len(prepared) == 1:
            return [_quarantine(services, prepared[0])]
        return [result for item in prepared for result in store(services, [item])]


def _quarantine(services: Services, item: Prepared) -> Result:
    """Keep the raw message alone, with a problem that says where its content was refused."""
    refused = problem(
        "",
        "not_storable",
        "内容超出了可存储的范围，原始报文已保留，请修改映射后重新处理",
        "The content is beyond what can be stored; the raw message is kept, mend the mapping and re-drive",
    )
    decision = Decision("quarantine", problems=(*item.decision.problems, refused))
    bare = Prepared(item.arrival, item.shop, decision, "", item.mapping, item.mapping_version)
    return services.db.transact(lambda conn: _store(services, conn, [bare]))[0]


def _store(services: Services, conn: sa.Connection, prepared: Sequence[Prepared]) -> list[Result]:
    keep.lock(conn, names_of(prepared))
    return store_in(services, conn, prepared)


def store_in(services: Services, conn: sa.Connection, prepared: Sequence[Prepared]) -> list[Result]:
    """Store messages in a transaction of the caller's, who has locked what they speak of and answers for refusals."""
    repeated = _repeated(conn, prepared)
    again = [item.arrival.message_id for item in prepared if item.arrival.again]
    stood = messages.standings(conn, again) if again else {}
    overtaken = _overtaken(prepared, stood)
    fresh = [item for item in prepared if item.arrival.message_id not in repeated.keys() | overtaken.keys()]
    live = services.live.at(conn)
    holding = Holding(services, conn, Book(conn, live, services.now()))
    batch = Batch(services, holding, live)
    for (channel, shop, record), group in groupby(sorted(fresh, key=_family), key=_family):
        items = list(group)
        identities = {item.external_id for item in items if item.external_id}
        find = keep.standing_returns if record == "return_request" else keep.standing_orders
        batch.load(record, channel, shop, find(conn, channel, shop, identities, locked=True) if identities else {})
    standing = batch.standing_order_ids()
    batch.brought = {message_id: (state, brought) for message_id, (_, state, brought) in stood.items() if brought}
    batch.lines = keep.line_ids(conn, standing) if standing else {}
    holding.open(fresh, standing)
    results = overtaken | {item.arrival.message_id: batch.settle(item) for item in _by_rank(fresh)}
    _write(conn, batch)
    holding.book.write()
    keep.insert_story(conn, holding.decisions, holding.events)
    lapsing.close(conn, holding.book)
    return [_with_order(_answer(item, repeated, results), item, batch) for item in prepared]


def _answer(item: Prepared, repeated: dict[str, str], results: dict[str, Result]) -> Result:
    message_id = item.arrival.message_id
    if message_id in repeated:
        first = repeated[message_id]
        return Result(first, results[first].fate if first in results else "unchanged", None, repeated=True)
    return results[message_id]


def _with_order(result: Result, item: Prepared, batch: Batch) -> Result:
    """Return the result with the order it made, where whoever submitted it waits for it."""
    asked = result.new and item.arrival.source == "api" and item.arrival.incoming.record == "order"
    return replace(result, order=batch.written(item)) if asked else result


def names_of(prepared: Iterable[Prepared]) -> set[str]:
    """Return what to lock: the event, and the record it speaks of."""
    names = set()
    for item in prepared:
        names.add(f"event|{item.arrival.channel}|{item.arrival.incoming.event_id}")
        if item.external_id:
            names.add(f"{item.arrival.incoming.record}|{item.arrival.channel}|{item.shop}|{item.external_id}")
    return names


def _repeated(conn: sa.Connection, prepared: Sequence[Prepared]) -> dict[str, str]:
    """Return the messages whose event is known already: message id -> the id it was first stored under."""
    found: dict[str, str] = {}
    new = sorted((item for item in prepared if not item.arrival.again), key=lambda item: item.arrival.channel)
    for channel, group in groupby(new, key=lambda item: item.arrival.channel):
        items = list(group)
        seen = keep.known_events(conn, channel, {item.arrival.incoming.event_id for item in items})
        for item in items:
            first = seen.setdefault(item.arrival.incoming.event_id, item.arrival.message_id)
            if first != item.arrival.message_id:
                found[item.arrival.message_id] = first
    return found


def _overtaken(prepared: Sequence[Prepared], stood: Mapping[str, tuple[int, Fate, str | None]]) -> dict[str, Result]:
    """Return the answers for messages that somebody else read or discarded meanwhile: nothing is done twice."""
    found = {}
    for item in prepared:
        if not item.arrival.again:
            continue
        tries, state, subject = stood[item.arrival.message_id]
        if tries != item.arrival.tries or state == "discarded":
            found[item.arrival.message_id] = Result(item.arrival.message_id, state, subject, repeated=True)
    return found


def _by_rank(items: Sequence[Prepared]) -> list[Prepared]:
    """Return the messages in the order they are settled in: VIP before urgent before normal, then by arrival.

    Messages of one record stay behind one another: they go as early as the first of them may.
    """
    ranks: dict[tuple[str, ...], int] = {}
    for item in items:
        rank = RANK.get(str(item.decision.changes.get("priority")), len(RANK))
        ranks[_record(item)] = min(rank, ranks.get(_record(item), rank))
    return sorted(items, key=lambda item: ranks[_record(item)])


def _record(item: Prepared) -> tuple[str, ...]:
    return (*_family(item), item.external_id)


def _family(item: Prepared) -> tuple[str, str, str]:
    return item.arrival.channel, item.shop, item.arrival.incoming.record


def _write(conn: sa.Connection, batch: Batch) -> None:
    batch.number(conn)
    keep.insert_orders(conn, batch.rows("order", new=True))
    keep.update_orders(conn, batch.rows("order", new=False))
    keep.insert_returns(conn, batch.rows("return_request", new=True))
    keep.update_returns(conn, batch.rows("return_request", new=False))
    keep.replace_lines(conn, batch.relined(), batch.line_rows())
    keep.insert_messages(conn, batch.messages)
    keep.update_messages(conn, batch.read_again)
    keep.insert_story(conn, batch.decisions, batch.events)
    audit.record_all(conn, batch.now, batch.audits)
