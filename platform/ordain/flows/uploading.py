"""Files that people upload: judged, sealed and kept; in nobody's record until one is saved that holds them."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Final

from ordain.base.errors import Refused, problem
from ordain.engines.files import judge
from ordain.flows import recording
from ordain.flows.services import Services
from ordain.records import files as held
from ordain.records.access import NOTHING
from ordain.records.actor import Actor, Origin, name_of
from ordain.store import audit, file_box, files, records
from ordain.store.access import access
from ordain.store.files import File
from ordain.store.shelves import shelf_of

MOST_BYTES: Final = 10_000_000
MOST_LOOSE: Final = 200  # of one person, in no record
KEPT: Final = timedelta(days=7)  # in no record: a draft may still name them
_WRITING: Final = 3_600.0  # seconds after which a file without a row is nobody's
_AT_ONCE: Final = 200


def box(services: Services) -> Path:
    """Return the folder that files stand in."""
    return services.settings.home / "files"


def take(services: Services, name: str, data: bytes, kind: str, origin: Origin) -> File:
    """Keep an uploaded file for a field of this kind; Refused with the reason."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise Refused([problem("file", "too_large", f"文件超过 {most} MB", f"The file is over {most} MB")])
    owner = name_of(origin.actor)
    with services.db.read() as conn:
        if files.loose(conn, owner) >= MOST_LOOSE:
            zh, en = "未保存的文件过多，请先保存记录", "Too many files that belong to no record; save yours first"
            raise Refused([problem("file", "too_many", zh, en)])
    kept = judge(name, data, kind)
    now, key = services.now(), file_box.new_key()
    digest = hashlib.sha256(kept.content).hexdigest()
    made = File(
        services.new_id(), kept.name, key, kept.media, len(kept.content), digest, bool(kept.small), owner, "", "", now
    )
    file_box.put(box(services), made.id, key, kept.content, kept.small)
    with services.db.write() as conn:  # where this fails, the sweep finds a file without a row
        files.add(conn, services.vault, made)
        after = {"media": made.media, "size": made.size, "sha256": made.sha256}
        audit.record(conn, origin, now, "file.upload", f"file:{made.id}", None, after)
    return made


def readable(services: Services, actor: Actor, file_id: str) -> File | None:
    """Return a file that this actor may read: of a record and a field they see, or their own that belongs to none."""
    with services.db.read() as conn:
        found = files.get(conn, services.vault, file_id)
        if found is None:
            return None
        if not found.record:
            return found if found.owner == name_of(actor) else None
        live = services.live.at(conn)
        form = recording.form_of(live, found.form)
        given = access(live, actor, form.right) if form else NOTHING
        if form is None or not given.may("read"):
            return None
        record = records.get(conn, shelf_of(form), given, found.record)
    if record is None:
        return None
    fields = [
        one.path.split(".", 1)[0]
        for one in held.held(form.fields, recording.opened(services, form, record))
        if one.id == file_id
    ]
    given = given.within(record.state)
    return found if any(recording.mode(form, given, name) == "read" for name in fields) else None


def content(services: Services, found: File, *, small: bool = False) -> bytes:
    """Return what a file holds, or the small picture beside it."""
    return file_box.get(box(services), found.id, found.key, small=small)


def sweep(services: Services) -> int:
    """Remove files that no record holds for as long as they are kept, and what was half written; return how many."""
    with services.db.write() as conn:
        gone = files.forget(conn, services.now() - KEPT, limit=_AT_ONCE)
    for file_id in gone:
        file_box.drop(box(services), file_id)
    standing, strays = list(file_box.old(box(services), _WRITING)), 0
    for start in range(0, len(standing), _AT_ONCE):
        ids = standing[start : start + _AT_ONCE]
        with services.db.read() as conn:
            known = files.known(conn, ids)
        for file_id in set(ids) - known:
            file_box.drop(box(services), file_id)
            strays += 1
    return len(gone) + strays
