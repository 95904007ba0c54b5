"""Reading workbooks in a process of their own, with limits on memory and time: hostile files end it alone."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.engines.tabular import Asked
from ordain.engines.tabular.text import Row

_ROOT: Final = Path(__file__).parents[3]
_SECONDS: Final = 60  # by the wall; the child's own limit counts what it works
_LINE: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook being read: its sheets, the one that is read, and its rows as they come."""

    sheets: tuple[str, ...]
    sheet: str
    rows: Iterator[Row]


@contextmanager
def book(data: bytes, asked: Asked) -> Iterator[Book]:
    """Read a workbook apart; Refused, also in the middle of its rows, where it cannot be read within the limits."""
    child = subprocess.Popen(
        [sys.executable, "-m", "ordain.flows.importing.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"},
    )
    watch = threading.Timer(_SECONDS, child.kill)
    watch.start()
    try:
        _hand_over(child, data, asked)
        head = _line(child)
        if not isinstance(head, dict):
            raise Refused([_beyond()])
        if "problems" in head:
            raise Refused([Problem.of(found) for found in head["problems"]])
        yield Book(tuple(head["sheets"]), head["sheet"], _rows(child))
    finally:
        watch.cancel()
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        child.wait()


def _hand_over(child: "subprocess.Popen[bytes]", data: bytes, asked: Asked) -> None:
    if child.stdin is None:
        raise AssertionError("the child has a standard input")
    try:
        child.stdin.write(json.dumps(asdict(asked)) + b"\n")
        child.stdin.write(data)
        child.stdin.close()
    except BrokenPipeError:
        raise Refused([_beyond()]) from None


def _rows(child: "subprocess.Popen[bytes]") -> Iterator[Row]:
    while True:
        match _line(child):
            case [number, cells]:
                yield number, cells
            case "end":
                return
            case _:
                raise Refused([_beyond()])


def _line(child: "subprocess.Popen[bytes]") -> Any:
    """Return the next thing the child says; None where it is gone."""
    if child.stdout is None:
        raise AssertionError("the child has a standard output")
    line = child.stdout.readline()
    return json.loads(line, limit=_LINE) if line.endswith(b"\n") else None


def _beyond() -> Problem:
    return problem(
        "",
        "too_large",
        "读取文件超出了内存或时间限制，常见原因是远处有一个多余的单元格（如 XFD1048576）。"
        "请把数据复制到新工作表，或另存为 CSV",
        "Reading the file took more memory or time than is allowed, often for one stray cell far out "
        "(like XFD1048576). Copy the data into a new sheet, or save it as CSV",
    )
