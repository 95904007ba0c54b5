"""Long work in the database: what was asked, how far it is, what came of it, and its files, sealed piece by piece.

Who writes a step says which step it is; of two that do the same one, one writes and the other learns that it lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.records.actor import Origin, User
from ordain.store.tables.people import TokenRow, UserRow
from ordain.store.tables.work import WorkPartRow, WorkRow
from ordain.store.vault import Vault

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED: Final = frozenset({"done", "failed", "cancelled"})
KEPT: Final = timedelta(days=30)
PIECE: Final = 256 * 1024
GIVEN, GATHERED, RESULT = "given", "gathered", "result"
_ROW: Final = WorkRow.__table__
_PART: Final = WorkPartRow.__table__
_PLAIN: Final = (
    "id", "kind", "subject", "owner", "asked_by", "ip", "request_id", "permission", "state", "stop", "started_at",
    "begun_at", "finished_at", "done", "total", "step", "tries", "place", "counts", "file_name", "file_type",
    "file_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of long work. `asked` is what its steps need to know, `place` where the next one begins."""

    id: str
    kind: str
    subject: str
    title: Text
    owner: str
    asked_by: str
    roles: Sequence[str]
    permission: str
    asked: Mapping[str, Any]
    started_at: datetime
    ip: str | None = None
    request_id: str = ""
    state: State = "waiting"
    stop: bool = False
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    done: int = 0
    total: int | None = None
    step: int = 0
    tries: int = 0
    place: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    file_name: str = ""
    file_type: str = ""
    file_size: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    def origin(self, asker: User) -> Origin:
        """Return where what a step does comes from: who asked, from where."""
        return Origin(asker, self.request_id, self.ip)


def add(conn: sa.Connection, vault: Vault, made: Work) -> None:
    """Keep new work."""
    values = {name: getattr(made, name) for name in _PLAIN} | {"title": made.title.as_json(), "problems": []}
    values |= {
        "place": dict(made.place),
        "roles": list(made.roles),
        "counts": dict(made.counts),
        "asked": _sealed(vault, made),
    }
    conn.execute(sa.insert(WorkRow).values(values))


def get(conn: sa.Connection, vault: Vault, work_id: str) -> Work | None:
    """Return one piece of work."""
    row = conn.execute(sa.select(_ROW).where(_ROW.c.id == work_id)).mappings().one_or_none()
    return _work(row, vault) if row else None


def of(conn: sa.Connection, vault: Vault, owner: str, *, limit: int = 50) -> list[Work]:
    """Return what somebody asked for, newest first."""
    chosen = sa.select(_ROW).where(_ROW.c.owner == owner).order_by(_ROW.c.id.desc()).limit(limit)
    return [_work(row, vault) for row in conn.execute(chosen).mappings()]


def unended(conn: sa.Connection, owner: str) -> int:
    """Return how much of what somebody asked for is still going on."""
    open_ = sa.and_(_ROW.c.owner == owner, _ROW.c.state.in_(("waiting", "running")))
    return conn.scalar(sa.select(sa.func.count()).select_from(WorkRow).where(open_)) or 0


def put(conn: sa.Connection, work: Work, **values: Any) -> bool:
    """Write what a step changed; False where somebody else wrote this step, or the work has ended."""
    mine = sa.and_(_ROW.c.id == work.id, _ROW.c.step == work.step, _ROW.c.state.not_in(ENDED))
    return bool(conn.execute(sa.update(WorkRow).where(mine).values(values)).rowcount)


def tell_file(conn: sa.Connection, work_id: str, name: str, content_type: str, size: int) -> None:
    """Write what the kept file is called, what it is and how large."""
    values = {"file_name": name, "file_type": content_type, "file_size": size}
    conn.execute(sa.update(WorkRow).where(_ROW.c.id == work_id).values(values))


def ask_to_stop(conn: sa.Connection, work_id: str) -> bool:
    """Let work end before its next step; False where it has ended."""
    open_ = sa.and_(_ROW.c.id == work_id, _ROW.c.state.not_in(ENDED))
    return bool(conn.execute(sa.update(WorkRow).where(open_).values(stop=True)).rowcount)


def append(conn: sa.Connection, vault: Vault, work_id: str, file: str, content: Iterable[bytes]) -> int:
    """Add to the end of one of the work's files; return how many bytes that were."""
    own = sa.and_(_PART.c.work_id == work_id, _PART.c.file == file)
    position = conn.scalar(sa.select(sa.func.max(_PART.c.position)).where(own))
    size, position = 0, -1 if position is None else position
    for piece in _pieces(content):
        position, size = position + 1, size + len(piece)
        sealed = vault.seal_bytes("work_part.content", f"{work_id}/{file}/{position}", piece)
        conn.execute(sa.insert(WorkPartRow).values(work_id=work_id, file=file, position=position, content=sealed))
    return size


def piece(conn: sa.Connection, vault: Vault, work_id: str, file: str, position: int) -> bytes | None:
    """Return one piece of a file, counted from 0; None behind the last."""
    own = sa.and_(_PART.c.work_id == work_id, _PART.c.file == file, _PART.c.position == position)
    sealed = conn.scalar(sa.select(_PART.c.content).where(own))
    return vault.open_bytes("work_part.content", f"{work_id}/{file}/{position}", sealed) if sealed is not None else None


def drop(conn: sa.Connection, work_id: str, *files: str) -> None:
    """Forget files of the work."""
    conn.execute(sa.delete(WorkPartRow).where(_PART.c.work_id == work_id, _PART.c.file.in_(files)))


def asker(conn: sa.Connection, work: Work, now: datetime) -> User | None:
    """Return who asked, with the roles of then they still have; None where they have left or their token has ended."""
    roles = frozenset(work.roles)
    person = conn.execute(
        sa.select(UserRow.id, UserRow.name, UserRow.roles, UserRow.regions).where(
            UserRow.id == work.owner, UserRow.active == sa.true()
        )
    ).one_or_none()
    if person is not None:
        return User(person.id, person.name, roles & frozenset(person.roles), frozenset(person.regions), work.ip)
    token = conn.execute(
        sa.select(TokenRow.id, TokenRow.name, TokenRow.roles).where(
            TokenRow.id == work.owner, TokenRow.expires_at > now
        )
    ).one_or_none()
    return (
        User(token.id, f"token:{token.name}", roles & frozenset(token.roles), ip=work.ip) if token is not None else None
    )


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget work that began longer ago than it is kept, with its files; return how many rows went."""
    return conn.execute(sa.delete(WorkRow).where(_ROW.c.started_at < now - KEPT)).rowcount


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for given in content:
        held += given
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def _sealed(vault: Vault, made: Work) -> str:
    return vault.seal("work.asked", made.id, json.dumps(dict(made.asked)).decode())


def _work(row: Any, vault: Vault) -> Work:
    return Work(
        **{name: row[name] for name in _PLAIN},
        roles=row["roles"],
        title=Text.of(row["title"]),
        asked=json.loads(vault.open("work.asked", row["id"], row["asked"]), limit=json.ANSWER_LIMIT),
        problems=tuple(map(Problem.of, row["problems"])),
    )
