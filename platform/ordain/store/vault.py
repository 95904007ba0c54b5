"""Protected values: AES-256-GCM with key ids, and blind indexes for exact search.

A sealed value is `v1.<key id>.<nonce>.<ciphertext>`; the place ("orders.phone") and the row's id are bound
into it, so that a value moved to another row or column does not open. The keys lie in a file outside the
database: a stolen database reads nothing.
"""

import base64
import hashlib
import hmac
import os
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ordain.base import json

_PLAIN: Final = b"\x00"
_PACKED: Final = b"\x01"
_PACK_FROM: Final = 512  # shorter texts do not shrink enough to pay for it


class VaultError(Exception):
    """A sealed value does not open: wrong or missing key, or it was tampered with."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The key file's content: data keys by id, which one seals today, the index key, the key that seals the audit."""

    current: str
    data: Mapping[str, bytes]
    index: bytes
    seal: bytes = b""

    @property
    def audit(self) -> bytes:
        """The key that seals the audit; derived where the file is from before there was one."""
        return self.seal or hmac.digest(self.index, b"ordain audit seal", "sha256")


class Vault:
    """Seals and opens protected values with the keys of one installation."""

    def __init__(self, keys: Keys) -> None:
        self._current = keys.current
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.data.items()}
        self._index = keys.index

    def seal(self, place: str, row: str, text: str) -> str:
        """Return `text` sealed for one row of one column."""
        raw = text.encode()
        packed = _PACKED + zlib.compress(raw, 1) if len(raw) >= _PACK_FROM else _PLAIN + raw
        nonce = os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, packed, f"{place}|{row}".encode())
        return f"v1.{self._current}.{_encode(nonce)}.{_encode(sealed)}"

    def open(self, place: str, row: str, sealed: str) -> str:
        """Return the text that was sealed for this very row and column; VaultError for anything else."""
        try:
            version, kid, nonce, ciphertext = sealed.split(".")
            if version != "v1":
                raise VaultError("unknown form of sealed value")
            packed = self._ciphers[kid].decrypt(_decode(nonce), _decode(ciphertext), f"{place}|{row}".encode())
        except KeyError:
            raise VaultError(f"the key {kid} is not in the key file") from None
        except (ValueError, InvalidTag):
            raise VaultError(f"the value in {place} does not open") from None
        return (zlib.decompress(packed[1:]) if packed[:1] == _PACKED else packed[1:]).decode()

    def seal_bytes(self, place: str, row: str, raw: bytes) -> bytes:
        """Return a piece of a file sealed for one row of one column: key id, nonce and ciphertext."""
        kid, nonce = self._current.encode(), os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, zlib.compress(raw, 1), f"{place}|{row}".encode())
        return bytes([len(kid)]) + kid + nonce + sealed

    def open_bytes(self, place: str, row: str, sealed: bytes) -> bytes:
        """Return the piece that was sealed for this very row and column; VaultError for anything else."""
        length = sealed[0] + 1 if sealed else 0
        kid, nonce, rest = (
            sealed[1:length].decode("ascii", "replace"),
            sealed[length : length + 12],
            sealed[length + 12 :],
        )
        if kid not in self._ciphers:
            raise VaultError(f"the key {kid} is not in the key file")
        try:
            return zlib.decompress(self._ciphers[kid].decrypt(nonce, rest, f"{place}|{row}".encode()))
        except (ValueError, InvalidTag):
            raise VaultError(f"the piece in {place} does not open") from None

    def blind(self, place: str, normalised: str) -> str:
        """Return the blind index of a value: equal values in one place give equal indexes, and nothing more."""
        return hmac.new(self._index, f"{place}|{normalised}".encode(), hashlib.sha256).hexdigest()[:32]


def load_keys(path: Path) -> Keys:
    """Read the key file; VaultError where it is missing or no key file."""
    try:
        stored = json.loads(path.read_bytes())
        data = {kid: base64.b64decode(key) for kid, key in stored["keys"].items()}
        keys = Keys(
            stored["current"], data, base64.b64decode(stored["index"]), base64.b64decode(stored.get("audit", ""))
        )
    except FileNotFoundError:
        raise VaultError(f"the key file {path} is missing") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VaultError(f"{path} is not a key file") from None
    if keys.current not in data or any(len(key) != 32 for key in (*data.values(), keys.index, keys.audit)):
        raise VaultError(f"{path} holds no usable keys")
    return keys


def make_keys(path: Path) -> Keys:
    """Write a new key file for its owner's eyes only, unless one is there; return its keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kid = secrets.token_hex(4)
    stored = {"current": kid, "keys": {kid: _fresh()}, "index": _fresh(), "audit": _fresh()}
    temporary = path.with_suffix(f".{kid}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(stored))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails where another process was first
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return load_keys(path)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
