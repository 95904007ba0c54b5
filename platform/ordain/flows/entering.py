"""Taking in new records as they come together: those of one moment are kept in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Refused, problem
from ordain.engines.form.staff import StaffForm
from ordain.flows.protecting import sealed
from ordain.flows.recording import admit, create, entity, filled, fresh, id_of, own, words
from ordain.flows.services import Services
from ordain.records.access import Access
from ordain.records.actor import Origin
from ordain.records.files import any_in
from ordain.store import audit, records
from ordain.store.combiner import Combiner
from ordain.store.records import Record
from ordain.store.shelves import shelf_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to be: its form, its fields, whose it is."""

    form: StaffForm
    data: Mapping[str, Any]
    origin: Origin
    by: Access


class EntryDesk:
    """The desk of one process: entries that come together are kept in one transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._combiner: Combiner[Entry, Record | Refused] = Combiner(lambda batch: enter(services, batch), most=64)

    def create(self, form: StaffForm, data: Mapping[str, Any], origin: Origin, by: Access) -> Record:
        """Add a record, durable when this returns; Refused with every problem."""
        if any_in(form.fields):  # files change hands with their record, one by one
            return create(self._services, form, data, origin, by)
        data = admit(self._services, form, data, origin, by)
        answer = self._combiner.submit(Entry(form, data, origin, by))
        if isinstance(answer, Refused):
            raise answer
        return answer


def enter(services: Services, entries: Sequence[Entry]) -> list[Record | Refused]:
    """Add records that were admitted; where the batch as a whole cannot stand, each is tried by itself."""
    try:
        return _together(services, entries)
    except (IntegrityError, Refused):  # a number or a name taken, a record not theirs: one never hinders the others
        return [_alone(services, entry) for entry in entries]


def _together(services: Services, entries: Sequence[Entry]) -> list[Record | Refused]:
    now = services.now()
    made: list[Record | Refused] = []
    added: list[Record] = []
    kept: dict[str, list[tuple[Record, str]]] = {}
    numbers: dict[str, int] = {}
    shelves = {entry.form.key: shelf_of(entry.form) for entry in entries}
    changes = []
    with services.db.write() as conn:
        for entry in entries:
            number = numbers[entry.form.key] = _number(conn, numbers, entry.form)
            data = filled(entry.form, entry.data)
            record = _fresh(services, entry, data, number, now)
            made.append(record)
            added.append(record)
            kept.setdefault(entry.form.key, []).append((record, words(entry.form, data)))
            after = {"state": record.state}
            changes.append(
                (entry.origin, audit.Change(f"{entry.form.record}.create", entity(entry.form, record.id), None, after))
            )
        for key, rows in kept.items():
            records.add_all(conn, shelves[key], rows)
        for entry, record in zip(entries, added, strict=True):
            own(conn, entry.form, entry.by, record)
        audit.record_all(conn, now, changes)
    return made


def _number(conn: sa.Connection, numbers: Mapping[str, int], form: StaffForm) -> int:
    known = numbers.get(form.key)
    return records.next_number(conn, shelf_of(form)) if known is None else known + 1


def _fresh(services: Services, entry: Entry, data: Mapping[str, Any], number: int, now: datetime) -> Record:
    record_id = id_of(services, entry.form, data)
    return fresh(entry.form, record_id, sealed(services.vault, entry.form, record_id, data), number, entry.origin, now)


def _alone(services: Services, entry: Entry) -> Record | Refused:
    try:
        return create(services, entry.form, entry.data, entry.origin, entry.by)
    except Refused as refused:
        return refused
    except IntegrityError:
        zh, en = "同时新建的人太多，请再试一次", "too many are adding at this moment; try again"
        return Refused([problem("", "busy", zh, en)])
