"""Answers kept for requests that come again under the same key. They may hold what is protected, so they are sealed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.people import AnswerRow
from ordain.store.vault import Vault

KEEP: Final = timedelta(days=2)
LEASE: Final = timedelta(minutes=2)  # whoever works longer than this was killed
_PLACE: Final = "kept_answer.body"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks what under which key; `content` is what must be the same when it comes again."""

    actor: str
    route: str
    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a request: `status` is None while it is being worked on."""

    same: bool
    status: int | None = None
    body: str = ""


def begin(conn: sa.Connection, vault: Vault, asked: Asked, now: datetime) -> Kept | None:
    """Take a request on; what is known of it where somebody took it on before, None where it is the caller's to do."""
    content = hashed(asked.content)
    if add_new(conn, AnswerRow, list(_place(asked)), {**_place(asked), "request_hash": content, "at": now}):
        return None
    row = conn.execute(sa.select(AnswerRow.__table__).where(_own(asked)).with_for_update()).mappings().one_or_none()
    if row is None:
        return Kept(same=True)  # whoever had it just gave it up; sent again it will be done
    same = row["request_hash"] == content
    if row["status"] is not None:
        return Kept(same, row["status"], vault.open(_PLACE, _name(asked), row["body"]["sealed"]))
    if not same or row["at"] > now - LEASE:
        return Kept(same)
    conn.execute(sa.update(AnswerRow).where(_own(asked)).values(at=now))
    return None


def keep(conn: sa.Connection, vault: Vault, asked: Asked, status: int, body: str) -> None:
    """Keep the answer to a request."""
    sealed = {"sealed": vault.seal(_PLACE, _name(asked), body)}
    conn.execute(sa.update(AnswerRow).where(_own(asked)).values(status=status, body=sealed))


def forget(conn: sa.Connection, asked: Asked) -> None:
    """Let a request that came to nothing be sent again."""
    conn.execute(sa.delete(AnswerRow).where(_own(asked), AnswerRow.status.is_(None)))


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget answers after some days; return how many went."""
    return conn.execute(sa.delete(AnswerRow).where(AnswerRow.at < now - KEEP)).rowcount


def _place(asked: Asked) -> dict[str, str]:
    """Return the row's place; addresses and keys may be longer than a column, so they stand hashed."""
    return {"actor": asked.actor, "route": hashed(asked.route.encode()), "key": hashed(asked.key.encode())}


def _own(asked: Asked) -> sa.ColumnElement[bool]:
    return sa.and_(*(getattr(AnswerRow, name) == value for name, value in _place(asked).items()))


def _name(asked: Asked) -> str:
    return "|".join(_place(asked).values())


def hashed(content: bytes) -> str:
    """Return a fixed-length name for any content."""
    return hashlib.sha256(content).hexdigest()
