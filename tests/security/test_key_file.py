import base64
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.base.errors import Refused
from ordain.store import key_file

FRESH = base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def codes(path: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        key_file.load(path)
    for found in refused.value.problems:  # where, what, and the way on, in both languages
        assert found.path
        assert str(path) in found.message.zh
        assert str(path) in found.message.en
    return [found.code for found in refused.value.problems]


def stored(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    key_file.make(path)
    content = json.loads(path.read_bytes())
    change(content)
    path.write_bytes(json.dumps(content))


def test_a_key_file_is_made_once_for_its_owner_alone(path: Path) -> None:
    made = key_file.make(path)
    assert key_file.make(path) == made == key_file.load(path)
    assert path.stat().st_mode & 0o077 == 0


def test_a_key_file_that_is_not_there_is_told(path: Path) -> None:
    assert codes(path) == ["key_file_missing"]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"kek": 1}', '{"kek": "%%", "index": "", "audit": ""}'])
def test_a_file_that_is_no_key_file_is_told(path: Path, content: str) -> None:
    path.touch(0o600)
    path.write_text(content)
    assert codes(path) == ["key_file_broken"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_may_read_is_told(path: Path, mode: int) -> None:
    key_file.make(path)
    path.chmod(mode)
    assert codes(path) == ["key_file_exposed"]


@pytest.mark.parametrize(
    "key",
    [
        bytes(32), b"k" * 32, bytes(range(32)), bytes(range(32, 0, -1)), b"change-me-change-me-change-me-32",
        b"correct horse battery staple 123", b"\x01\x02\x03\x04" * 8,
    ],
)  # fmt: skip
def test_a_key_that_is_not_random_is_told(path: Path, key: bytes) -> None:
    stored(path, lambda content: content.update(kek=base64.b64encode(key).decode()))
    assert codes(path) == ["key_weak"]


def test_random_keys_are_not_taken_for_weak_ones() -> None:
    assert not any(key_file.is_weak(secrets.token_bytes(32)) for _ in range(20_000))


def test_a_key_that_is_too_short_and_keys_that_are_the_same_are_told(path: Path) -> None:
    stored(path, lambda content: content.update(index=base64.b64encode(secrets.token_bytes(16)).decode()))
    assert codes(path) == ["key_length"]
    path.unlink()
    stored(path, lambda content: content.update(index=content["kek"]))
    assert codes(path) == ["key_twice"]


def test_two_machines_with_a_copy_of_an_older_file_find_the_same_keys(path: Path, tmp_path: Path) -> None:
    content = {"current": "ab12", "keys": {"ab12": FRESH}, "index": base64.b64encode(secrets.token_bytes(32)).decode()}
    other = tmp_path / "other.json"
    for file in (path, other):
        file.touch(0o600)
        file.write_bytes(json.dumps(content))
    found = key_file.load(path)
    assert found == key_file.load(other)
    assert found.old
    assert found.current == "ab12"
    assert found.data == {"ab12": base64.b64decode(FRESH)}
    key_file.write(path, found)
    again = key_file.load(path)
    assert (again.kek, again.index, again.audit, again.data) == (found.kek, found.index, found.audit, found.data)
