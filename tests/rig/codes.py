"""The codes an authenticator app would show."""

import re
from datetime import datetime, timedelta

import pyotp


def code_at(seed: str, now: datetime, steps: int = 0) -> str:
    """Return the code of a seed at a time, `steps` half minutes later."""
    return pyotp.TOTP("".join(seed.split())).at(now + timedelta(seconds=30 * steps))


def seed_of(page: str) -> str:
    """Return the key that the enrolment page shows for typing."""
    found = re.search(r"data-seed>([A-Z2-7 ]+)<", page)
    assert found is not None
    return "".join(found.group(1).split())
