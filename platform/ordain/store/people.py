"""People in the database: who they are, what they may be, and the epoch that ends all they are signed in with.

Sessions, tokens, second factors and counters of tries have modules of their own.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.store.adding import add_new
from ordain.store.tables.people import LinkRow, SessionRow, TokenRow, UserRow
from ordain.store.vault import Vault

LINK_LIFE: Final = timedelta(hours=24)
RESET_LIFE: Final = timedelta(minutes=15)
MAIL: Final = "person.mail"
PHONE: Final = "person.phone"
Purpose = Literal["first", "reset"]


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `mail` and `phone` stand sealed."""

    id: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    regions: tuple[str, ...]
    active: bool
    auth_epoch: int
    display_name: str = ""
    mail: str | None = None
    phone: str | None = None
    language: str = ""
    demo: bool = False
    entered_at: datetime | None = None
    created_at: datetime | None = None


def secret() -> str:
    """Return a fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(text: str) -> str:
    """Return the form a secret is kept in."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def person(conn: sa.Connection, name: str) -> Person | None:
    """Return a person by name."""
    return _person(conn, UserRow.name == name)


def get(conn: sa.Connection, person_id: str) -> Person | None:
    """Return a person by id."""
    return _person(conn, UserRow.id == person_id)


def of_mail(conn: sa.Connection, vault: Vault, mail: str) -> Person | None:
    """Return the person with a mail address; None where nobody has it, or several."""
    found = conn.execute(_SELECT.where(UserRow.mail_index == _mail_index(vault, mail)).limit(2)).all()
    return _read(found[0]) if len(found) == 1 else None


def find(conn: sa.Connection) -> list[Person]:
    """Return all people by name."""
    return [_read(row) for row in conn.execute(_SELECT.order_by(UserRow.name))]


def anybody(conn: sa.Connection) -> bool:
    """Tell whether there is any person yet, those of the demo left aside."""
    real = sa.select(UserRow.id).where(UserRow.demo == sa.false()).limit(1)
    return conn.scalar(real) is not None


def add_person(
    conn: sa.Connection,
    name: str,
    roles: Sequence[str],
    now: datetime,
    *,
    first: bool = False,
    regions: Sequence[str] = (),
    display_name: str = "",
    demo: bool = False,
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
        "display_name": display_name,
        "demo": demo,
    }
    if first and conn.scalar(sa.select(UserRow.id).where(UserRow.first_admin == sa.true())) is not None:
        return None
    return row_id if add_new(conn, UserRow, ["name"], values) else None


def deactivate(conn: sa.Connection, person_id: str, now: datetime) -> bool:
    """Shut a person out in every process at once: sessions, tokens and links end; False where that was so before."""
    conn.execute(
        sa.update(LinkRow).where(LinkRow.person_id == person_id, LinkRow.used_at.is_(None)).values(used_at=now)
    )
    changed = _set(conn, person_id, UserRow.active == sa.true(), active=False)
    end_all(conn, person_id)
    return changed


def reactivate(conn: sa.Connection, person_id: str) -> bool:
    """Let a person sign in again, with the password they had; False where they could already."""
    return _set(conn, person_id, UserRow.active == sa.false(), active=True)


def set_roles(conn: sa.Connection, person_id: str, roles: Sequence[str], regions: Sequence[str]) -> None:
    """Change what a person may do; what they are signed in with ends."""
    _set(conn, person_id, roles=list(roles), regions=list(regions))
    end_all(conn, person_id)


def set_password(conn: sa.Connection, person_id: str, password_hash: str) -> None:
    """Set a password; what the person is signed in with ends."""
    _set(conn, person_id, password_hash=password_hash)
    end_all(conn, person_id)


def set_contact(
    conn: sa.Connection, vault: Vault, person_id: str, *, display_name: str, mail: str = "", phone: str = ""
) -> None:
    """Write how a person is called and reached; "" for nothing."""
    _set(
        conn,
        person_id,
        display_name=display_name,
        mail=vault.seal(MAIL, person_id, mail) if mail else None,
        mail_index=_mail_index(vault, mail) if mail else None,
        phone=vault.seal(PHONE, person_id, phone) if phone else None,
    )


def set_language(conn: sa.Connection, person_id: str, language: str) -> None:
    """Remember the language a person reads."""
    _set(conn, person_id, language=language)


def entered(conn: sa.Connection, person_id: str, now: datetime) -> None:
    """Remember when a person last signed in."""
    _set(conn, person_id, entered_at=now)


def end_all(conn: sa.Connection, person_id: str) -> int:
    """End all sessions and tokens of a person and return their new epoch: what carries an older one holds no more."""
    moved = sa.update(UserRow).where(UserRow.id == person_id).values(auth_epoch=UserRow.auth_epoch + 1)
    epoch = conn.execute(moved.returning(UserRow.auth_epoch)).scalar_one_or_none()
    conn.execute(sa.delete(SessionRow).where(SessionRow.person_id == person_id))
    conn.execute(sa.delete(TokenRow).where(TokenRow.owner == person_id))
    return int(epoch or 0)


def add_link(conn: sa.Connection, person_id: str, plain: str, now: datetime, purpose: Purpose = "first") -> None:
    """Keep a one-time link; earlier ones of the person end."""
    life = RESET_LIFE if purpose == "reset" else LINK_LIFE
    conn.execute(sa.delete(LinkRow).where(LinkRow.person_id == person_id))
    values = {"secret_hash": hashed(plain), "person_id": person_id, "expires_at": now + life, "purpose": purpose}
    conn.execute(sa.insert(LinkRow).values(**values))


def link_person(conn: sa.Connection, plain: str, now: datetime) -> Person | None:
    """Return whose unused, unexpired link this is."""
    person_id = conn.scalar(
        sa.select(LinkRow.person_id).where(
            LinkRow.secret_hash == hashed(plain), LinkRow.used_at.is_(None), LinkRow.expires_at > now
        )
    )
    found = get(conn, person_id) if person_id else None
    return found if found and found.active else None


def use_link(conn: sa.Connection, plain: str, now: datetime) -> bool:
    """Use up a link; False where somebody was faster."""
    used = sa.update(LinkRow).where(LinkRow.secret_hash == hashed(plain), LinkRow.used_at.is_(None)).values(used_at=now)
    return bool(conn.execute(used).rowcount)


def sweep_links(conn: sa.Connection, now: datetime) -> int:
    """Forget links that hold no more."""
    return conn.execute(sa.delete(LinkRow).where(LinkRow.expires_at <= now)).rowcount


_COLUMNS: Final = tuple(UserRow.__table__.c[name] for name in Person.__slots__)
_SELECT: Final = sa.select(*_COLUMNS)


def _person(conn: sa.Connection, where: sa.ColumnElement[bool]) -> Person | None:
    row = conn.execute(_SELECT.where(where)).one_or_none()
    return _read(row) if row else None


def _read(row: Any) -> Person:
    values: Mapping[str, Any] = row._mapping
    return Person(**{**values, "roles": tuple(values["roles"]), "regions": tuple(values["regions"])})


def _set(conn: sa.Connection, person_id: str, *where: sa.ColumnElement[bool], **values: Any) -> bool:
    changed = sa.update(UserRow).where(UserRow.id == person_id, *where).values(**values)
    return bool(conn.execute(changed).rowcount)


def _mail_index(vault: Vault, mail: str) -> str:
    return vault.blind(MAIL, mail.strip().casefold())
