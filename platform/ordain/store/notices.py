"""Notices and their fate. Addresses and facts are sealed; what is shown of an address is masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.store.adding import add_new
from ordain.store.tables.outside import NoticeRow
from ordain.store.vault import Vault

_ADDRESS: Final = "notice.address"
_FACTS: Final = "notice.facts"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one address; `shown` is the masked address, `cause` why it failed or waits."""

    id: str
    notice: str
    version: int
    subject: str
    by: str
    connector: str
    shown: str
    language: str
    state: str
    cause: str
    error: str
    tries: int
    receipt: str
    created_at: datetime
    tried_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """What is needed to send it: the delivery with its address and facts in the clear; None where forgotten."""

    delivery: Delivery
    address: str
    facts: Mapping[str, Any] | None


def add(conn: sa.Connection, vault: Vault, key: str, made: Delivery, address: str, facts: Mapping[str, Any]) -> bool:
    """Write a notice; False where one with this key was written before."""
    values = {name: getattr(made, name) for name in Delivery.__slots__}
    sealed = {
        "address": vault.seal(_ADDRESS, made.id, address) if address else None,
        "facts": vault.seal(_FACTS, made.id, json.dumps(dict(facts)).decode()),
    }
    return add_new(conn, NoticeRow, ["key"], {"key": key[:255], **values, **sealed})


def letter(conn: sa.Connection, vault: Vault, notice_id: str) -> Letter | None:
    """Return a notice as it is sent."""
    row = conn.execute(sa.select(NoticeRow.__table__).where(NoticeRow.id == notice_id)).one_or_none()
    if row is None:
        return None
    address = vault.open(_ADDRESS, row.id, row.address) if row.address else ""
    facts = json.loads(vault.open(_FACTS, row.id, row.facts)) if row.facts else None
    return Letter(_delivery(row), address, facts)


def move(conn: sa.Connection, notice_id: str, *, was: Sequence[str], forget: bool = False, **values: Any) -> bool:
    """Write what became of a notice, unless it is no longer as it was; `forget` lets go of its facts."""
    if forget:
        values["facts"] = None
    moved = sa.update(NoticeRow).where(NoticeRow.id == notice_id, NoticeRow.state.in_(was)).values(**values)
    return bool(conn.execute(moved).rowcount)


def about(conn: sa.Connection, subject: str) -> list[Delivery]:
    """Return the notices about a subject ("order:ID"), oldest first."""
    rows = conn.execute(sa.select(NoticeRow.__table__).where(NoticeRow.subject == subject).order_by(NoticeRow.id))
    return [_delivery(row) for row in rows]


def latest(conn: sa.Connection, *, state: str = "", limit: int = 50, before: str = "") -> list[Delivery]:
    """Return the newest notices, those in one state or all, from before an id on."""
    chosen = sa.select(NoticeRow.__table__).order_by(NoticeRow.id.desc()).limit(limit)
    if state:
        chosen = chosen.where(NoticeRow.state == state)
    if before:
        chosen = chosen.where(NoticeRow.id < before)
    return [_delivery(row) for row in conn.execute(chosen)]


def counts(conn: sa.Connection) -> dict[str, int]:
    """Return how many notices stand in each state."""
    rows = conn.execute(sa.select(NoticeRow.state, sa.func.count()).group_by(NoticeRow.state))
    return {row[0]: row[1] for row in rows}


def _delivery(row: Any) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.__slots__})
