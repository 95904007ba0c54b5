"""People, sessions, tokens and links in the database. Secrets come in plain and are looked up by their hash."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.records.actor import User
from ordain.store.adding import add_new
from ordain.store.tables.people import AttemptRow, LinkRow, SessionRow, TokenRow, UserRow

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
LINK_LIFE: Final = timedelta(hours=24)
TRIES: Final = 5
TRIES_OF_A_PLACE: Final = 50  # many people share an address
TRY_WINDOW: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Person:
    """One person as login needs them."""

    id: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    regions: tuple[str, ...]
    active: bool
    auth_epoch: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who, and the token its forms carry."""

    user: User
    csrf: str
    id_hash: str


def secret() -> str:
    """Return a fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(text: str) -> str:
    """Return the form a secret is kept in."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def person(conn: sa.Connection, name: str) -> Person | None:
    """Return a person by name."""
    return _person(conn, UserRow.name == name)


def anybody(conn: sa.Connection) -> bool:
    """Tell whether there is any person yet."""
    return conn.scalar(sa.select(sa.literal(1)).select_from(UserRow).limit(1)) is not None


def add_person(
    conn: sa.Connection,
    name: str,
    roles: Sequence[str],
    now: datetime,
    *,
    first: bool = False,
    regions: Sequence[str] = (),
) -> str | None:
    """Add a person without a password; None where the name, or the place of the first admin, is taken."""
    row_id = new_id()
    values = {
        "id": row_id,
        "name": name,
        "password_hash": "",
        "roles": list(roles),
        "regions": list(regions),
        "language": "",
        "active": True,
        "auth_epoch": 1,
        "first_admin": True if first else None,
        "created_at": now,
    }
    if first and conn.scalar(sa.select(UserRow.id).where(UserRow.first_admin == sa.true())) is not None:
        return None
    return row_id if add_new(conn, UserRow, ["name"], values) else None


def set_password(conn: sa.Connection, person_id: str, password_hash: str) -> None:
    """Set a password; all sessions of the person end."""
    conn.execute(
        sa.update(UserRow)
        .where(UserRow.id == person_id)
        .values(password_hash=password_hash, auth_epoch=UserRow.auth_epoch + 1)
    )
    conn.execute(sa.delete(SessionRow).where(SessionRow.person_id == person_id))


def add_link(conn: sa.Connection, person_id: str, plain: str, now: datetime) -> None:
    """Keep a one-time link; earlier ones of the person end."""
    conn.execute(sa.delete(LinkRow).where(LinkRow.person_id == person_id))
    conn.execute(sa.insert(LinkRow).values(secret_hash=hashed(plain), person_id=person_id, expires_at=now + LINK_LIFE))


def link_person(conn: sa.Connection, plain: str, now: datetime) -> Person | None:
    """Return whose unused, unexpired link this is."""
    person_id = conn.scalar(
        sa.select(LinkRow.person_id).where(
            LinkRow.secret_hash == hashed(plain), LinkRow.used_at.is_(None), LinkRow.expires_at > now
        )
    )
    return _person(conn, UserRow.id == person_id) if person_id else None


def use_link(conn: sa.Connection, plain: str, now: datetime) -> bool:
    """Use up a link; False where somebody was faster."""
    used = sa.update(LinkRow).where(LinkRow.secret_hash == hashed(plain), LinkRow.used_at.is_(None)).values(used_at=now)
    return bool(conn.execute(used).rowcount)


def add_session(conn: sa.Connection, who: Person, plain: str, now: datetime, ip: str, agent: str) -> str:
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
        )
    )
    return public_id


def session(conn: sa.Connection, plain: str, now: datetime) -> tuple[Session, datetime] | None:
    """Return the session that holds, and when it was last seen."""
    joined = sa.select(SessionRow.__table__, UserRow.name, UserRow.roles, UserRow.regions).join(
        UserRow, UserRow.id == SessionRow.person_id
    )
    row = conn.execute(
        joined.where(
            SessionRow.id_hash == hashed(plain),
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
            UserRow.active == sa.true(),
            UserRow.auth_epoch == SessionRow.auth_epoch,
        )
    ).one_or_none()
    if row is None:
        return None
    user = User(row.person_id, row.name, frozenset(row.roles), frozenset(row.regions), row.ip, row.public_id)
    return Session(user, row.csrf, row.id_hash), row.seen_at


def touch(conn: sa.Connection, id_hash: str, now: datetime) -> None:
    """Remember that a session was seen."""
    conn.execute(sa.update(SessionRow).where(SessionRow.id_hash == id_hash).values(seen_at=now))


def end_session(conn: sa.Connection, id_hash: str) -> None:
    """End a session."""
    conn.execute(sa.delete(SessionRow).where(SessionRow.id_hash == id_hash))


def add_token(conn: sa.Connection, name: str, roles: Sequence[str], plain: str, now: datetime, days: int) -> bool:
    """Keep an API token; False where the name is taken."""
    values = {
        "id": new_id(),
        "token_hash": hashed(plain),
        "name": name,
        "roles": list(roles),
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    return add_new(conn, TokenRow, ["name"], values)


def token_user(conn: sa.Connection, plain: str, now: datetime) -> tuple[User, datetime | None] | None:
    """Return the holder of an unexpired token, and when it was last used."""
    row = conn.execute(
        sa.select(TokenRow.id, TokenRow.name, TokenRow.roles, TokenRow.used_at).where(
            TokenRow.token_hash == hashed(plain), TokenRow.expires_at > now
        )
    ).one_or_none()
    return (User(row.id, f"token:{row.name}", frozenset(row.roles)), row.used_at) if row else None


def touch_token(conn: sa.Connection, token_id: str, now: datetime) -> None:
    """Remember that a token was used."""
    conn.execute(sa.update(TokenRow).where(TokenRow.id == token_id).values(used_at=now))


def count_try(conn: sa.Connection, subject: str, now: datetime) -> int:
    """Count one try to sign in and return how many there were within the window, which begins with its first."""
    add_new(conn, AttemptRow, ["subject"], {"subject": subject, "count": 0, "since": now})
    open_ = AttemptRow.since > now - TRY_WINDOW
    counted = (
        sa.update(AttemptRow)
        .where(AttemptRow.subject == subject)
        .values(
            count=sa.case((open_, AttemptRow.count + 1), else_=1),
            since=sa.case((open_, AttemptRow.since), else_=sa.literal(now, AttemptRow.since.type)),
        )
        .returning(AttemptRow.count)
    )
    return conn.execute(counted).scalar_one()


def take_back_try(conn: sa.Connection, subject: str) -> None:
    """Uncount one try: it was no failure."""
    conn.execute(sa.update(AttemptRow).where(AttemptRow.subject == subject).values(count=AttemptRow.count - 1))


def forget_tries(conn: sa.Connection, subject: str) -> None:
    """Start the count anew after a login that worked."""
    conn.execute(sa.delete(AttemptRow).where(AttemptRow.subject == subject))


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget sessions, links and counts of tries that hold no more; return how many rows went."""
    gone = (
        sa.delete(SessionRow).where(sa.or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - LONGEST)),
        sa.delete(LinkRow).where(LinkRow.expires_at <= now),
        sa.delete(AttemptRow).where(AttemptRow.since <= now - TRY_WINDOW),
    )
    return sum(conn.execute(statement).rowcount for statement in gone)


def _person(conn: sa.Connection, where: sa.ColumnElement[bool]) -> Person | None:
    row = conn.execute(sa.select(UserRow.__table__).where(where)).one_or_none()
    if row is None:
        return None
    return Person(row.id, row.name, row.password_hash, tuple(row.roles), tuple(row.regions), row.active, row.auth_epoch)
