"""What was sent to people: SMS and mails, kept in the sandbox's file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.sandbox.memory import Memory

Kind = Literal["sms", "mail"]
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as its reader has it."""

    id: int
    kind: Kind
    at: datetime
    receiver: str
    sender: str
    title: str
    text: str
    out_id: str


class Letters:
    """All that was sent, newest first."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        memory.write(
            "CREATE TABLE IF NOT EXISTS letter (id INTEGER PRIMARY KEY, kind TEXT, at INTEGER, receiver TEXT,"
            " sender TEXT, title TEXT, text TEXT, out_id TEXT)"
        )

    def add(self, kind: Kind, at: datetime, receiver: str, sender: str, title: str, text: str, out_id: str) -> None:
        """Keep one message; the oldest beyond the last 500 go."""
        self._memory.write(
            "INSERT INTO letter (kind, at, receiver, sender, title, text, out_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            kind, epoch_ms(at), receiver, sender, title, text, out_id,
        )  # fmt: skip
        self._memory.write("DELETE FROM letter WHERE id <= (SELECT max(id) FROM letter) - ?", MOST)

    def find(self, *, kind: str = "", receiver: str = "", limit: int = 100) -> list[Letter]:
        """Return the newest messages, those of one kind or to one receiver."""
        rows = self._memory.rows(
            "SELECT id, kind, at, receiver, sender, title, text, out_id FROM letter"
            " WHERE (? = '' OR kind = ?) AND (? = '' OR receiver = ?) ORDER BY id DESC LIMIT ?",
            kind, kind, receiver, receiver, limit,
        )  # fmt: skip
        return [Letter(row[0], row[1], from_epoch_ms(row[2]), *row[3:]) for row in rows]

    def clear(self) -> None:
        """Forget all messages."""
        self._memory.write("DELETE FROM letter")
