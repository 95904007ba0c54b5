"""Definitions as files: check, apply, export, diff. One small file per definition, byte-identical twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.engines.compare import Difference, compare
from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import definitions
from ordain.store.definitions import Version


@dataclass(frozen=True, slots=True)
class Found:
    """One definition file: its document, or the problem that it holds none."""

    path: Path
    document: Mapping[str, Any] | None
    problems: tuple[Problem, ...] = ()


def read(folder: Path) -> list[Found]:
    """Return the definition files below a folder, or the one file named, by path."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.json"))
    return [_read(file) for file in files]


def check(folder: Path) -> Iterator[tuple[Path, Problem]]:
    """Return every problem of every file."""
    for found in read(folder):
        problems = found.problems or (publishing.check(found.document) if found.document else ())
        yield from ((found.path, item) for item in problems)


def apply(services: Services, folder: Path, origin: Origin, note: str = "") -> list[Version]:
    """Publish what is new or changed, all or nothing; Refused with every problem otherwise."""
    documents = [found.document for found in read(folder) if found.document is not None]
    return publishing.publish(services, documents, note or f"applied from {folder.name}", origin)


def export(services: Services, folder: Path) -> int:
    """Write each live definition to `<kind>/<key>.json`; return how many."""
    with services.db.read() as conn:
        versions = definitions.live_versions(conn)
    for version in versions:
        file = folder / version.kind / f"{version.key}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text_of(version.document))
    return len(versions)


def diff(services: Services, folder: Path) -> list[tuple[str, list[Difference]]]:
    """Return what applying these files would change, by definition; new ones differ in everything."""
    changes = []
    with services.db.read() as conn:
        for found in read(folder):
            if found.document is None:
                continue
            kind, key = str(found.document.get("kind")), str(found.document.get("key"))
            live = definitions.live(conn, kind, key)
            if differences := compare(live.document if live else {}, found.document):
                changes.append((f"{kind}/{key}", differences))
    return changes


def text_of(document: Mapping[str, Any]) -> bytes:
    """Return the file form: keys sorted, lists as they are, two spaces, one newline at the end."""
    return json.pretty(json.loads(json.canonical(document), limit=json.ANSWER_LIMIT)).encode() + b"\n"


def _read(file: Path) -> Found:
    try:
        document = json.loads(file.read_bytes())
    except json.BadJson as error:
        text = problem("", "bad_json", f"不是有效的 JSON：{error}", f"no valid JSON: {error}")
        return Found(file, None, (text,))
    if not isinstance(document, dict):
        return Found(file, None, (problem("", "type", "定义应为一个对象", "a definition is an object"),))
    return Found(file, document)
