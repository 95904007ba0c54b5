"""Connections: base URL, allowed hosts and secrets of outside systems, sealed as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from ordain.base import json
from ordain.store.epoch import advance
from ordain.store.tables.definitions import ConnectionRow
from ordain.store.vault import Vault

_PLACE = "connection.secrets"
KEPT = "••••••"  # what a form shows for a secret, and posts back where it is to stay


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an outside system is; `secrets` never leave the process unmasked."""

    name: str
    base_url: str
    hosts: tuple[str, ...]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def get(conn: sa.Connection, vault: Vault, name: str) -> Connection | None:
    """Return a connection with its secrets."""
    table = ConnectionRow.__table__
    row = conn.execute(sa.select(table).where(table.c.name == name)).mappings().one_or_none()
    if row is None:
        return None
    secrets = json.loads(vault.open(_PLACE, name, row["secrets"]))
    return Connection(name, row["base_url"], tuple(row["hosts"]), secrets)


def names(conn: sa.Connection) -> list[str]:
    """Return the names of all connections."""
    return list(conn.scalars(sa.select(ConnectionRow.name).order_by(ConnectionRow.name)))


def put(conn: sa.Connection, vault: Vault, made: Connection, now: datetime) -> None:
    """Write a connection; secrets posted back masked keep what they were. Every process follows."""
    before = get(conn, vault, made.name)
    old = before.secrets if before else {}
    secrets = {name: old.get(name, "") if value == KEPT else value for name, value in made.secrets.items()}
    sealed = vault.seal(_PLACE, made.name, json.dumps(secrets).decode())
    values = {"base_url": made.base_url, "hosts": list(made.hosts), "secrets": sealed, "updated_at": now}
    if before is None:
        conn.execute(sa.insert(ConnectionRow).values(name=made.name, **values))
    else:
        conn.execute(sa.update(ConnectionRow).where(ConnectionRow.name == made.name).values(**values))
    advance(conn)
