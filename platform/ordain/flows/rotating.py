"""Keys over their life: the first one, a new one while everything runs, old ones let go, another key around them all.

A new data key seals from the next second on. What older ones sealed is sealed anew in the background, column by
column; an old key is forgotten once no row of any column carries it, and no process can still be writing with it.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Problem, Refused, problem
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit, data_keys, key_file, resealing
from ordain.store.data_keys import DataKey, Pass
from ordain.store.keyring import FileKeyring, wrap, wrapper
from ordain.store.sealed_places import SPOTS, Spot
from ordain.store.vault import VaultError

TOPIC: Final = "keys.reseal"
LANE: Final = "keys"
EVERY: Final = 30  # seconds between two turns
TURN: Final = 25.0  # seconds a turn lasts at most
GRACE: Final = timedelta(minutes=10)  # longer than any transaction that may have begun with the old key
_ROWS: Final = {"text": 200, "json": 200, "bytes": 8}
_PAUSE: Final = 0.005  # seconds, so that other writers get in
_ORIGIN: Final = Origin(System("keys"))
_log = structlog.get_logger("ordain.keys")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: values resealed, values that do not open, keys let go, and whether more is to do."""

    done: int = 0
    broken: int = 0
    retired: Sequence[str] = ()
    more: bool = False


def prepare(services: Services) -> None:
    """See to it that there is a data key, and that the key file opens all there are; Refused where it does not.

    Keys of an older key file are put into the database, wrapped; the file becomes one of today's where it can be
    written.
    """
    ring = services.vault.ring
    if not isinstance(ring, FileKeyring):
        return
    for left in (1, 0):
        try:
            _begin(services, ring)
            break
        except IntegrityError:  # another process was first
            if not left:
                raise
    if ring.file.old:
        try:
            ring.file = replace(ring.file, old=False)
            key_file.write(services.settings.key_file, ring.file)
        except OSError:
            _log.warning("the key file cannot be written; it is read as it is")
    with services.db.read() as conn:
        faults = [*closed(ring, data_keys.known(conn))]
    if faults:
        raise Refused(faults)
    services.vault.look()


def rotate(services: Services, origin: Origin) -> str:
    """Let a new data key seal from now on; return its id."""
    ring, now = _ring(services), services.now()
    made = _fresh(ring, now)
    try:
        with services.db.write() as conn:
            data_keys.follow(conn, made)
            audit.record(conn, origin, now, "keys.rotate", f"key:{made.kid}")
    except IntegrityError:
        zh, en = "另一次轮换刚刚完成，未做更改", "somebody rotated the keys at this moment; nothing was changed"
        raise Refused([problem("", "rotated", zh, en)]) from None
    services.vault.look()
    return made.kid


def rekey(services: Services, origin: Origin) -> str:
    """Make a new key-encryption key and wrap all data keys with it; return its id.

    The file keeps the one before: copies of the database from before this moment open with it. Cut short, it goes on
    where it ended.
    """
    ring, path = _ring(services), services.settings.key_file
    with services.db.write() as conn:
        known = data_keys.known(conn, locked=True)
        live = [key for key in known if key.wrapped]
        ring.file = file = key_file.load(path)
        faults = [*closed(ring, known)]
        if faults:
            raise Refused(faults)
        opened = {key.kid: ring.unwrap(key) for key in live}
        if all(wrapper(key) == key_file.kek_id(file.kek) for key in live):
            gone = {key.kid for key in known if key.state == "retired"}
            data = {kid: raw for kid, raw in file.data.items() if kid not in gone}
            file = replace(file, kek=key_file.fresh(), before=file.kek, data=data)
            _write(services, file)
        data_keys.wrap(conn, {kid: wrap(file, kid, raw) for kid, raw in opened.items()})
        named = key_file.kek_id(file.kek)
        audit.record(conn, origin, services.now(), "keys.rekey", f"key:{named}")
    ring.file = file
    return named


def go_on(services: Services, *, seconds: float = TURN, grace: timedelta = GRACE) -> Turn:
    """Seal anew what old keys sealed, for so many seconds at most, and let go of keys that nothing carries."""
    with services.db.read() as conn:
        old = [key for key in data_keys.known(conn) if key.state == "old"]
        passes = data_keys.passes(conn)
    if not old:
        return Turn()
    services.vault.look()
    until, kids = time.monotonic() + seconds, [key.kid for key in old]
    done = broken = 0
    for spot in SPOTS:
        stands = passes.get(spot.name) or Pass(spot.name, None, 0, 0, None)
        while stands.finished_at is None:
            if time.monotonic() >= until:
                return Turn(done, broken, more=True)
            before, stands = stands, _batch(services, spot, kids, stands)
            done, broken = done + stands.done - before.done, broken + stands.broken - before.broken
            time.sleep(_PAUSE)
        passes[spot.name] = stands
    retired = [*_let_go(services, old, grace)]
    if len(retired) < len(old):
        _once_more(services, passes, grace)
    return Turn(done, broken, retired, more=len(retired) < len(old))


def status(services: Services) -> Iterator[Mapping[str, Any]]:
    """Return each data key, which columns still carry an old one, and how far each column is."""
    with services.db.read() as conn:
        for key in data_keys.known(conn):
            carried = dict(resealing.carried(conn, key.kid)) if key.state == "old" else {}
            yield {"key": key.kid, "state": key.state, "made_at": key.made_at, "left_at": key.left_at, "rows": carried}
        for stands in data_keys.passes(conn).values():
            yield {
                "column": stands.place,
                "done": stands.done,
                "broken": stands.broken,
                "finished_at": stands.finished_at,
            }


def closed(ring: FileKeyring, known: Sequence[DataKey]) -> Iterator[Problem]:
    """Yield each data key that the key file does not open."""
    for key in known:
        if key.state == "retired":
            continue
        try:
            ring.unwrap(key)
        except VaultError:
            held, by = ", ".join(ring.file.keks), wrapper(key)
            zh = f"密钥文件打不开数据密钥 {key.kid}（由 {by} 加密，文件中为 {held}），请换上与此数据库相配的密钥文件"
            en = (
                f"the key file does not open the data key {key.kid}: it is wrapped by {by}, the file holds {held}. "
                "Bring the key file that belongs to this database"
            )
            yield problem("ORDAIN_KEY_FILE", "kek_wrong", zh, en)


def _begin(services: Services, ring: FileKeyring) -> None:
    now = services.now()
    with services.db.write() as conn:
        known = data_keys.known(conn)
        there = {key.kid for key in known}
        made = []
        sealing = any(key.state == "current" for key in known)
        for kid, raw in ring.file.data.items():
            if kid not in there:
                first = kid == ring.file.current and not sealing
                sealing = sealing or first
                made.append(
                    DataKey(kid, "current" if first else "old", ring.wrap(kid, raw), now, None if first else now)
                )
        if not sealing:
            made.append(_fresh(ring, now))
        for key in made:
            data_keys.add(conn, key)
            audit.record(conn, _ORIGIN, now, "keys.add", f"key:{key.kid}")


def _fresh(ring: FileKeyring, now: datetime) -> DataKey:
    kid = secrets.token_hex(4)
    return DataKey(kid, "current", ring.wrap(kid, key_file.fresh()), now)


def _batch(services: Services, spot: Spot, kids: Sequence[str], stands: Pass) -> Pass:
    with services.db.write() as conn:
        found = resealing.reseal(conn, services.vault, spot, kids, stands.cursor, _ROWS[spot.shape])
        ended = services.now() if found.cursor is None else None
        made = replace(
            stands, cursor=found.cursor, done=stands.done + found.done, broken=stands.broken + found.broken,
            finished_at=ended,
        )  # fmt: skip
        data_keys.put_pass(conn, made)
    return made


def _let_go(services: Services, old: Sequence[DataKey], grace: timedelta) -> Iterator[str]:
    now = services.now()
    for key in old:
        if (key.left_at or now) + grace > now:
            continue
        with services.db.write() as conn:
            if next(resealing.carried(conn, key.kid), None) is None and data_keys.retire(conn, key.kid, now):
                audit.record(conn, _ORIGIN, now, "keys.retire", f"key:{key.kid}")
                yield key.kid


def _once_more(services: Services, passes: Mapping[str, Pass], grace: timedelta) -> None:
    """Begin another pass where the last one ended long ago: for rows that others were writing then."""
    ended = [stands.finished_at for stands in passes.values() if stands.finished_at]
    if ended and max(ended) + grace <= services.now():
        with services.db.write() as conn:
            data_keys.again(conn)


def _write(services: Services, file: key_file.KeyFile) -> None:
    path = services.settings.key_file
    try:
        key_file.write(path, file)
    except OSError as error:
        zh, en = (
            f"无法写入密钥文件 {path}：{error.strerror}",
            f"the key file {path} cannot be written: {error.strerror}",
        )
        raise Refused([problem("ORDAIN_KEY_FILE", "key_file_fixed", zh, en)]) from None


def _ring(services: Services) -> FileKeyring:
    ring = services.vault.ring
    if not isinstance(ring, FileKeyring):
        raise TypeError("these keys do not come from a key file")
    return ring
