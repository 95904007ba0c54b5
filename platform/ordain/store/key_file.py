"""The key file: the key-encryption key, the index key and the audit's key, outside the database.

The data keys stand in the database, wrapped by the key-encryption key: without this file they open nothing. Files
from before there was one hold the data keys themselves; they are read as ever, and the key-encryption key follows
from their index key, so that every machine with a copy finds the same one.
"""

import base64
import binascii
import hashlib
import hmac
import itertools
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem

_LENGTH: Final = 32
_DISTINCT: Final = 16  # of 32 random bytes nearly all differ; fewer than this never happens by chance


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file holds: `kek` wraps data keys, `before` is the one before it, `data` those of an older file."""

    kek: bytes
    index: bytes
    audit: bytes
    before: bytes | None = None
    data: Mapping[str, bytes] = field(default_factory=dict)
    current: str = ""  # of the data keys of an older file
    old: bool = False

    @property
    def keks(self) -> dict[str, bytes]:
        """The key-encryption keys by id, today's first."""
        return {kek_id(key): key for key in (self.kek, self.before) if key}


def kek_id(key: bytes) -> str:
    """Return what a key-encryption key is called."""
    return hashlib.sha256(b"ordain key-encryption key" + key).hexdigest()[:8]


def load(path: Path) -> KeyFile:
    """Return the content of the key file; Refused with everything that is wrong with it."""
    try:
        stored = json.loads(path.read_bytes())
        found = _read(stored)
    except FileNotFoundError:
        raise Refused([missing(path)]) from None
    except PermissionError:
        zh, en = (
            f"无权读取密钥文件 {path}，请改为由本程序的用户拥有",
            f"{path} may not be read; let the user own it that runs this",
        )
        raise Refused([problem("ORDAIN_KEY_FILE", "key_file_denied", zh, en)]) from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        zh, en = (
            f"{path} 不是密钥文件，请恢复备份的密钥文件",
            f"{path} is no key file; bring back the key file from your backup",
        )
        raise Refused([problem("ORDAIN_KEY_FILE", "key_file_broken", zh, en)]) from None
    faults = [*_exposed(path), *_weak(path, found)]
    if faults:
        raise Refused(faults)
    return found


def make(path: Path) -> KeyFile:
    """Write a new key file for its owner's eyes only, unless one is there; return what it holds."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, KeyFile(fresh(), fresh(), fresh()), replace=False)
    return load(path)


def write(path: Path, made: KeyFile) -> None:
    """Write a key file in place of the one there; whoever reads meanwhile reads one or the other, whole."""
    _put(path, made, replace=True)


def missing(path: Path) -> Problem:
    """Return that the key file is not there."""
    zh = f"密钥文件 {path} 不存在。请从备份恢复；没有它，受保护的数据无法打开"
    en = f"the key file {path} is missing. Bring it back from your backup: without it protected data does not open"
    return problem("ORDAIN_KEY_FILE", "key_file_missing", zh, en)


def _read(stored: Mapping[str, Any]) -> KeyFile:
    index = _key(stored["index"])
    if "kek" in stored:
        before = _key(stored["before"]) if "before" in stored else None
        data = {str(kid): _key(key) for kid, key in stored.get("data", {}).items()}
        return KeyFile(_key(stored["kek"]), index, _key(stored["audit"]), before, data, str(stored.get("current", "")))
    data = {str(kid): _key(key) for kid, key in stored["keys"].items()}
    if stored["current"] not in data:
        raise ValueError("the current key is not there")
    audit = _key(stored["audit"]) if stored.get("audit") else hmac.digest(index, b"ordain audit seal", "sha256")
    kek = hmac.digest(index, b"ordain key-encryption key", "sha256")
    return KeyFile(kek, index, audit, None, data, str(stored["current"]), old=True)


def _exposed(path: Path) -> Iterator[Problem]:
    mode = path.stat().st_mode & 0o077
    if mode and os.name != "nt":
        zh = f"其他用户可访问密钥文件 {path}，请执行：chmod 600 {path}"
        yield problem("ORDAIN_KEY_FILE", "key_file_exposed", zh, f"others may reach {path}: chmod 600 {path}")


def _weak(path: Path, found: KeyFile) -> Iterator[Problem]:
    """Yield each key that is too short, that somebody typed or that is well known, and keys that are the same."""
    named = {"kek": found.kek, "index": found.index, "audit": found.audit}
    named |= {"before": found.before} if found.before else {}
    named |= {f"data.{kid}": key for kid, key in found.data.items()}
    seen: dict[bytes, str] = {}
    for name, key in named.items():
        if len(key) != _LENGTH:
            zh, en = (
                f"{path} 中的密钥 {name} 长度应为 32 字节",
                f"the key {name} in {path} has {len(key)} bytes, not 32",
            )
            yield problem(name, "key_length", f"{zh}，请恢复备份", f"{en}; bring back your backup")
        elif is_weak(key):
            zh = f"{path} 中的密钥 {name} 不是随机生成的，请恢复备份；新安装请删除该文件后重新生成"
            en = (
                f"the key {name} in {path} is not random: bring back your backup; on a new installation remove the file"
            )
            yield problem(name, "key_weak", zh, en)
        if key in seen:
            zh, en = (
                f"{path} 中的密钥 {name} 与 {seen[key]} 相同",
                f"the keys {seen[key]} and {name} in {path} are the same",
            )
            yield problem(name, "key_twice", f"{zh}，请恢复备份", f"{en}; bring back your backup")
        seen.setdefault(key, name)


def is_weak(key: bytes) -> bool:
    """Tell whether a key was typed, counted or repeated rather than drawn at random."""
    steps = {(after - before) % 256 for before, after in itertools.pairwise(key)}
    return len(set(key)) < _DISTINCT or len(steps) < _DISTINCT // 2 or all(0x20 <= byte < 0x7F for byte in key)


def _put(path: Path, made: KeyFile, *, replace: bool) -> None:
    stored: dict[str, Any] = {
        "version": 2,
        "kek": _text(made.kek),
        "index": _text(made.index),
        "audit": _text(made.audit),
    }
    if made.before:
        stored["before"] = _text(made.before)
    if made.data:
        stored |= {"data": {kid: _text(key) for kid, key in made.data.items()}, "current": made.current}
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(stored))
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # fails where another process was first
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)


def fresh() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(_LENGTH)


def _key(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
