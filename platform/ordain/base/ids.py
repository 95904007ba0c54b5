"""Identifiers: opaque, time-ordered, never a secret; and the shape of definition keys."""

import re
from collections.abc import Callable

import uuid_utils

NewId = Callable[[], str]
KEY_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_KEY = re.compile(KEY_PATTERN)


def new_id() -> str:
    """Return a fresh time-ordered id: 32 hexadecimal characters of a UUIDv7."""
    return uuid_utils.uuid7().hex


def is_key(text: str) -> bool:
    """Tell whether `text` is a definition key: kebab-case, at most 64 characters."""
    return len(text) <= 64 and _KEY.match(text) is not None
