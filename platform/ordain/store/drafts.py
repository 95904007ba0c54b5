"""What people have begun to write of records and not saved: one draft per person and record, sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.store.tables.records import RecordDraftRow
from ordain.store.vault import Vault

_ROW: Final = RecordDraftRow.__table__.c
_PLACE: Final = "record_draft.data"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose draft, of which form, of which record ("" for a new one)."""

    person: str
    form: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft; `seen` is the record's version it was begun from."""

    seen: int
    data: Mapping[str, Any]
    saved_at: datetime


def get(conn: sa.Connection, vault: Vault, place: Place) -> Draft | None:
    """Return a draft, if there is one."""
    row = conn.execute(sa.select(_ROW.id, _ROW.seen, _ROW.data, _ROW.saved_at).where(_own(place))).one_or_none()
    if row is None:
        return None
    text = vault.reach(_PLACE, row.id, row.data)
    return Draft(row.seen, json.loads(text), row.saved_at) if text else None


def put(conn: sa.Connection, vault: Vault, place: Place, made: Draft, new_id: str) -> None:
    """Write a draft in place of the one there is."""
    drop(conn, place)
    values = {
        "id": new_id,
        "person": place.person,
        "form": place.form,
        "record": place.record,
        "seen": made.seen,
        "data": vault.seal(_PLACE, new_id, json.dumps(dict(made.data)).decode()),
        "saved_at": made.saved_at,
    }
    conn.execute(sa.insert(RecordDraftRow).values(values))


def drop(conn: sa.Connection, place: Place) -> bool:
    """Forget a draft; False where there was none."""
    return bool(conn.execute(sa.delete(RecordDraftRow).where(_own(place))).rowcount)


def _own(place: Place) -> sa.ColumnElement[bool]:
    return sa.and_(_ROW.person == place.person, _ROW.form == place.form, _ROW.record == place.record)
