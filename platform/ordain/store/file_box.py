"""The content of files on the disk: sealed, under names of our own, written whole or not at all.

Each file has a key of its own, which the vault seals in the file's row: data keys rotate without touching a file, and
a file whose row is gone opens for nobody.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PART: Final = ".part"
_SMALL: Final = ".small"


class FileLost(Exception):
    """The content of a file is not there, or not as it was kept."""


def new_key() -> bytes:
    """Return a key for a file."""
    return AESGCM.generate_key(256)


def put(box: Path, file_id: str, key: bytes, content: bytes, small: bytes = b"") -> None:
    """Write a file, and the small picture beside it, whole or not at all."""
    for name, raw in ((file_id, content), (file_id + _SMALL, small)):
        if raw:
            _write(_place(box, name), _sealed(key, name, raw))


def get(box: Path, file_id: str, key: bytes, *, small: bool = False) -> bytes:
    """Return the content of a file, or the small picture beside it; FileLost where it is not as it was kept."""
    name = file_id + _SMALL if small else file_id
    try:
        sealed = _place(box, name).read_bytes()
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], name.encode())
    except (OSError, InvalidTag, ValueError):
        raise FileLost(file_id) from None


def drop(box: Path, file_id: str) -> None:
    """Remove what stands of a file."""
    for name in (file_id, file_id + _SMALL):
        _place(box, name).unlink(missing_ok=True)


def old(box: Path, age: float) -> Iterator[str]:
    """Yield the ids of the files that were written longer ago than `age` seconds; half-written ones are removed."""
    before = time.time() - age
    for path in sorted(box.glob("*/*")):
        if path.stat().st_mtime > before:
            continue
        if path.name.endswith(_PART):
            path.unlink(missing_ok=True)
        elif not path.name.endswith(_SMALL):
            yield path.name


def _place(box: Path, name: str) -> Path:
    file_id = name.removesuffix(_SMALL)
    if len(file_id) != 32 or not file_id.isalnum():
        raise ValueError("no id of a file")
    return box / file_id[-2:] / name


def _sealed(key: bytes, name: str, raw: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, raw, name.encode())


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + _PART)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 the mode is set at birth
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
