"""The whole tree: cold start to ready, and its memory (PSS)."""

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.rig.product import Product, processes_of


def pss(pid: int) -> float:
    """Return a process's proportional share of memory, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def start() -> dict[str, Any]:
    """Return the seconds of a first and a second start, and the memory of the tree."""
    product = Product(Path(tempfile.mkdtemp(prefix="ordain-bench-")) / "home")
    begun = time.perf_counter()
    product.start()
    first = time.perf_counter() - begun
    time.sleep(8)
    memory = sum(pss(pid) for pid in processes_of(product.home))
    product.stop()
    begun = time.perf_counter()
    product.start()
    second = time.perf_counter() - begun
    product.stop()
    return {"first_start_s": round(first, 2), "cold_start_s": round(second, 2), "tree_pss_mb": round(memory)}
