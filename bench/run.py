"""Run the measurements and write bench/RESULTS.md: `make bench`, or `make bench BENCH=mapping`."""

import datetime as dt
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]


def main(wanted: list[str]) -> None:
    """Run what is asked for, all when nothing is, and write the results."""
    from bench import entries, forms, importing, keys, listing, mapping, polling, stock, webhooks, whole

    measures = {
        "entries": entries.measure,
        "forms": forms.measure,
        "keys": keys.measure,
        "listing": listing.measure,
        "importing": importing.measure,
        "mapping": mapping.measure,
        "polling": polling.measure,
        "start": whole.start,
        "stock": stock.measure,
        "webhooks": webhooks.measure,
    }
    results: dict[str, Any] = {name: measures[name]() for name in wanted or measures}
    cores = os.cpu_count()
    head = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {cores} cores, Python {platform.python_version()}, {platform.system()}"
    text = json.dumps(results, indent=2)
    sys.stdout.write(f"{head}\n{text}\n")
    file = ROOT / "bench" / "RESULTS.md"
    old = (
        file.read_text()
        if file.exists()
        else "# Measurements\n\n`make bench` adds a section; the newest stands last.\n"
    )
    file.write_text(f"{old}\n## {head}\n\n```json\n{text}\n```\n")


if __name__ == "__main__":
    main(sys.argv[1:])
