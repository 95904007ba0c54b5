"""A small world of secrets: orders of two regions, a complaint, a person, each field holding a value like no other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ordain.flows import intake, login, publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store import people, tokens
from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import OrderRow
from tests.factories import ORIGIN, incoming, own_site_order
from tests.web.pages.test_records import COMPLAINT

FORM = "supplier-complaint"


@dataclass(frozen=True)
class Secret:
    """One field of one row, and the ways in which its value may be written."""

    record: str
    row: str
    name: str
    ways: tuple[str, ...]


@dataclass
class World:
    """What was planted, and the ids of what holds it."""

    secrets: list[Secret] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    complaint: str = ""
    person: str = ""
    rows: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def found_in(self, text: str) -> list[Secret]:
        return [secret for secret in self.secrets if any(_stands(way, text) for way in secret.ways)]


def _stands(way: str, text: str) -> bool:
    """Tell whether a value stands in a text; digits within a longer word are a random id's, not an amount."""
    if not way.isdigit():
        return way in text
    return re.search(rf"(?<![0-9A-Za-z_-]){way}(?![0-9A-Za-z_-])", text) is not None


def order(
    number: str, province: str, *, name: str, phone: str, street: str, title: str, total: int = 4598
) -> dict[str, Any]:
    """Return an order of the own shop with these values."""
    made = own_site_order(number)
    made["buyer"] = {"nick": "u", "mobile": phone}
    made["ship"] = {"to": name, "tel": phone, "addr": f"{province} {street}"}
    made["lines"]["1"] |= {"name": title, "qty": 1, "unitCents": total - 600}
    made["money"] |= {"goods": total - 600, "payable": total, "paid": total}
    return made


def take(services: Services, *documents: Mapping[str, Any]) -> None:
    intake.take(services, "own-site", "webhook", [incoming(dict(one)) for one in documents], ORIGIN)


def planted(services: Services) -> World:
    """Plant it all."""
    made = World()
    publishing.publish(services, [COMPLAINT], "", ORIGIN)
    for row, place, mark in (("east", "浙江省 杭州市 西湖区", "甲"), ("north", "北京市 北京市 海淀区", "乙")):
        number, digit = f"HYQ{row.upper()}", "3" if row == "east" else "7"
        values = {
            "name": f"龘{mark}靐", "phone": f"139{digit}4{digit}61{digit}85", "street": f"鱻{mark}路{digit}51号",
            "title": f"麤{mark}茶", "total": int(f"8{digit}41{digit}"),
        }  # fmt: skip
        take(services, order(number, place, **values))  # type: ignore[arg-type] # as they are named
        total = values["total"]
        assert isinstance(total, int)
        money = f"{total // 100}.{total % 100:02d}"
        made.rows[row] = {"region": row, "state": "paid", "channel": "own-site"}
        made.secrets += [
            Secret("order", row, "number", (number,)),
            Secret("order", row, "buyer.name", (str(values["name"]),)),
            Secret("order", row, "buyer.phone", (str(values["phone"]),)),
            Secret("order", row, "buyer.address.street", (str(values["street"]),)),
            Secret("order", row, "lines", (str(values["title"]),)),
            Secret("order", row, "total", (str(total), money)),
        ]
        with services.db.read() as conn:
            found = conn.execute(sa.select(OrderRow.id, OrderRow.region).where(OrderRow.external_id == number)).one()
            assert found.region == row
            made.orders[row] = found.id
            message = sa.select(MessageRow.id).where(MessageRow.order_id == found.id)
            made.messages[row] = str(conn.scalar(message))
    with services.db.read() as conn:
        form = recording.form_of(services.live.at(conn), FORM)
    assert form is not None
    data = {"supplier": "Acme", "severity": "low", "phone": "13655512399"}
    made.complaint = recording.create(services, form, data, ORIGIN, EVERYTHING).id
    made.secrets.append(Secret("record", "complaint", "phone", ("13655512399",)))
    made.person = person(services, "somebody", ["viewer"])[0]
    with services.db.write() as conn:
        people.set_contact(
            conn, services.vault, made.person, display_name="", mail="q9x@example.com", phone="13777712345"
        )
    made.secrets.append(Secret("person", "somebody", "mail", ("q9x@example.com",)))
    made.secrets.append(Secret("person", "somebody", "phone", ("13777712345",)))
    return made


def person(
    services: Services, name: str, roles: Sequence[str], regions: Sequence[str] = ()
) -> tuple[str, dict[str, str]]:
    """Add a person, and return their id and the headers of a program of theirs."""
    assert login.add_user(services, name, roles, regions) is not None
    plain = f"token-of-{name}"
    with services.db.write() as conn:
        who = people.person(conn, name)
        assert who is not None
        assert tokens.add(conn, "all", roles, plain, services.now(), 30, who)
    return who.id, {"Authorization": f"Bearer {plain}", "Accept-Language": "en"}
