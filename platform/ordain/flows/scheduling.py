"""What comes round: polls, file fetches and reconciliations of the live channels, and the house's own sweeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from ordain.flows import indexing, pushing, rotating, uploading
from ordain.flows.services import Services
from ordain.store import answers, attempts, connectors, outbox, people, schedule, sessions, work
from ordain.store.definitions import Version
from ordain.store.imports import files as imports
from ordain.store.schedule import Round

SYNC_LANE = "sync"


class Scheduler:
    """Keeps the schedule in step with the definitions, and turns what is due into work."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._epoch = -1

    def tick(self) -> int:
        """Follow the definitions, ask for what is due, ring; return how many lanes were rung."""
        services = self._services
        with services.db.write() as conn:
            live = services.live.at(conn)
            if live.epoch != self._epoch:
                channels = [(version.key, version.document["spec"]) for version in live.all("channel")]
                schedule.put(conn, [*rounds(channels), *feeds(live.all("connector")), _INDEXES, _SWEEP, _EXPIRE, _KEYS])
                schedule.next_due(conn, _INDEXES.key, outbox.clock(conn))  # a form may have new fields to find by
                self._epoch = live.epoch
            lanes = schedule.tick(conn)
        services.doorbell.ring(lanes)
        return len(lanes)


def rounds(live: list[tuple[str, Mapping[str, Any]]]) -> list[Round]:
    """Return what comes round for these channels."""
    found = []
    for key, spec in live:
        if spec.get("paused"):
            continue
        intakes, payload = spec["intakes"], {"channel": key}
        if "poll" in intakes:
            every = int(intakes["poll"].get("every_seconds", 300))
            found.append(Round(f"poll:{key}", "channel.poll", payload, every, SYNC_LANE))
            if "reconcile" in spec:
                hours = float(spec["reconcile"]["every_hours"])
                found.append(Round(f"reconcile:{key}", "channel.reconcile", payload, int(hours * 3600), SYNC_LANE))
        if "fetch" in intakes.get("file", {}):
            every = int(intakes["file"]["fetch"].get("every_seconds", 900))
            found.append(Round(f"files:{key}", "channel.files", payload, every, SYNC_LANE))
        if "stock" in spec:
            stock = spec["stock"]
            every, minutes = int(stock.get("every_seconds", pushing.EVERY)), float(stock.get("full_minutes", 60))
            found.append(Round(f"stock:{key}", pushing.TOPIC, payload, every, pushing.LANE))
            whole = {**payload, "full": True}
            found.append(Round(f"stock-all:{key}", pushing.TOPIC, whole, int(minutes * 60), pushing.LANE))
    return found


def feeds(live: Sequence[Version]) -> list[Round]:
    """Return what comes round for directories of people."""
    return [
        Round(
            f"directory:{version.key}",
            "directory.poll",
            {"connector": version.key},
            int(float(version.document["spec"]["directory"].get("every_minutes", 15)) * 60),
            SYNC_LANE,
        )
        for version in live
        if "directory" in version.document["spec"]
    ]


def sweep(services: Services) -> int:
    """Forget work done long ago, sessions and links that ended, kept answers and results nobody asks for any more."""
    now = services.now()
    files = uploading.sweep(services)
    with services.db.write() as conn:
        gone = files + outbox.sweep(conn) + people.sweep_links(conn, now)
        gone += work.sweep(conn, now) + connectors.sweep(conn, now) + imports.sweep(conn, now)
        return gone + sessions.sweep(conn, now) + attempts.sweep(conn, now) + answers.sweep(conn, now)


_INDEXES = Round("indexes", indexing.TOPIC, {}, 3600)
_SWEEP = Round("sweep", "house.sweep", {}, 3600)
_KEYS = Round("keys", rotating.TOPIC, {}, rotating.EVERY, rotating.LANE)
_EXPIRE = Round("stock:expire", "stock.expire", {}, 10)
