"""The keyring of an installation: the key file opens the data keys in the database."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ordain.store import data_keys, key_file
from ordain.store.data_keys import WRAPPED, DataKey
from ordain.store.database import Database
from ordain.store.key_file import KeyFile, kek_id
from ordain.store.vault import Keys, Vault, VaultError

_CURRENT: Final = "SELECT kid FROM data_key WHERE state = 'current'"
_HOLDS: Final = "SELECT kid FROM data_key WHERE kid = ? AND state <> 'retired'"


class FileKeyring:
    """Answers a vault's questions for keys. It reads the key file again where a data key is wrapped by another one."""

    def __init__(self, db: Database, path: Path, file: KeyFile) -> None:
        self._db = db
        self._path = path
        self.file = file

    def current(self) -> str:
        """Return the id of the key that seals today."""
        row = self._db.glance(_CURRENT, ())
        return row[0] if row is not None else self.file.current

    def holds(self, kid: str) -> bool:
        """Tell whether there is a key of this id."""
        return kid in self.file.data or self._db.glance(_HOLDS, (kid,)) is not None

    def load(self) -> Keys:
        """Return all keys that open as they are now; of those that do not, the log tells."""
        with self._db.read() as conn:
            known = data_keys.known(conn)
        return self.keys(known)

    def keys(self, known: Sequence[DataKey]) -> Keys:
        """Return these data keys, open, and those of an older key file."""
        live = [key for key in known if key.wrapped]
        if any(wrapper(key) not in self.file.keks for key in live):
            self.file = key_file.load(self._path)
        gone = {key.kid for key in known if key.state == "retired"}
        data = {kid: raw for kid, raw in self.file.data.items() if kid not in gone}
        for key in live:
            try:
                data[key.kid] = self.unwrap(key)
            except VaultError:
                continue
        current = next((key.kid for key in known if key.state == "current"), self.file.current)
        return Keys(current, data, self.file.index)

    def unwrap(self, key: DataKey) -> bytes:
        """Return an open data key; VaultError where the key file does not open it."""
        return base64.b64decode(_cipher(self.file).open(WRAPPED, key.kid, key.wrapped or ""))

    def wrap(self, kid: str, raw: bytes) -> str:
        """Return a data key wrapped by today's key-encryption key."""
        return wrap(self.file, kid, raw)


def wrap(file: KeyFile, kid: str, raw: bytes) -> str:
    """Return a data key wrapped by the key-encryption key of a key file."""
    return _cipher(file).seal(WRAPPED, kid, base64.b64encode(raw).decode())


def wrapper(key: DataKey) -> str:
    """Return the id of the key-encryption key that wraps a data key."""
    return (key.wrapped or "..").split(".")[1]


def is_used(db: Database) -> bool:
    """Tell whether a database holds anything that only its own keys open."""
    with db.read() as conn:
        there = sa.inspect(conn).get_table_names()
        held = [name for name in ("data_key", "connection", "message", "orders") if name in there]
        return any(conn.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() for name in held)


def _cipher(file: KeyFile) -> Vault:
    return Vault(Keys(kek_id(file.kek), file.keks, file.index))
