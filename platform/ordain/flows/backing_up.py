"""Backing an installation up into one file, and setting one up from it: the rows, the files, the audit's anchors.

The key file is not in it: whoever finds a backup reads nothing that is protected. It is kept elsewhere.
"""

import gzip
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Problem, Refused, problem
from ordain.flows.sealing import FILE as ANCHORS
from ordain.flows.services import Services, Settings
from ordain.flows.uploading import box
from ordain.records.actor import Origin, System
from ordain.store import audit, dump, key_file, migrations
from ordain.store.audit_chain import Seals
from ordain.store.database import Database
from ordain.store.tables import metadata

FORMAT: Final = "ordain backup 1"
_ORIGIN: Final = Origin(System("command"))
_MANIFEST: Final = "manifest.json"
_NAMES: Final = re.compile(rf"manifest\.json|{re.escape(ANCHORS)}|db/[a-z_]+\.jsonl|files/\w{{2}}/\w{{32}}(\.small)?")
_PATIENCE: Final = 6 * 3600  # seconds a statement may take where a whole database is written


def back_up(services: Services, target: Path) -> dict[str, Any]:
    """Write everything but the keys into one new file, while the product runs; return what is in it.

    The rows are those of one moment. Refused where the file is there already.
    """
    if target.exists():
        raise Refused([_wrong("exists", f"{target} 已存在，请换一个文件名", f"{target} is there already")])
    keys = key_file.load(services.settings.key_file)
    part = target.with_name(target.name + ".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:  # noqa: PTH123 the mode is set at birth
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                manifest = _fill(services, archive) | {"keys": list(keys.keks)}
                _add(archive, _MANIFEST, json.dumps(manifest))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    told = _told(manifest)
    with services.db.write() as conn:
        audit.record(conn, _ORIGIN, services.now(), "installation.backup", "installation", None, told)
    return told | {"key": manifest["keys"][0], "key_file": str(services.settings.key_file)}


def restore(settings: Settings, source: Path) -> dict[str, Any]:
    """Set an empty installation up from a backup: all of it, or nothing; return what was in it.

    Refused where the file is not whole, newer than this program, or sealed by keys that are not here, and where
    anything stands already.
    """
    with tempfile.TemporaryDirectory(prefix="ordain-restore-") as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        if manifest["schema"] > migrations.newest():
            text = (
                "备份来自更新的版本，请先升级本程序",
                "The backup is of a newer version than this program",
            )
            raise Refused([_wrong("newer", *text)])
        keys = _keys(settings, manifest)
        settings.home.mkdir(parents=True, exist_ok=True)
        db = Database(settings.database_url, statement_seconds=_PATIENCE, seals=Seals(keys.audit))
        try:
            _must_be_empty(settings, db)
            with _placed(settings, folder), db.write() as conn:
                migrations.bring(conn, manifest["schema"])
                for table, kinds in manifest["tables"].items():
                    with (folder / "db" / f"{table}.jsonl").open("rb") as lines:
                        dump.load(conn, table, kinds, lines)
                migrations.bring(conn)
                told = _told(manifest)
                audit.record(conn, _ORIGIN, datetime.now(UTC), "installation.restore", "installation", None, told)
        finally:
            db.close()
    return told


def _fill(services: Services, archive: tarfile.TarFile) -> dict[str, Any]:
    parts: dict[str, str] = {}
    counts: dict[str, int] = {}
    home = services.settings.home
    if (home / ANCHORS).exists():  # before the rows: an anchor must not know of more of them than there are
        parts[ANCHORS] = _add(archive, ANCHORS, (home / ANCHORS).read_bytes())
    with services.db.snapshot() as conn, tempfile.TemporaryFile() as room:
        schema = migrations.revision(conn)
        for table in metadata.sorted_tables:
            room.seek(0)
            room.truncate()
            counts[str(table.name)] = sum(1 for line in dump.lines(conn, table) if room.write(line))
            parts[f"db/{table.name}.jsonl"] = _add_file(archive, f"db/{table.name}.jsonl", room)
    for path in sorted(box(services).glob("*/*")):
        name = f"files/{path.parent.name}/{path.name}"
        if _NAMES.fullmatch(name):  # not what is half written
            parts[name] = _add(archive, name, path.read_bytes())
    return {
        "format": FORMAT,
        "schema": schema,
        "at": rfc3339(services.now()),
        "tables": {str(table.name): dump.columns(table) for table in metadata.sorted_tables},
        "rows": counts,
        "parts": parts,
    }


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> str:
    with tempfile.SpooledTemporaryFile(max_size=1 << 24) as room:
        room.write(content)
        return _add_file(archive, name, room)


def _add_file(archive: tarfile.TarFile, name: str, room: Any) -> str:
    """Add a file as it stands, and return its SHA-256."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = room.tell(), 0o600, int(datetime.now(UTC).timestamp())
    room.seek(0)
    seen = hashlib.file_digest(room, "sha256").hexdigest()
    room.seek(0)
    archive.addfile(entry, room)
    return seen


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Put the parts of a backup into a folder and return its manifest; Refused where it is not whole."""
    if not source.is_file():
        raise Refused([_wrong("missing", f"没有文件 {source}", f"There is no file {source}")])
    seen: dict[str, str] = {}
    try:
        with tarfile.open(source, "r:gz") as archive:
            for entry in archive:
                content = archive.extractfile(entry) if entry.isfile() and _NAMES.fullmatch(entry.name) else None
                if content is None or entry.name in seen:
                    raise Refused([_not_ours()])
                path = folder / entry.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
                with path.open("rb") as file:
                    seen[entry.name] = hashlib.file_digest(file, "sha256").hexdigest()
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes(), limit=1 << 28)
        fits = manifest["format"] == FORMAT
    except (tarfile.TarError, EOFError, OSError, zlib.error, gzip.BadGzipFile, json.BadJson, KeyError, TypeError):
        raise Refused([_not_ours()]) from None
    del seen[_MANIFEST]
    if not fits or seen != manifest["parts"]:
        raise Refused([_not_ours()])
    return manifest


def _keys(settings: Settings, manifest: Mapping[str, Any]) -> key_file.KeyFile:
    wanted = manifest["keys"][0]
    if not settings.key_file.exists():
        zh = f"缺少密钥文件 {settings.key_file}：备份由密钥 {wanted} 保护，请先放回该文件"
        en = f"{settings.key_file} is missing: the backup needs the key {wanted}; put its file there first"
        raise Refused([problem("ORDAIN_KEY_FILE", "key_file_missing", zh, en)])
    found = key_file.load(settings.key_file)
    if wanted not in found.keks:
        zh = f"{settings.key_file} 是另一套密钥（{', '.join(found.keks)}），备份需要密钥 {wanted}"
        en = f"{settings.key_file} holds other keys ({', '.join(found.keks)}); the backup needs the key {wanted}"
        raise Refused([problem("ORDAIN_KEY_FILE", "other_keys", zh, en)])
    return found


def _must_be_empty(settings: Settings, db: Database) -> None:
    with db.read() as conn:
        empty = dump.is_empty(conn)
    if not empty:
        text = (
            "数据库中已有数据，只能恢复到空数据库",
            "There is something in the database; restore to an empty one",
        )
        raise Refused([problem("DATABASE_URL", "not_empty", *text)])
    if any(path.exists() for path in _places(settings)):
        zh = f"{settings.home} 中已有文件或日志锚点，只能恢复到空的数据目录"
        en = f"{settings.home} holds files or anchors of an audit already; only an empty folder is restored to"
        raise Refused([problem("ORDAIN_HOME", "not_empty", zh, en)])


def _places(settings: Settings) -> tuple[Path, Path]:
    return settings.home / "files", settings.home / ANCHORS


@contextmanager
def _placed(settings: Settings, folder: Path) -> Iterator[None]:
    """Put files and anchors where they belong; away again where the rest fails."""
    files, anchors = _places(settings)
    undo: list[Callable[[], object]] = []
    try:
        if (folder / "files").exists():
            undo.append(lambda: shutil.rmtree(files, ignore_errors=True))
            shutil.copytree(folder / "files", files)
        if (folder / ANCHORS).exists():
            undo.append(lambda: anchors.unlink(missing_ok=True))
            shutil.copyfile(folder / ANCHORS, anchors)
        yield
    except BaseException:
        for step in undo:
            step()
        raise


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    files = sum(name.startswith("files/") for name in manifest["parts"])
    return {"at": manifest["at"], "schema": manifest["schema"], "rows": sum(manifest["rows"].values()), "files": files}


def _not_ours() -> Problem:
    return _wrong("damaged", "这不是完整的备份文件，未恢复任何内容", "This is no whole backup; nothing was restored")


def _wrong(code: str, zh: str, en: str) -> Problem:
    return problem("file", code, zh, en)
