"""Second factors in the database: sealed seeds, the step last taken, recovery codes and codes sent to a phone."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ordain.store.people import hashed
from ordain.store.tables.people import FactorRow, PhoneCodeRow, RecoveryRow
from ordain.store.vault import Vault

SEED: Final = "second_factor.seed"
RECOVERY_CODES: Final = 10
CODE_LIFE: Final = timedelta(minutes=5)
CODE_EVERY: Final = timedelta(seconds=60)
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's second factor; `seed` stands sealed, None where codes come by phone alone."""

    person_id: str
    seed: str | None
    by_phone: bool
    confirmed_at: datetime | None


def get(conn: sa.Connection, person_id: str) -> Factor | None:
    """Return a person's second factor, confirmed or not."""
    columns = [FactorRow.__table__.c[name] for name in Factor.__slots__]
    row = conn.execute(sa.select(*columns).where(FactorRow.person_id == person_id)).one_or_none()
    return Factor(*row) if row else None


def confirmed(conn: sa.Connection, person_id: str) -> Factor | None:
    """Return the second factor a person has to sign in with."""
    found = get(conn, person_id)
    return found if found and found.confirmed_at else None


def holders(conn: sa.Connection) -> frozenset[str]:
    """Return the ids of all people who have a second factor."""
    return frozenset(conn.scalars(sa.select(FactorRow.person_id).where(FactorRow.confirmed_at.is_not(None))))


def begin(conn: sa.Connection, vault: Vault, person_id: str, seed: str, now: datetime) -> None:
    """Keep a seed that is to be confirmed; an earlier one that never was is forgotten."""
    conn.execute(sa.delete(FactorRow).where(FactorRow.person_id == person_id, FactorRow.confirmed_at.is_(None)))
    sealed = vault.seal(SEED, person_id, seed)
    values = {"person_id": person_id, "seed": sealed, "last_step": 0, "by_phone": False, "made_at": now}
    conn.execute(sa.insert(FactorRow).values(**values, confirmed_at=None))


def confirm(conn: sa.Connection, person_id: str, now: datetime) -> None:
    """Make the second factor count from now on."""
    conn.execute(sa.update(FactorRow).where(FactorRow.person_id == person_id).values(confirmed_at=now))


def take_step(conn: sa.Connection, person_id: str, step: int) -> bool:
    """Use up a step of the clock; False where it, or a later one, was used before."""
    taken = sa.update(FactorRow).where(FactorRow.person_id == person_id, FactorRow.last_step < step)
    return bool(conn.execute(taken.values(last_step=step)).rowcount)


def set_by_phone(conn: sa.Connection, person_id: str, *, on: bool) -> None:
    """Let codes to the phone stand in for the app, or no longer."""
    conn.execute(sa.update(FactorRow).where(FactorRow.person_id == person_id).values(by_phone=on))


def drop(conn: sa.Connection, person_id: str) -> bool:
    """Forget a second factor with all its codes; False where there was none."""
    for table in (RecoveryRow, PhoneCodeRow):
        conn.execute(sa.delete(table).where(table.person_id == person_id))
    return bool(conn.execute(sa.delete(FactorRow).where(FactorRow.person_id == person_id)).rowcount)


def new_recovery_codes(conn: sa.Connection, person_id: str) -> Sequence[str]:
    """Replace a person's recovery codes and return the new ones, this once."""
    made = [_recovery_code() for _ in range(RECOVERY_CODES)]
    conn.execute(sa.delete(RecoveryRow).where(RecoveryRow.person_id == person_id))
    rows = [{"code_hash": _recovery_hash(person_id, code), "person_id": person_id, "used_at": None} for code in made]
    conn.execute(sa.insert(RecoveryRow), rows)
    return made


def use_recovery_code(conn: sa.Connection, person_id: str, code: str, now: datetime) -> bool:
    """Use up a recovery code; False where it is none, or was used before."""
    row = RecoveryRow
    used = sa.update(row).where(
        row.code_hash == _recovery_hash(person_id, code), row.person_id == person_id, row.used_at.is_(None)
    )
    return bool(conn.execute(used.values(used_at=now)).rowcount)


def recovery_left(conn: sa.Connection, person_id: str) -> int:
    """Return how many recovery codes still work."""
    row = RecoveryRow
    left = sa.select(sa.func.count()).select_from(row).where(row.person_id == person_id, row.used_at.is_(None))
    return conn.scalar(left) or 0


def new_phone_code(conn: sa.Connection, vault: Vault, person_id: str, now: datetime) -> str | None:
    """Replace the code to a phone and return the new one; None where one was sent less than a minute ago."""
    row = PhoneCodeRow
    recent = sa.select(row.person_id).where(row.person_id == person_id, row.sent_at > now - CODE_EVERY)
    if conn.scalar(recent) is not None:
        return None
    code = f"{secrets.randbelow(1_000_000):06d}"
    conn.execute(sa.delete(row).where(row.person_id == person_id))
    values = {"person_id": person_id, "code_hash": _phone_hash(vault, person_id, code), "sent_at": now}
    conn.execute(sa.insert(row).values(**values, expires_at=now + CODE_LIFE))
    return code


def use_phone_code(conn: sa.Connection, vault: Vault, person_id: str, code: str, now: datetime) -> bool:
    """Use up the code that was sent to a phone; False where it is another, or too old."""
    row = PhoneCodeRow
    right = (row.person_id == person_id, row.code_hash == _phone_hash(vault, person_id, code), row.expires_at > now)
    # Kept until a minute has passed, so that using a code does not let the next one be asked for at once.
    return bool(conn.execute(sa.update(row).where(*right).values(expires_at=now)).rowcount)


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def _recovery_hash(person_id: str, code: str) -> str:
    return hashed(f"recovery|{person_id}|{''.join(code.lower().replace('-', '').split())}")


def _phone_hash(vault: Vault, person_id: str, code: str) -> str:
    """Return the kept form: so few digits need a key, or the database alone would tell them."""
    return vault.blind("phone_code", f"{person_id}|{code}")
