"""Protected values: AES-256-GCM with key ids, and blind indexes for exact search.

A sealed value is `v1.<key id>.<nonce>.<ciphertext>`; the place ("orders.phone") and the row's id are bound
into it, so that a value moved to another row or column does not open. Where the keys come from and which one
seals today is the keyring's business: `store/keyring.py`.
"""

import base64
import hashlib
import hmac
import os
import threading
import time
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ordain.base import json

SEALED: Final = "v1."  # what every sealed text begins with
_PLAIN: Final = b"\x00"
_PACKED: Final = b"\x01"
_PACK_FROM: Final = 512  # shorter texts do not shrink enough to pay for it
_JSON: Final = "\x00json:"  # what is sealed and no text
_FRESH: Final = 1.0  # seconds for which a process seals with the key it knows
_KEPT: Final = 1_000  # failures remembered until somebody raises the alarm
_log = structlog.get_logger("ordain.vault")


class VaultError(Exception):
    """A sealed value does not open: wrong or missing key, or it was tampered with."""


class Unopened(str):
    """What people are shown in place of a value that does not open; `sealed` is what stands there, to be kept."""

    __slots__ = ("sealed",)
    TEXT: Final = "⚠ 无法打开 · cannot be opened"
    sealed: str

    @classmethod
    def of(cls, sealed: str) -> "Unopened":
        """Return what stands in for a value."""
        made = cls(cls.TEXT)
        made.sealed = sealed
        return made


@dataclass(frozen=True, slots=True)
class Keys:
    """Open keys: data keys by id, which one seals today, the index key."""

    current: str
    data: Mapping[str, bytes]
    index: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """A value that did not open: where, of which row, and why."""

    place: str
    row: str
    why: str


class Keyring(Protocol):
    """Where a vault asks for keys while it works."""

    def current(self) -> str:
        """Return the id of the key that seals today."""

    def holds(self, kid: str) -> bool:
        """Tell whether there is a key of this id."""

    def load(self) -> Keys:
        """Return all keys as they are now."""


class Vault:
    """Seals and opens protected values with the keys of one installation.

    With a keyring it notices within a second that another key seals, and asks for a key that it does not know.
    """

    def __init__(self, keys: Keys, ring: Keyring | None = None) -> None:
        self._index = keys.index
        self._ring = ring
        self._held: tuple[str, dict[str, AESGCM]] = "", {}
        self._due = 0.0
        self._lock = threading.Lock()
        self._failures: deque[Failure] = deque(maxlen=_KEPT)
        self._take(keys)

    @property
    def ring(self) -> Keyring | None:
        """Where the keys come from; None where they are given and stay."""
        return self._ring

    @property
    def current(self) -> str:
        """The id of the key that seals now."""
        return self._sealing()[0]

    def look(self) -> None:
        """Take the keys as they are now."""
        if self._ring is not None:
            self._take(self._ring.load())
            self._due = time.monotonic() + _FRESH

    def seal(self, place: str, row: str, text: str) -> str:
        """Return `text` sealed for one row of one column."""
        raw = text.encode()
        return self._seal(place, row, _PACKED + zlib.compress(raw, 1) if len(raw) >= _PACK_FROM else _PLAIN + raw)

    def open(self, place: str, row: str, sealed: str) -> str:
        """Return the text that was sealed for this very row and column; VaultError for anything else."""
        packed = self._open(place, row, sealed)
        return (zlib.decompress(packed[1:]) if packed[:1] == _PACKED else packed[1:]).decode()

    def show(self, place: str, row: str, sealed: str | None) -> str:
        """Return the text for people to see: "" for none, `Unopened` for what does not open."""
        if sealed is None:
            return ""
        try:
            return self.open(place, row, sealed)
        except VaultError:
            return Unopened.of(sealed)

    def reach(self, place: str, row: str, sealed: str | None) -> str:
        """Return an address to write to; "" for none, and for one that does not open."""
        text = self.show(place, row, sealed)
        return "" if isinstance(text, Unopened) else text

    def seal_value(self, place: str, row: str, value: Any) -> str:
        """Return any JSON value sealed for one row of one column."""
        return self.seal(place, row, value if isinstance(value, str) else _JSON + json.dumps(value).decode())

    def show_value(self, place: str, row: str, sealed: str) -> Any:
        """Return the value that was sealed for this very row and column; `Unopened` for what does not open."""
        text = self.show(place, row, sealed)
        return json.loads(text[len(_JSON) :]) if text.startswith(_JSON) else text

    def reseal(self, place: str, row: str, sealed: str) -> str:
        """Return the same value sealed with today's key."""
        return self._seal(place, row, self._open(place, row, sealed))

    def seal_bytes(self, place: str, row: str, raw: bytes) -> bytes:
        """Return a piece of a file sealed for one row of one column: key id, nonce and ciphertext."""
        return self._seal_bytes(place, row, zlib.compress(raw, 1))

    def open_bytes(self, place: str, row: str, sealed: bytes) -> bytes:
        """Return the piece that was sealed for this very row and column; VaultError for anything else."""
        return zlib.decompress(self._open_bytes(place, row, sealed))

    def reseal_bytes(self, place: str, row: str, sealed: bytes) -> bytes:
        """Return the same piece sealed with today's key."""
        return self._seal_bytes(place, row, self._open_bytes(place, row, sealed))

    def blind(self, place: str, normalised: str) -> str:
        """Return the blind index of a value: equal values in one place give equal indexes, and nothing more."""
        return hmac.new(self._index, f"{place}|{normalised}".encode(), hashlib.sha256).hexdigest()[:32]

    @property
    def has_failed(self) -> bool:
        """Whether something did not open since `failures` was asked."""
        return bool(self._failures)

    def failures(self) -> list[Failure]:
        """Return what did not open since this was asked the last time, each value once."""
        found: dict[Failure, None] = {}
        while self._failures:
            found[self._failures.popleft()] = None
        return list(found)

    def _take(self, keys: Keys) -> None:
        """Hold these keys, and those held before: what was read with one may still be in somebody's hands."""
        self._held = keys.current, {**self._held[1], **{kid: AESGCM(key) for kid, key in keys.data.items()}}

    def _sealing(self) -> tuple[str, AESGCM]:
        """Return today's key: what was known a second ago, or what the keyring says."""
        if self._ring is not None and time.monotonic() >= self._due:
            with self._lock:
                if self._ring.current() != self._held[0]:
                    self._take(self._ring.load())
                self._due = time.monotonic() + _FRESH
        current, ciphers = self._held
        if current not in ciphers:
            raise VaultError(
                f"the key {current} that seals does not open" if current else "there is no key to seal with"
            )
        return current, ciphers[current]

    def _cipher(self, kid: str) -> AESGCM:
        found = self._held[1].get(kid)
        if found is None and self._ring is not None and kid.isalnum() and kid.isascii() and self._ring.holds(kid):
            with self._lock:
                if kid not in self._held[1]:
                    self._take(self._ring.load())
            found = self._held[1].get(kid)
        if found is None:
            raise VaultError(f"the key {kid} is missing" if kid.isalnum() else "it names no key")
        return found

    def _seal(self, place: str, row: str, packed: bytes) -> str:
        kid, cipher = self._sealing()
        nonce = os.urandom(12)
        sealed = cipher.encrypt(nonce, packed, f"{place}|{row}".encode())
        return f"v1.{kid}.{_encode(nonce)}.{_encode(sealed)}"

    def _open(self, place: str, row: str, sealed: str) -> bytes:
        try:
            kid, nonce, ciphertext = _parts(sealed)
            return self._cipher(kid).decrypt(_decode(nonce), _decode(ciphertext), f"{place}|{row}".encode())
        except VaultError as error:
            raise self._failed(place, row, str(error)) from None
        except (ValueError, InvalidTag):
            raise self._failed(place, row, "it was changed, or is another row's") from None

    def _seal_bytes(self, place: str, row: str, packed: bytes) -> bytes:
        kid, cipher = self._sealing()
        nonce = os.urandom(12)
        return marked(kid) + nonce + cipher.encrypt(nonce, packed, f"{place}|{row}".encode())

    def _open_bytes(self, place: str, row: str, sealed: bytes) -> bytes:
        length = sealed[0] + 1 if sealed else 0
        kid, nonce, rest = sealed[1:length].decode("ascii", "replace"), sealed[length:][:12], sealed[length:][12:]
        try:
            return self._cipher(kid).decrypt(nonce, rest, f"{place}|{row}".encode())
        except VaultError as error:
            raise self._failed(place, row, str(error)) from None
        except (ValueError, InvalidTag):
            raise self._failed(place, row, "it was changed, or is another row's") from None

    def _failed(self, place: str, row: str, why: str) -> VaultError:
        """Write down what did not open, for the log at once and for the alarm that follows."""
        _log.error("a protected value does not open", subject=f"{place}:{row}", cause=why)
        self._failures.append(Failure(place, row, why))
        return VaultError(f"the value in {place} does not open: {why}")


def marked(kid: str) -> bytes:
    """Return what a sealed piece begins with."""
    return bytes([len(kid)]) + kid.encode()


def _parts(sealed: str) -> Sequence[str]:
    version, *parts = sealed.split(".")
    if version != "v1" or len(parts) != 3:
        raise ValueError("no sealed value")
    return parts


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Return the bytes of a text in the one way of writing them; ValueError for any other way."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(raw) != text:
        raise ValueError("not written as we write it")
    return raw
