"""Passwords: how they are kept and checked, and how one is changed, or set anew by a link to the mail."""

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ordain.base.errors import Problem, problem

LEAST_LENGTH: Final = 10
_MOST_LENGTH: Final = 256
_TURNS: Final = threading.BoundedSemaphore(2)  # each check of a password takes 64 MB


def weak(password: str, name: str = "") -> list[Problem]:
    """Return why a password is not good enough; [] where it is."""
    if not LEAST_LENGTH <= len(password) <= _MOST_LENGTH:
        return [
            problem(
                "password",
                "length",
                f"密码需 {LEAST_LENGTH} 到 {_MOST_LENGTH} 个字符",
                f"The password needs {LEAST_LENGTH} to {_MOST_LENGTH} characters",
            )
        ]
    if len(set(password)) < 4 or (name and name.lower() in password.lower() and len(password) < len(name) + 8):
        return [problem("password", "too_simple", "密码过于简单", "The password is too simple; use more characters")]
    return []


def keep(password: str) -> str:
    """Return the form a password is kept in."""
    with _TURNS:
        return _hasher().hash(password)


def keep_lightly(password: str) -> str:
    """Return the form of a password that is a random key itself, which needs no slow hash."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)


def matches(stored: str, password: str) -> bool:
    """Tell whether a password is the kept one; takes as long where there is none, and is False then."""
    try:
        with _TURNS:
            same = _hasher().verify(stored or _dummy(), password[:_MOST_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored) and same


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy() -> str:
    return _hasher().hash("nobody has this password")
