"""The feed of a directory of people: asked for now and then, believed only where it is whole and plausible.

Whoever is missing or not active is shut out in the same transaction. An empty feed, or one that would shut out too
many at once, changes nothing: it stops, tells the administrators, and waits until one of them has looked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.engines.directory import Entry, ScimRefused, read, too_many_leave
from ordain.flows import calling
from ordain.flows.alarming import warn
from ordain.flows.provisioning import changed, keep
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit
from ordain.store import directory as store
from ordain.store.directory import Feed, Told

TOPIC: Final = "directory.poll"
PAGE: Final = 100
_MOST_PAGES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fed:
    """What one run of a feed did; `alarm` or `error` says why it did nothing."""

    listed: int = 0
    added: int = 0
    changed: int = 0
    left: int = 0
    alarm: str = ""
    error: str = ""


def poll(services: Services, connector: str) -> Fed:
    """Ask a directory for everybody and follow it."""
    with services.db.read() as conn:
        version = services.live.at(conn).get("connector", connector)
        stopped = store.feed(conn, connector)
    spec: Mapping[str, Any] = version.document["spec"].get("directory", {}) if version else {}
    if not spec or (stopped.alarm and not stopped.accepted):
        return Fed(alarm=stopped.alarm)
    entries = _everybody(services, connector, spec["operation"])
    origin = Origin(System(f"directory:{connector}"))
    with services.db.write() as conn:
        if isinstance(entries, str):
            store.put_feed(conn, connector, last_try=services.now(), error=entries[:500])
            return Fed(error=entries)
        return _follow(conn, services, connector, spec, entries, origin)


def accept(services: Services, source: str, origin: Origin) -> bool:
    """Let a stopped feed go on: what it says next is believed, once; False where it is not stopped."""
    with services.db.write() as conn:
        found = store.feed(conn, source)
        if not found.alarm:
            return False
        store.put_feed(conn, source, accepted=True)
        audit.record(conn, origin, services.now(), "directory.accept", f"directory:{source}", {"alarm": found.alarm})
    return True


def _everybody(services: Services, connector: str, operation: str) -> list[Entry] | str:
    """Return everybody the directory has, or why that is not known: half a list is none."""
    found: dict[str, Entry] = {}
    start, total = 1, 1
    for _ in range(_MOST_PAGES):
        facts = {"start": start, "count": PAGE}
        called = calling.call(services, connector, operation, facts, key=services.new_id())
        if called.result != "done" or called.kept:
            return called.text or called.cause
        items = called.values.get("people") or []
        total = int(called.values.get("total") or 0)
        for item in items:
            try:
                entry = read(item)
            except ScimRefused as refused:
                return f"somebody in the list cannot be read: {refused.detail}"
            found[entry.external_id or entry.user_name.lower()] = entry
        start += len(items)
        if not items or start > total:
            break
    if len(found) < total:
        return f"the list is incomplete: {len(found)} of {total}"
    return list(found.values())


def _follow(
    conn: sa.Connection,
    services: Services,
    source: str,
    spec: Mapping[str, Any],
    entries: Sequence[Entry],
    origin: Origin,
) -> Fed:
    now, feed = services.now(), store.feed(conn, source)
    ours = {told.external_id or told.name.lower(): told for told in store.of_source(conn, source)}
    known = [told for told in ours.values() if told.active]
    listed = [entry for entry in entries if entry.active]
    here = {entry.external_id or entry.user_name.lower() for entry in listed}
    leavers = [told for key, told in ours.items() if told.active and key not in here]
    alarm = too_many_leave(len(known), len(leavers), len(listed), float(spec.get("most_drop", 0.2)))
    if alarm and not feed.accepted:
        _stop(conn, services, feed, alarm, len(known), len(listed), origin)
        return Fed(len(listed), alarm=alarm)
    added, moved = 0, 0
    for entry in entries:
        told = ours.get(entry.external_id or entry.user_name.lower()) or store.by_name(conn, entry.user_name)
        if told is None and not entry.active:
            continue  # left before we knew of them
        if told is None or told.source != source or changed(told, entry):
            keep(conn, services, source, entry, origin, told)
            added, moved = added + (told is None), moved + (told is not None)
    for told in leavers:
        if told.active and all(told.name.lower() != entry.user_name.lower() for entry in entries):
            _leave(conn, services, source, told, origin)
    values = {"known": len(listed), "listed": len(listed), "last_try": now, "last_success": now}
    store.put_feed(conn, source, alarm="", accepted=False, error="", **values)
    return Fed(len(listed), added, moved, len(leavers))


def _leave(conn: sa.Connection, services: Services, source: str, told: Told, origin: Origin) -> None:
    """Shut out somebody the list no longer holds."""
    document = {**store.document(conn, services.vault, told.person_id), "active": False}
    keep(conn, services, source, read(document), origin, told)


def _stop(
    conn: sa.Connection, services: Services, feed: Feed, alarm: str, known: int, listed: int, origin: Origin
) -> None:
    """Stop a feed and tell the administrators, once an episode."""
    now = services.now()
    values = {"known": known, "listed": listed, "last_try": now}
    store.put_feed(conn, feed.source, alarm=alarm, accepted=False, error="", **values)
    if feed.alarm:
        return
    facts = {"source": feed.source, "known": known, "seen": listed}
    audit.record(conn, origin, now, "directory.stop", f"directory:{feed.source}", None, {"alarm": alarm, **facts})
    subject, episode = f"directory:{feed.source}", f"hr-alarm:{feed.source}:{now.isoformat()}"
    warn(conn, services, "hr-alarm", subject, facts, episode)
