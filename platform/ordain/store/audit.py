"""The audit row of a unit of work: who, on behalf of whom, when, from where, before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.records.actor import Origin, System, User, name_of
from ordain.store.audit_chain import Seals
from ordain.store.inserting import Inserting
from ordain.store.tables.audit import AuditRow

SEALS: Final = "ordain_seals"  # the option of a database's connections that holds what marks its audit rows


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: what was done to which entity ("order:ID"); protected values stand as "changed"."""

    action: str
    entity: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands."""

    at: datetime
    actor: str
    action: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def of(conn: sa.Connection, entity: str, *, limit: int = 200) -> list[Entry]:
    """Return what was done to one entity, newest first."""
    table = AuditRow.__table__
    columns = [table.c[name] for name in Entry.__slots__]
    chosen = (
        sa.select(*columns).where(table.c.entity == entity).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    )
    return [Entry(**row) for row in conn.execute(chosen).mappings()]


def record(
    conn: sa.Connection,
    origin: Origin,
    now: datetime,
    action: str,
    entity: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row in the running transaction."""
    record_all(conn, now, [(origin, Change(action, entity, before, after))])


def record_all(conn: sa.Connection, now: datetime, changes: Iterable[tuple[Origin, Change]]) -> None:
    """Write the audit rows of a batch of units of work in one statement."""
    seals: Seals | None = conn.get_execution_options().get(SEALS)
    rows = [_row(origin, now, change, seals) for origin, change in changes]
    _INSERT(conn, rows)


def _row(origin: Origin, now: datetime, change: Change, seals: Seals | None) -> dict[str, Any]:
    actor = origin.actor
    row = {
        "id": new_id(),
        "at": now,
        "actor": name_of(actor),
        "on_behalf_of": actor.on_behalf_of if isinstance(actor, System) else None,
        "ip": origin.ip or (actor.ip if isinstance(actor, User) else None),
        "session": actor.session if isinstance(actor, User) else None,
        "request_id": origin.request_id,
        "action": change.action,
        "entity": change.entity,
        "before": None if change.before is None else dict(change.before),
        "after": None if change.after is None else dict(change.after),
    }
    return row | {"mac": seals.mark(row) if seals else None}


_INSERT: Final = Inserting(AuditRow.__table__)
