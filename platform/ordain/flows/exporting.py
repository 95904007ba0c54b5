"""Exports of lists: what the reader may see of what they filtered, in the columns they chose, as long work.

Rows are gathered page by page and written out at the end, so a crash in between loses nothing and repeats nothing.
Whose right was lost meanwhile gets no file; a field that was hidden from them meanwhile is left out.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final, Literal, get_args

from ordain.base import json
from ordain.base.clock import from_rfc3339, rfc3339
from ordain.base.errors import Refused, problem
from ordain.base.text import Language, Text
from ordain.flows import listing, working
from ordain.flows.listing import Column, Listed
from ordain.flows.services import Services
from ordain.flows.tables import MOST_ROWS, csv_pieces, xlsx_pieces
from ordain.flows.working import Result, Step, Wanted
from ordain.records.actor import Origin, User
from ordain.store.work import PIECE, Work

KIND: Final = "list.export"
Format = Literal["xlsx", "csv"]
FORMATS: Final[Sequence[Format]] = get_args(Format)
_TYPES: Final[Mapping[Format, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_PAGE: Final = 500


def start(
    services: Services,
    source: Listed,
    query: Any,
    columns: Sequence[str],
    form: Format,
    language: Language,
    origin: Origin,
) -> Work:
    """Ask for an export; no columns means all. Refused where there is nothing, or more than a sheet takes."""
    known = source.columns()
    chosen = [name for name in columns if name in known] or list(known)
    with services.db.read() as conn:
        total = source.count(conn, query)
    if total == 0:
        raise Refused([problem("", "nothing", "没有可导出的记录", "There is nothing to export")])
    if form == "xlsx" and total > MOST_ROWS:
        raise Refused(
            [
                problem(
                    "format",
                    "too_many_rows",
                    "超过 Excel 的行数上限，请选 CSV",
                    "More rows than a sheet takes; choose CSV",
                )
            ]
        )
    asked = {"query": source.dumped(query), "columns": chosen, "format": form, "language": language}
    title = Text(f"导出{source.title.zh}", f"Export of {source.title.en}")
    return working.start(services, Wanted(KIND, f"{source.right}.export", title, source.subject, asked, total), origin)


def step(services: Services, work: Work, asker: User) -> Step:
    """Gather the next page; with the last one write the file out."""
    cursor = work.place.get("cursor")
    with services.db.read() as conn:
        source = listing.opened(services, conn, work.subject, asker)
        if source is None:
            raise Refused([problem("", "gone", "列表已不存在", "The list is no longer there")])
        names = [name for name in work.asked["columns"] if name in source.columns()]
        items, following = source.page(conn, source.loaded(work.asked["query"]), _PAGE, cursor)
        rows = source.values(conn, items, names, work.asked["language"])
    gathered = b"".join(json.dumps(dict(zip(names, map(_kept, row), strict=True))) + b"\n" for row in rows)
    if following is not None:
        return Step(len(items), {"cursor": following}, gathered=gathered)
    columns = [source.columns()[name] for name in names]
    whole = _lines(working.gathered_of(services, work), gathered)
    return Step(len(items), last=True, file=_file(services, work, source, columns, whole))


def _file(services: Services, work: Work, source: Listed, columns: Sequence[Column], rows: Iterator[bytes]) -> Result:
    language: Language = work.asked["language"]
    form: Format = work.asked["format"]
    zone = services.settings.timezone
    title = source.title.get(language)
    heads = [column.title.get(language) for column in columns]
    cells = ([_read(json.loads(line, limit=json.ANSWER_LIMIT), column) for column in columns] for line in rows)
    name = f"{title}-{work.started_at.astimezone(zone):%Y%m%d-%H%M}.{form}"
    if form == "csv":
        made = csv_pieces(heads, cells, zone, language)
    else:
        made = xlsx_pieces(title, heads, cells, zone, language, services.settings.home / "exports")
    return Result(name, _TYPES[form], _ready(made, services.settings.home / "exports"))


def _ready(pieces: Iterator[bytes], folder: Path) -> Iterator[bytes]:
    """Write a file out, to where nobody finds it and nothing stays, and return its pieces to be read at once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 read after this returns; closed when it is forgotten
    for piece in pieces:
        file.write(piece)
    file.seek(0)
    return _read_file(file)


def _read_file(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _lines(pieces: Iterator[bytes], rest: bytes) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from whole
    yield from (line for line in (held + rest).split(b"\n") if line)


def _kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": rfc3339(value)}
    return {"n": str(value)} if isinstance(value, Decimal) else value


def _read(row: Mapping[str, Any], column: Column) -> Any:
    match row.get(column.key):
        case {"at": at}:
            return from_rfc3339(at)
        case {"n": number}:
            return Decimal(number)
        case value:
            return value
