"""API tokens in the database: of the command line, or of a person, who gives them some of their own roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.base.ids import new_id
from ordain.records.actor import User
from ordain.store.adding import add_new
from ordain.store.database import Database
from ordain.store.people import Person, hashed
from ordain.store.tables.people import TokenRow, UserRow


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for; `owned` where a person made it, who can be asked for a proof."""

    user: User
    token_id: str
    used_at: datetime | None
    owned: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One token as its owner sees it."""

    id: str
    name: str
    roles: Sequence[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def add(
    conn: sa.Connection,
    name: str,
    roles: Sequence[str],
    plain: str,
    now: datetime,
    days: int,
    owner: Person | None = None,
) -> bool:
    """Keep a token; False where the owner has one of that name."""
    values = {
        "id": new_id(),
        "token_hash": hashed(plain),
        "owner": owner.id if owner else "",
        "auth_epoch": owner.auth_epoch if owner else None,
        "name": name,
        "roles": list(roles),
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    return add_new(conn, TokenRow, ["owner", "name"], values)


def holder(conn: sa.Connection, plain: str, now: datetime) -> Holder | None:
    """Return whom an unexpired token speaks for; a person's with no more than they have themselves today."""
    joined = sa.select(TokenRow.__table__, UserRow.name.label("person"), UserRow.roles.label("own"), UserRow.regions)
    joined = joined.outerjoin(UserRow, UserRow.id == TokenRow.owner)
    alive = sa.and_(UserRow.active == sa.true(), UserRow.auth_epoch == TokenRow.auth_epoch)
    row = conn.execute(
        joined.where(
            TokenRow.token_hash == hashed(plain), TokenRow.expires_at > now, sa.or_(TokenRow.owner == "", alive)
        )
    ).one_or_none()
    if row is None:
        return None
    if not row.owner:
        return Holder(User(row.id, f"token:{row.name}", frozenset(row.roles)), row.id, row.used_at, owned=False)
    roles, regions = frozenset(row.roles) & frozenset(row.own), frozenset(row.regions)
    user = User(row.owner, f"{row.person}/{row.name}", roles, regions, session=row.id)
    return Holder(user, row.id, row.used_at, owned=True)


def at_a_glance(db: Database, plain: str, now: datetime) -> tuple[Holder | None, int]:
    """Return whom a token speaks for, as `holder` does, and the epoch of what runs: one question a request."""
    row = db.glance(_GLANCE, (hashed(plain), epoch_ms(now)))
    if row is None:
        return None, -1
    token_id, owner, name, roles, used_at, person, own, regions, number = row
    used = from_epoch_ms(used_at) if used_at is not None else None
    if not owner:
        return Holder(User(token_id, f"token:{name}", frozenset(_list(roles))), token_id, used, owned=False), number
    given = frozenset(_list(roles)) & frozenset(_list(own))
    user = User(owner, f"{person}/{name}", given, frozenset(_list(regions)), session=token_id)
    return Holder(user, token_id, used, owned=True), number


def _list(stored: Any) -> list[str]:
    """Return a stored list: text where the driver leaves JSON to us."""
    found: list[str] = json.loads(stored) if isinstance(stored, str | bytes) else stored
    return found


_GLANCE: Final = (
    "SELECT t.id, t.owner, t.name, t.roles, t.used_at, p.name, p.roles, p.regions, "
    "(SELECT epoch FROM definition_epoch WHERE id = 1) FROM api_token AS t LEFT JOIN person AS p ON p.id = t.owner "
    "WHERE t.token_hash = ? AND t.expires_at > ? AND (t.owner = '' OR (p.active AND p.auth_epoch = t.auth_epoch))"
)


def find(conn: sa.Connection, owner: str) -> list[Token]:
    """Return the tokens of a person, the newest first."""
    row = TokenRow
    chosen = sa.select(row.id, row.name, row.roles, row.created_at, row.expires_at, row.used_at)
    found = conn.execute(chosen.where(row.owner == owner).order_by(row.created_at.desc(), row.id.desc()))
    return [Token(*values) for values in found]


def touch(conn: sa.Connection, token_id: str, now: datetime) -> None:
    """Remember that a token was used."""
    conn.execute(sa.update(TokenRow).where(TokenRow.id == token_id).values(used_at=now))


def revoke(conn: sa.Connection, owner: str, token_id: str) -> str | None:
    """End a token of a person and return its name; None where there is none."""
    gone = sa.delete(TokenRow).where(TokenRow.owner == owner, TokenRow.id == token_id).returning(TokenRow.name)
    return conn.execute(gone).scalar_one_or_none()
