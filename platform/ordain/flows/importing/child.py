"""The process that reads a workbook: limits first, then bytes from standard input, rows to standard output."""

import resource
import sys

from ordain.base import json
from ordain.base.errors import Refused
from ordain.engines.tabular import Asked, book_rows

MEMORY = 512 * 1024 * 1024
SECONDS = 20


def main() -> None:
    """Say the sheets and then each row as a line of JSON, or the problems; whoever is ended by a limit says nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    asked = Asked(**json.loads(sys.stdin.buffer.readline()))
    try:
        sheets, sheet, rows = book_rows(sys.stdin.buffer.read(), asked)
        out.write(json.dumps({"sheets": sheets, "sheet": sheet}) + b"\n")
        for row in rows:
            out.write(json.dumps(row) + b"\n")
        out.write(b'"end"\n')
    except Refused as refused:
        out.write(json.dumps({"problems": [found.as_json() for found in refused.problems]}) + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
