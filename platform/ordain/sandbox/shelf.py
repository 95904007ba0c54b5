"""The counters that platforms sell against: the number they were told, and what they sold since."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template, request

from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.sandbox.doors import answer, world
from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.inbox import CSP
from ordain.sandbox.words import WORDS, language_of

doors = Blueprint("shelf", __name__)


@dataclass(frozen=True, slots=True)
class Counter:
    """One SKU of one platform: what it was told, when, and what is left of it after its own sales."""

    platform: str
    sku: str
    told: int
    version: int
    at: datetime
    sold: int

    @property
    def left(self) -> int:
        """What is left; below nothing where more was sold than was there."""
        return self.told - self.sold


class Shelf:
    """All counters, kept in the sandbox's file."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        memory.write(
            "CREATE TABLE IF NOT EXISTS shelf (platform TEXT, sku TEXT, told INTEGER, version INTEGER, at INTEGER,"
            " PRIMARY KEY (platform, sku))"
        )

    def put(self, platform: str, sku: str, told: int, version: int, now: datetime) -> bool:
        """Take an absolute number; False for one older than what stands."""
        rows = self._memory.rows("SELECT version FROM shelf WHERE platform = ? AND sku = ?", platform, sku)
        if rows and version and int(rows[0][0]) > version:
            return False
        self._memory.write(
            "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?, ?, ?)", platform, sku, told, version, epoch_ms(now)
        )
        return True

    def counters(self, platform: str, now: datetime) -> list[Counter]:
        """Return a platform's counters with what it sold since it was told, by SKU."""
        rows = self._memory.rows("SELECT sku, told, version, at FROM shelf WHERE platform = ? ORDER BY sku", platform)
        if not rows:
            return []
        since = max(now - timedelta(hours=24), min(from_epoch_ms(row[3]) for row in rows))
        placed = self._memory.story(platform).placed_between(since, now, now)
        found = []
        for sku, told, version, at in rows:
            moment = from_epoch_ms(at)
            sold = sum(
                line.quantity for order in placed if order.placed >= moment for line in order.lines if line.sku == sku
            )
            found.append(Counter(platform, sku, told, version, moment, sold))
        return found


@doors.get("/shelf")
def page() -> Response:
    """Show the counters, those sold below nothing marked."""
    language, memory, now = language_of(request), world().memory, world().now()
    rows = [counter for platform in ("own-site", "taobao") for counter in Shelf(memory).counters(platform, now)]
    html = render_template("sandbox/shelf.html", words=WORDS[language], language=language, rows=rows, here="shelf")
    return Response(html, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})


@doors.get("/shelf.json")
def listed() -> Response:
    """Return the counters as JSON."""
    memory, now = world().memory, world().now()
    rows = [counter for platform in ("own-site", "taobao") for counter in Shelf(memory).counters(platform, now)]
    items = [
        {"platform": row.platform, "sku": row.sku, "told": row.told, "sold": row.sold, "left": row.left} for row in rows
    ]
    return answer({"items": items})
