"""What the sandbox remembers: rates since when, faults set by people, webhooks delivered."""

import sqlite3
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.sandbox.world import HISTORY, Segment, Story

PLATFORMS: Final = ("taobao", "jd", "pinduoduo", "douyin", "shopify", "woocommerce", "own-site", "pos")
HISTORY_RATE: Final = 1 / 30  # orders a minute in the past day
PARTNERS: Final = ("sms", "mail", "hr")  # played too, but no orders come from them
RATES: Final[Mapping[str, float]] = {
    "taobao": 4, "jd": 2, "pinduoduo": 3, "douyin": 3, "shopify": 1, "woocommerce": 1, "own-site": 3, "pos": 0.5,
}  # fmt: skip
NO_FAULTS: Final[Mapping[str, object]] = {
    "error_share": 0, "latency_ms": 0, "outage": False, "token_expired": False, "webhooks_paused": False,
    "refuse": False,
}  # fmt: skip


class Memory:
    """A small SQLite file of its own."""

    def __init__(self, path: Path | str, now: datetime) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA busy_timeout = 5000")
        self._file.executescript(
            "CREATE TABLE IF NOT EXISTS rate (platform TEXT, start INTEGER, per_minute REAL, first INTEGER);"
            "CREATE TABLE IF NOT EXISTS fault (platform TEXT PRIMARY KEY, settings TEXT);"
            "CREATE TABLE IF NOT EXISTS sent (platform TEXT PRIMARY KEY, until INTEGER);"
            "CREATE TABLE IF NOT EXISTS token (platform TEXT PRIMARY KEY, turn INTEGER);"
        )
        if not self.rows("SELECT 1 FROM rate LIMIT 1"):
            for platform in PLATFORMS:
                start = now - HISTORY
                self.write("INSERT INTO rate VALUES (?, ?, ?, ?)", platform, epoch_ms(start), HISTORY_RATE, 0)
                self.set_rate(platform, RATES[platform], now)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def story(self, platform: str) -> Story:
        """Return a platform's spans of rates."""
        rows = self.rows("SELECT start, per_minute, first FROM rate WHERE platform = ? ORDER BY start", platform)
        return Story(platform, tuple(Segment(from_epoch_ms(start), rate, first) for start, rate, first in rows))

    def rate(self, platform: str) -> float:
        """Return how many orders a minute are placed now."""
        return self.story(platform).segments[-1].per_minute

    def set_rate(self, platform: str, per_minute: float, now: datetime) -> None:
        """Place so many orders a minute from now on."""
        spans = self.story(platform).spans(now)
        first = spans[-1][2] if spans else 0
        self.write("INSERT INTO rate VALUES (?, ?, ?, ?)", platform, epoch_ms(now), per_minute, first)

    def burst(self, platform: str, count: int, now: datetime) -> None:
        """Place `count` orders within the second that begins now; what was placed before stays as it was."""
        rate = self.rate(platform)
        first = self.story(platform).spans(now)[-1][2]
        after = epoch_ms(now + timedelta(seconds=1))
        self.write("INSERT INTO rate VALUES (?, ?, ?, ?)", platform, epoch_ms(now), count * 60.0, first)
        self.write("INSERT INTO rate VALUES (?, ?, ?, ?)", platform, after, rate, first + count)

    def faults(self, platform: str) -> dict[str, object]:
        """Return the faults set for a platform."""
        rows = self.rows("SELECT settings FROM fault WHERE platform = ?", platform)
        return {**NO_FAULTS, **(json.loads(rows[0][0]) if rows else {})}

    def set_faults(self, platform: str, settings: Mapping[str, object]) -> None:
        """Set a platform's faults."""
        known = {name: value for name, value in settings.items() if name in NO_FAULTS}
        text = json.dumps(known).decode()
        self.write(
            "INSERT INTO fault VALUES (?, ?) ON CONFLICT (platform) DO UPDATE SET settings = ?", platform, text, text
        )

    def token_turn(self, platform: str) -> int:
        """Return how often a platform's token was renewed."""
        rows = self.rows("SELECT turn FROM token WHERE platform = ?", platform)
        return int(rows[0][0]) if rows else 0

    def renew_token(self, platform: str) -> int:
        """Let the token that is out there wear out for good and another hold; return how many there were."""
        turn = self.token_turn(platform) + 1
        self.write(
            "INSERT INTO token VALUES (?, ?) ON CONFLICT (platform) DO UPDATE SET turn = ?", platform, turn, turn
        )
        self.set_faults(platform, {**self.faults(platform), "token_expired": False})
        return turn

    def sent_until(self, platform: str, now: datetime) -> datetime:
        """Return up to when changes were pushed."""
        rows = self.rows("SELECT until FROM sent WHERE platform = ?", platform)
        return from_epoch_ms(rows[0][0]) if rows else now - timedelta(seconds=30)

    def set_sent(self, platform: str, until: datetime) -> None:
        """Remember that changes up to `until` were pushed."""
        moment = epoch_ms(until)
        self.write(
            "INSERT INTO sent VALUES (?, ?) ON CONFLICT (platform) DO UPDATE SET until = ?", platform, moment, moment
        )

    def write(self, statement: str, *values: object) -> None:
        """Run one statement that changes something."""
        with self._lock:
            self._file.execute(statement, values)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Return what a query finds."""
        with self._lock:
            return self._file.execute(statement, values).fetchall()
