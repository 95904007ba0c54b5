"""Sessions in the database: one row a browser, looked up by the hash of its secret at every request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.records.actor import User
from ordain.store.people import Person, hashed, secret
from ordain.store.tables.people import SessionRow, UserRow

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
UNFINISHED: Final = timedelta(minutes=10)
Stage = Literal["code", "enrol", "open"]


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who, the token its forms carry, how far in they are, when they last proved who they are."""

    user: User
    csrf: str
    id_hash: str
    stage: Stage = "open"
    proven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One session as its person sees it."""

    id: str
    agent: str
    ip: str
    created_at: datetime
    seen_at: datetime


def add(
    conn: sa.Connection,
    who: Person,
    plain: str,
    now: datetime,
    ip: str,
    agent: str,
    stage: Stage = "open",
    *,
    proven: bool = True,
) -> str:
    """Open a session and return the id it may be spoken of by."""
    public_id = new_id()
    conn.execute(
        sa.insert(SessionRow).values(
            id_hash=hashed(plain),
            public_id=public_id,
            person_id=who.id,
            auth_epoch=who.auth_epoch,
            csrf=secret(),
            created_at=now,
            seen_at=now,
            ip=ip[:64],
            agent=agent[:255],
            stage=stage,
            proven_at=now if proven and stage == "open" else None,
        )
    )
    return public_id


def get(conn: sa.Connection, plain: str, now: datetime) -> tuple[Session, datetime] | None:
    """Return the session that holds, and when it was last seen."""
    joined = sa.select(SessionRow.__table__, UserRow.name, UserRow.roles, UserRow.regions).join(
        UserRow, UserRow.id == SessionRow.person_id
    )
    row = conn.execute(joined.where(SessionRow.id_hash == hashed(plain), *_holding(now))).one_or_none()
    if row is None:
        return None
    user = User(row.person_id, row.name, frozenset(row.roles), frozenset(row.regions), row.ip, row.public_id)
    if row.viewing:
        roles, regions = frozenset({row.viewing["role"]}), frozenset(row.viewing["regions"])
        user = replace(user, roles=roles, regions=regions, viewing=user)
    return Session(user, row.csrf, row.id_hash, row.stage, row.proven_at), row.seen_at


def touch(conn: sa.Connection, id_hash: str, now: datetime) -> None:
    """Remember that a session was seen."""
    conn.execute(sa.update(SessionRow).where(SessionRow.id_hash == id_hash).values(seen_at=now))


def renew(conn: sa.Connection, id_hash: str, plain: str, now: datetime, stage: Stage = "open", **more: Any) -> bool:
    """Give a session a new secret after a proof of who it is; the old one holds no more. False where it ended."""
    moved = sa.update(SessionRow).where(SessionRow.id_hash == id_hash)
    values = {"id_hash": hashed(plain), "stage": stage, "seen_at": now, **more}
    if stage == "open":
        values["proven_at"] = now
    return bool(conn.execute(moved.values(**values)).rowcount)


def places(conn: sa.Connection, person_id: str, now: datetime) -> list[Place]:
    """Return where a person is signed in, the last seen first."""
    row = SessionRow
    chosen = sa.select(row.public_id, row.agent, row.ip, row.created_at, row.seen_at).join(
        UserRow, UserRow.id == row.person_id
    )
    chosen = chosen.where(row.person_id == person_id, row.stage == "open", *_holding(now))
    return [Place(*found) for found in conn.execute(chosen.order_by(row.seen_at.desc()))]


def view_as(conn: sa.Connection, id_hash: str, viewing: Mapping[str, Any] | None) -> None:
    """Let a session look through the eyes of a role and regions; None ends that."""
    value = sa.null() if viewing is None else viewing
    conn.execute(sa.update(SessionRow).where(SessionRow.id_hash == id_hash).values(viewing=value))


def end(conn: sa.Connection, id_hash: str) -> None:
    """End a session."""
    conn.execute(sa.delete(SessionRow).where(SessionRow.id_hash == id_hash))


def end_one(conn: sa.Connection, person_id: str, public_id: str) -> bool:
    """End one session of a person."""
    gone = sa.delete(SessionRow).where(SessionRow.person_id == person_id, SessionRow.public_id == public_id)
    return bool(conn.execute(gone).rowcount)


def end_others(conn: sa.Connection, person_id: str, kept: str) -> int:
    """End all sessions of a person but the one that asks."""
    gone = sa.delete(SessionRow).where(SessionRow.person_id == person_id, SessionRow.public_id != kept)
    return conn.execute(gone).rowcount


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget sessions that hold no more."""
    over = sa.or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - LONGEST)
    return conn.execute(sa.delete(SessionRow).where(over)).rowcount


def _holding(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SessionRow.seen_at > now - IDLE,
        SessionRow.created_at > now - LONGEST,
        sa.or_(SessionRow.stage == "open", SessionRow.created_at > now - UNFINISHED),
        UserRow.active == sa.true(),
        UserRow.auth_epoch == SessionRow.auth_epoch,
    )
