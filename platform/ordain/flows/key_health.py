"""Whether the keys of an installation are what they must be: the file, what it opens, and all that rows ask for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ordain.base.errors import Refused
from ordain.flows.rotating import closed
from ordain.flows.services import Services
from ordain.store import data_keys, key_file, resealing
from ordain.store.keyring import FileKeyring

_LATE: Final = timedelta(days=1)  # a rotation that takes longer is stuck
Finding = tuple[str, bool, str]


def examine_file(services: Services) -> Iterator[Finding]:
    """Yield how the key file is: there, private, with random keys of the right length."""
    try:
        key_file.load(services.settings.key_file)
    except Refused as refused:
        yield from (("keys", False, found.message.en) for found in refused.problems)
    else:
        yield "keys", True, "the key file is private, its keys are random"


def examine_keys(services: Services, conn: sa.Connection) -> Iterator[Finding]:
    """Yield how the data keys are: opened by the key file, all there that rows name, old ones on their way out."""
    ring = services.vault.ring
    if not isinstance(ring, FileKeyring):
        return
    known = data_keys.known(conn)
    shut = [*closed(ring, known)]
    yield from (("data keys", False, found.message.en) for found in shut)
    if not any(key.state == "current" for key in known):
        yield "data keys", False, "there is none that seals; run: python app.py init"
    elif not shut:
        yield "data keys", True, f"{sum(key.state != 'retired' for key in known)}, all open"
    open_ = ring.keys(known).data
    for kid, column in sorted(resealing.named(conn).items()):
        if kid not in open_:
            text = f"{column} holds values of the key {kid}, which is missing: bring back all of one backup"
            yield f"key {kid}", False, text
    for key in known:
        if key.state == "old" and key.left_at and key.left_at + _LATE < services.now():
            held = ", ".join(f"{name}: {count}" for name, count in resealing.carried(conn, key.kid))
            text = f"still carried ({held}); see: python app.py keys status" if held else "to be let go by the worker"
            yield f"key {key.kid}", not held, text
