"""Sealing the audit: every second what was written gets its place in the chain, every minute an anchor is thrown.

An anchor is a signed line in a file of the data folder and in the log: a database whose audit was cut short no
longer agrees with either.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from ordain.base import json
from ordain.base.clock import from_rfc3339
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit, audit_chain
from ordain.store.audit_chain import Anchor, Sealed

FILE: Final = "audit-anchors.jsonl"
EVERY: Final = timedelta(minutes=1)
_WHOLE: Final = timedelta(days=1)
_MOST: Final = 4_000  # lines, before all but one of each day past are dropped
_log = structlog.get_logger("ordain.audit")


class Sealer:
    """Gives audit rows their place in the chain, and throws anchors."""

    def __init__(self, services: Services) -> None:
        self._services = services
        last = anchors(services)[-1:]
        self._anchored = last[0].count if last else 0
        self._due = from_rfc3339(last[0].at) + EVERY if last else services.now()

    def run(self) -> Sealed | None:
        """Link what waits; None where nothing did. Throw an anchor where a minute has passed since the last."""
        services, seals = self._services, self._services.db.seals
        if seals is None:
            return None
        with services.db.read() as conn:
            waiting, head = audit_chain.waits(conn), audit_chain.head(conn)
        done = None
        if waiting:
            with services.db.write() as conn:
                done = audit_chain.seal(conn, seals)
            head = done.head
            self._tell(done.strange)
        now = services.now()
        if now >= self._due and head.count > self._anchored:
            _throw(services, audit_chain.anchored(seals, now, head))
            self._anchored, self._due = head.count, now + EVERY
        return done

    def _tell(self, strange: Sequence[str]) -> None:
        """Raise the alarm for rows that the application never wrote."""
        for row_id in strange:
            _log.error("a row of the audit was not written by the application", subject=f"audit:{row_id}")
            with self._services.db.write() as conn:
                audit.record(conn, Origin(System("sealer")), self._services.now(), "audit.strange", f"audit:{row_id}")


def anchors(services: Services) -> list[Anchor]:
    """Return the anchors that lie in the data folder, oldest first; a line that is none counts as a changed one."""
    path = services.settings.home / FILE
    lines = path.read_text().splitlines() if path.exists() else []
    return [_anchor(line) for line in lines]


def _anchor(line: str) -> Anchor:
    try:
        found = json.loads(line)
        from_rfc3339(found["at"])
        return Anchor(found["at"], int(found["count"]), str(found["link"]), str(found["signature"]))
    except (ValueError, KeyError, TypeError):
        return Anchor("1970-01-01T00:00:00Z", 0, "", "")


def _throw(services: Services, made: Anchor) -> None:
    path = services.settings.home / FILE
    with path.open("ab") as file:
        file.write(json.dumps(made) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    _log.info("anchor of the audit", count=made.count, link=made.link, signature=made.signature)
    _thin(path, services.now())


def _thin(path: Path, now: datetime) -> None:
    """Keep the anchors of the last day, and of each day before it the last."""
    lines = path.read_text().splitlines()
    if len(lines) <= _MOST:
        return
    kept: dict[str, str] = {}
    for line in lines:
        at = _anchor(line).at
        recent = from_rfc3339(at) > now - _WHOLE
        kept[at if recent else at[:10]] = line
    temporary = path.with_suffix(".new")
    temporary.write_text("".join(f"{line}\n" for line in kept.values()))
    temporary.replace(path)
