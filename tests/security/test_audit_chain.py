"""What the audit tells cannot be changed unseen: 10,000 tamperings, each found; and real ones on both databases."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from ordain.base.ids import new_id
from ordain.flows.sealing import FILE, Sealer, anchors
from ordain.flows.services import Services
from ordain.flows.verifying import verify
from ordain.records.actor import Origin, System, User
from ordain.store import audit, audit_chain
from ordain.store.audit_chain import BEGINNING, Anchor, Head, Linked, Seals
from ordain.store.database import Database
from ordain.store.tables.audit import AuditLinkRow, AuditRow
from tests.conftest import SEALS, START, Clock

ROWS = 40
ANNA = Origin(User("p1", "anna", frozenset({"service"}), ip="192.0.2.7", session="s1"), "request-1")
Table = list[Linked]


def chain(count: int = ROWS) -> tuple[Table, Anchor]:
    """Return a sealed audit as it stands in its tables, and the anchor thrown at its end."""
    table: Table = []
    link = BEGINNING
    for number in range(1, count + 1):
        row = {
            "id": new_id(), "at": START + timedelta(seconds=number), "actor": f"user:u{number % 3}", "on_behalf_of": None,
            "ip": "192.0.2.7", "session": None, "request_id": f"r{number}", "action": "order.update",
            "entity": f"order:{number % 7}", "before": {"state": "paid"}, "after": {"state": "shipped", "n": number},
        }  # fmt: skip
        row["mac"] = SEALS.mark(row)
        link = SEALS.link(number, row, link)
        table.append(Linked(number, str(row["id"]), link, row))
    return table, audit_chain.anchored(SEALS, START, Head(count, link))


def renumbered(table: Table) -> Table:
    return [replace(item, number=number) for number, item in enumerate(table, 1)]


def edit(table: Table, dice: random.Random) -> Table:
    place = dice.randrange(len(table))
    row = dict(table[place].row or {})
    name = dice.choice([name for name in (*audit_chain.FIELDS, "mac") if name != "id"])
    match name:
        case "at":
            row[name] += timedelta(milliseconds=dice.choice((-1, 1)))
        case "before":
            row[name] = dice.choice((None, {}, {"state": "unpaid"}))
        case "after":
            row[name] = {"state": "shipped", "n": -1}
        case "mac":
            row[name] = dice.choice((None, "0" * 64))
        case _:
            row[name] = f"{row[name] or ''}x"
    if dice.random() < 0.3:  # one who knows that rows without a mark were taken once
        row["mac"] = None
    return [*table[:place], replace(table[place], row=row), *table[place + 1 :]]


def delete(table: Table, dice: random.Random) -> Table:
    place = dice.randrange(len(table))
    if dice.random() < 0.5:
        return [*table[:place], replace(table[place], row=None), *table[place + 1 :]]
    left = [*table[:place], *table[place + 1 :]]
    return renumbered(left) if dice.random() < 0.5 else left


def swap(table: Table, dice: random.Random) -> Table:
    one, other = sorted(dice.sample(range(len(table)), 2))
    made = list(table)
    if dice.random() < 0.5:  # what the rows say
        made[one] = replace(table[one], row={**(table[other].row or {}), "id": table[one].audit_id})
        made[other] = replace(table[other], row={**(table[one].row or {}), "id": table[other].audit_id})
    else:  # their places
        made[one], made[other] = replace(table[other], number=one + 1), replace(table[one], number=other + 1)
    return made


def insert(table: Table, dice: random.Random) -> Table:
    place = dice.randrange(len(table) + 1)
    row = {**(dice.choice(table).row or {}), "id": new_id(), "actor": "user:nobody"}
    previous = table[place - 1].link if place else BEGINNING
    forger = Seals(dice.randbytes(32))
    row["mac"] = dice.choice((forger.mark(row), None))
    made = Linked(place + 1, row["id"], forger.link(place + 1, row, previous), row)
    return renumbered([*table[:place], made, *table[place:]])


def truncate(table: Table, dice: random.Random) -> Table:
    return table[: dice.randrange(len(table))]


@pytest.mark.timeout(120)
def test_ten_thousand_tamperings_are_all_found() -> None:
    table, anchor = chain()
    assert list(audit_chain.check(table, SEALS, [anchor])) == []
    dice = random.Random(7)
    ways: list[Callable[[Table, random.Random], Table]] = [edit, delete, swap, insert, truncate]
    missed = []
    for number in range(10_000):
        tampered = ways[number % len(ways)](table, dice)
        if next(audit_chain.check(tampered, SEALS, [anchor]), None) is None:
            missed.append((ways[number % len(ways)].__name__, number))
    assert missed == []


def test_the_first_bad_row_is_named() -> None:
    table, anchor = chain()
    row = {**(table[16].row or {}), "actor": "user:somebody-else"}
    tampered = [*table[:16], replace(table[16], row=row), *table[17:25], *table[26:]]
    found = list(audit_chain.check(tampered, SEALS, [anchor]))
    assert (found[0].path, found[0].code) == (f"audit {table[16].audit_id}", "edited")
    assert (found[1].path, found[1].code) == ("audit link 26", "link_missing")


def test_a_changed_anchor_is_told_of() -> None:
    table, anchor = chain()
    found = list(audit_chain.check(table[:-3], SEALS, [replace(anchor, count=ROWS - 3)]))
    assert [item.code for item in found] == ["anchor_changed"]


def tell(services: Services, count: int = 5) -> None:
    with services.db.write() as conn:
        for number in range(count):
            after = {"n": number, "share": 2.0, "words": ["a", None], "text": "上海"}
            audit.record(conn, ANNA, services.now(), "order.update", f"order:{number}", {"state": "paid"}, after)


def codes(services: Services) -> list[str]:
    return [item.code for item in verify(services)]


def test_what_was_told_is_sealed_and_holds(services: Services, clock: Clock) -> None:
    sealer = Sealer(services)
    assert sealer.run() is None
    tell(services)
    done = sealer.run()
    assert done is not None
    assert (done.rows, done.head.count, list(done.strange)) == (5, 5, [])
    clock.forward(minutes=2)
    sealer.run()
    assert codes(services) == []
    assert [anchor.count for anchor in anchors(services)] == [5]
    tell(services, 2)
    assert codes(services) == []  # two rows wait for their link: nothing is wrong with that
    sealer.run()
    clock.forward(minutes=2)
    sealer.run()
    assert [anchor.count for anchor in anchors(services)] == [5, 7]
    assert codes(services) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'user:other'",
        "DELETE FROM audit",
        "UPDATE audit_link SET link = ''",
        "DELETE FROM audit_link",
    ],
)
def test_the_database_refuses_to_change_the_audit(services: Services, statement: str) -> None:
    tell(services)
    Sealer(services).run()
    with pytest.raises(DatabaseError, match="only ever added to"), services.db.write() as conn:
        conn.execute(sa.text(statement))
    if services.db.dialect == "postgresql":
        with pytest.raises(DatabaseError, match="only ever added to"), services.db.write() as conn:
            conn.execute(sa.text("TRUNCATE audit"))
    else:
        with pytest.raises(DatabaseError, match="only ever added to"), services.db.write() as conn:
            conn.execute(sa.text("INSERT OR REPLACE INTO audit SELECT * FROM audit"))
    assert codes(services) in ([], ["no_anchor"])


def unlocked(database: Database) -> None:
    """Take the triggers away, as one who owns the database may."""
    with database.write() as conn:
        if database.dialect == "postgresql":
            for table in ("audit", "audit_link"):
                conn.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            return
        names = conn.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        for name in names:
            conn.execute(sa.text(f"DROP TRIGGER {name}"))


def sealed(services: Services, clock: Clock) -> list[str]:
    tell(services, 8)
    sealer = Sealer(services)
    sealer.run()
    clock.forward(minutes=2)
    sealer.run()
    unlocked(services.db)
    with services.db.read() as conn:
        return list(conn.scalars(sa.select(AuditLinkRow.audit_id).order_by(AuditLinkRow.number)))


@pytest.mark.parametrize(("way", "code"), [("edit", "edited"), ("delete", "deleted"), ("truncate", "truncated")])
def test_who_owns_the_database_is_found_out(services: Services, clock: Clock, way: str, code: str) -> None:
    ids = sealed(services, clock)
    assert codes(services) == []
    with services.db.write() as conn:
        match way:
            case "edit":
                conn.execute(sa.update(AuditRow).where(AuditRow.id == ids[3]).values(actor="user:other"))
            case "delete":
                conn.execute(sa.delete(AuditRow).where(AuditRow.id == ids[3]))
            case _:
                conn.execute(sa.delete(AuditLinkRow).where(AuditLinkRow.number > 5))
                conn.execute(sa.delete(AuditRow).where(AuditRow.id.in_(ids[5:])))
    found = list(verify(services))
    assert found[0].code == code
    assert way == "truncate" or found[0].path == f"audit {ids[3]}"


def test_a_row_the_application_never_wrote_gets_no_place_and_raises_the_alarm(services: Services, clock: Clock) -> None:
    tell(services)
    sealer = Sealer(services)
    sealer.run()
    forged = new_id()
    with services.db.write() as conn:
        row = dict(conn.execute(sa.select(AuditRow.__table__).limit(1)).mappings().one())
        conn.execute(sa.insert(AuditRow).values(**{**row, "id": forged, "actor": "user:nobody"}))
    done = sealer.run()
    assert done is not None
    assert list(done.strange) == [forged]
    sealer.run()
    assert "inserted" in codes(services)
    with services.db.read() as conn:
        assert conn.scalar(sa.select(AuditRow.actor).where(AuditRow.action == "audit.strange")) == "system:sealer"


def test_rows_from_before_the_chain_are_taken_by_the_first_pass_alone(services: Services) -> None:
    def plain(row_id: str) -> None:
        with services.db.write() as conn:
            row = audit._row(Origin(System("test")), START, audit.Change("old", "order:1"), None)
            conn.execute(sa.insert(AuditRow).values(**{**row, "id": row_id}))

    plain(new_id())
    sealer = Sealer(services)
    first = sealer.run()
    assert first is not None
    assert (first.rows, list(first.strange)) == (1, [])
    late = new_id()
    plain(late)
    second = sealer.run()
    assert second is not None
    assert list(second.strange) == [late]


def test_without_its_anchors_nobody_vouches_for_the_end(services: Services, clock: Clock) -> None:
    sealed(services, clock)
    (services.settings.home / FILE).unlink()
    assert codes(services)[0] == "no_anchor"


def test_neighbours_in_the_chain_depend_on_each_other() -> None:
    table, _ = chain(10)
    assert all(one.link != other.link for one, other in pairwise(table))
    assert SEALS.link(1, table[0].row or {}, BEGINNING) == table[0].link
