"""The file that tells what became of every row: its fate and why beside what it held, no cell of it a formula."""

import tempfile
from collections.abc import Iterator
from typing import IO, Any, Final

from ordain.base.text import Text
from ordain.flows.importing.reading import Layout
from ordain.flows.services import Services
from ordain.flows.tables import shown_safely
from ordain.flows.working import Result
from ordain.store.imports import rows
from ordain.store.imports.files import Import
from ordain.store.imports.rows import Row

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FATES: Final = {
    "new": Text("新增", "new"),
    "changed": Text("更新", "changed"),
    "unchanged": Text("无变化", "unchanged"),
    "left": Text("未导入", "left out"),
    "bad": Text("有问题", "has problems"),
    "waiting": Text("未检查", "not looked at"),
}
_BATCH: Final = 500
_CELL: Final = 32_767


def result_file(services: Services, found: Import) -> Result:
    """Return the finished file; it lies on disk until it is kept."""
    import xlsxwriter

    file = tempfile.TemporaryFile()  # noqa: SIM115 read, and closed with it, when the work keeps it
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet("结果 Result")
    head = ["行 Row", "结果 Fate", "原因 Reason", *Layout.of(found.layout).columns]
    for place, text in enumerate(head):
        sheet.write_string(0, place, shown_safely(text), book.add_format({"bold": True}) if not place else None)
    for line, row in enumerate(_rows(services, found.id), 1):
        _write(sheet, line, row)
    sheet.freeze_panes(1, 3)
    book.close()
    file.seek(0)
    stem = found.name.rpartition(".")[0] or found.name
    return Result(f"{stem}-result.xlsx", XLSX, _pieces(file))


def _write(sheet: Any, line: int, row: Row) -> None:
    fate = FATES[row.fate]
    reasons = "; ".join(f"{fault.text['zh']} / {fault.text['en']}" for fault in row.faults)
    sheet.write_number(line, 0, row.number)
    for place, text in enumerate((f"{fate.zh} / {fate.en}", reasons, *row.cells), 1):
        if text:
            sheet.write_string(line, place, shown_safely(text)[:_CELL])


def _rows(services: Services, import_id: str) -> Iterator[Row]:
    number = 0
    while True:
        with services.db.read() as conn:
            batch = rows.after(conn, services.vault, import_id, number, limit=_BATCH)
        yield from batch
        if len(batch) < _BATCH:
            return
        number = batch[-1].number


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 18):
            yield piece
