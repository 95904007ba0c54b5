"""The chain over the audit: what makes an edit, a deletion, a swap, an insertion or a truncation show.

The application marks each row as it writes it, with a key that lies outside the database. The sealer gives marked
rows their places afterwards, so that no writer waits for another. Anchors say outside the database how far the
chain had come.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Problem, problem
from ordain.store.tables.audit import AuditLinkRow, AuditRow, AuditWaitingRow

FIELDS: Final = (
    "id", "at", "actor", "on_behalf_of", "ip", "session", "request_id", "action", "entity", "before", "after",
)  # fmt: skip
BEGINNING: Final = "0" * 64
_AUDIT: Final = AuditRow.__table__
_LINK: Final = AuditLinkRow.__table__
_WAITING: Final = AuditWaitingRow.__table__
_ONE_SEALER: Final = sa.text("SELECT pg_try_advisory_xact_lock(7463002)")
_AT_ONCE: Final = 2_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Seals:
    """Marks rows, links and anchors with the audit's own key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, row: Mapping[str, Any]) -> str:
        """Return the mark that says that the application wrote this row."""
        return self._sign(b"row", _canonical(row))

    def link(self, number: int, row: Mapping[str, Any], previous: str) -> str:
        """Return the link of a row at its place behind the previous one."""
        return self._sign(
            b"link", b"%d|%s|%s|" % (number, previous.encode(), (row["mac"] or "").encode()), _canonical(row)
        )

    def anchor(self, at: str, count: int, link: str) -> str:
        """Return the signature of an anchor."""
        return self._sign(b"anchor", f"{at}|{count}|{link}".encode())

    def _sign(self, *parts: bytes) -> str:
        return hmac.digest(self._key, b"|".join(parts), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain has come: how many links, and the last of them."""

    count: int = 0
    link: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one pass of the sealer did; `strange` are rows the application never wrote."""

    head: Head
    rows: int = 0
    strange: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What was said of the chain outside the database."""

    at: str
    count: int
    link: str
    signature: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A link with the row it is for; `row` is None where there is no such row any more."""

    number: int
    audit_id: str
    link: str
    row: Mapping[str, Any] | None


def head(conn: sa.Connection) -> Head:
    """Return how far the chain has come."""
    last = conn.execute(sa.select(_LINK.c.number, _LINK.c.link).order_by(_LINK.c.number.desc()).limit(1)).one_or_none()
    return Head(last.number, last.link) if last else Head()


def waits(conn: sa.Connection) -> bool:
    """Tell whether any row waits for its link."""
    return conn.scalar(sa.select(sa.literal(1)).select_from(_WAITING).limit(1)) is not None


def seal(conn: sa.Connection, seals: Seals) -> Sealed:
    """Link the rows that wait, some thousands at a time; rows without a right mark are told of and left out.

    Rows from before there was a chain have no mark: they are taken as they are by the very first pass.
    """
    if conn.dialect.name == "postgresql" and not conn.scalar(_ONE_SEALER):
        return Sealed(head(conn))
    before = head(conn)
    chosen = sa.select(_AUDIT).join(_WAITING, _WAITING.c.audit_id == _AUDIT.c.id).order_by(_AUDIT.c.id)
    rows = [dict(row) for row in conn.execute(chosen.limit(_AT_ONCE) if before.count else chosen).mappings()]
    count, link, links, strange = before.count, before.link, [], []
    for row in rows:
        if not (_is_marked(seals, row) or (row["mac"] is None and not before.count)):
            strange.append(row["id"])
            continue
        count, link = count + 1, seals.link(count + 1, row, link)
        links.append({"number": count, "audit_id": row["id"], "link": link})
    if links:
        conn.execute(sa.insert(AuditLinkRow), links)
    if rows:
        taken = [{"taken": row["id"]} for row in rows]
        conn.execute(sa.delete(AuditWaitingRow).where(AuditWaitingRow.audit_id == sa.bindparam("taken")), taken)
    return Sealed(Head(count, link), len(links), strange)


def anchored(seals: Seals, at: datetime, found: Head) -> Anchor:
    """Return the anchor for where the chain stands."""
    moment = rfc3339(at)
    return Anchor(moment, found.count, found.link, seals.anchor(moment, found.count, found.link))


def verify(conn: sa.Connection, seals: Seals, anchors: Sequence[Anchor]) -> Iterator[Problem]:
    """Return what does not hold of the audit, the first bad row first."""
    yield from check(_links(conn), seals, anchors)
    unlinked = (
        sa.select(_AUDIT.c.id)
        .outerjoin(_LINK, _LINK.c.audit_id == _AUDIT.c.id)
        .outerjoin(_WAITING, _WAITING.c.audit_id == _AUDIT.c.id)
        .where(_LINK.c.number.is_(None), _WAITING.c.audit_id.is_(None))
        .order_by(_AUDIT.c.id)
        .limit(20)
    )
    yield from map(inserted, conn.scalars(unlinked))


def check(links: Iterable[Linked], seals: Seals, anchors: Sequence[Anchor]) -> Iterator[Problem]:
    """Return what does not hold of a chain in its order: rows, links, and what the anchors say of it."""
    wanted: dict[int, str] = {}
    for anchor in anchors:
        if not hmac.compare_digest(seals.anchor(anchor.at, anchor.count, anchor.link), anchor.signature):
            yield _bad(f"anchor {anchor.at}", "anchor_changed", "锚点被改动", "the anchor was changed")
            continue
        wanted[anchor.count] = anchor.link
    count, previous = 0, BEGINNING
    for item in links:
        count += 1
        if item.number != count:
            yield _bad(f"audit link {count}", "link_missing", "校验链缺少此环", "this link of the chain is missing")
            return
        yield from _row_faults(item, seals, previous)
        if wanted.get(count, item.link) != item.link:
            yield _bad(f"audit {item.audit_id}", "not_anchored", "与锚点不符", "it is not what the anchor says")
        previous = item.link
    furthest = max(wanted, default=0)
    if furthest > count:
        yield _bad(
            f"audit link {count + 1}",
            "truncated",
            f"操作日志被截断：锚点记录有 {furthest} 行，现有 {count} 行",
            f"the audit was truncated: an anchor tells of {furthest} rows, {count} are here",
        )


def inserted(row_id: str) -> Problem:
    """Return the problem of a row that has no place in the chain and waits for none."""
    return _bad(f"audit {row_id}", "inserted", "此行不在校验链中", "this row is not in the chain")


def _row_faults(item: Linked, seals: Seals, previous: str) -> Iterator[Problem]:
    place = f"audit {item.audit_id}"
    if item.row is None:
        yield _bad(place, "deleted", "此行已被删除", "this row was deleted")
    elif item.row["mac"] is not None and not _is_marked(seals, item.row):
        yield _bad(place, "edited", "此行被改动", "this row was edited")
    elif not hmac.compare_digest(seals.link(item.number, item.row, previous), item.link):
        yield _bad(
            place, "moved", "此行与校验链不符：被改动、换位或插入", "this row does not fit its place in the chain"
        )


def _links(conn: sa.Connection) -> Iterator[Linked]:
    names = [_AUDIT.c[name] for name in (*FIELDS, "mac")]
    joined = sa.select(_LINK, *names).outerjoin(_AUDIT, _AUDIT.c.id == _LINK.c.audit_id).order_by(_LINK.c.number)
    for row in conn.execution_options(yield_per=2_000).execute(joined).mappings():
        whole = {name: row[name] for name in (*FIELDS, "mac")} if row["id"] is not None else None
        yield Linked(row["number"], row["audit_id"], row["link"], whole)


def _is_marked(seals: Seals, row: Mapping[str, Any]) -> bool:
    return row["mac"] is not None and hmac.compare_digest(seals.mark(row), row["mac"])


def _canonical(row: Mapping[str, Any]) -> bytes:
    values = [row[name] for name in FIELDS]
    values[1] = (row["at"] - _EPOCH) // _MILLISECOND  # as the column keeps it
    return json.canonical(_settled(values))


def _settled(value: Any) -> Any:
    """Return a value as it comes back from either database: a float without a fraction is an integer there."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list() | tuple():
            return [_settled(inner) for inner in value]
        case Mapping():
            return {name: _settled(inner) for name, inner in value.items()}
        case _:
            return value


def _bad(path: str, code: str, zh: str, en: str) -> Problem:
    return problem(path, code, zh, en)
