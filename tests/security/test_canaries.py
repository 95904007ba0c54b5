"""Planted phones and ID numbers stand nowhere in clear: not in a column, not in the database's file, not in the log."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.intake import take
from ordain.flows.services import Services
from ordain.store.tables import metadata
from tests.factories import ORIGIN, incoming, own_site_order
from tests.security.test_tampering import FORM, ORDER

EACH = 25


def phone(way: int, n: int) -> str:
    return f"1384{way}{n:02d}7531"


def card(way: int, n: int) -> str:
    return f"3301021990{way}{n:02d}731{n % 10}"


def texts(services: Services) -> str:
    """Return every value of every column of every table, as text."""
    found = []
    with services.db.read() as conn:
        for table in metadata.sorted_tables:
            found += [repr(tuple(row)) for row in conn.execute(sa.select(table))]
    return "\n".join(found)


def files(services: Services) -> bytes:
    """Return the bytes of the database's files, its log of writes included; none where a server keeps them."""
    if services.db.dialect != "sqlite":
        return b""
    path = Path(str(services.db.url.database))
    return b"".join(found.read_bytes() for found in path.parent.glob(f"{path.name}*"))


def test_planted_values_are_found_by_search_and_stand_nowhere_in_clear(
    founded: Services,
    client: FlaskClient,
    token: Callable[..., dict[str, str]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    publishing.publish(founded, [FORM], "", ORIGIN)
    admin = token()
    for n in range(EACH):
        buyer: dict[str, Any] = {"nick": "u", "mobile": phone(1, n)}
        ship = {"to": "宋星野", "tel": phone(1, n), "addr": "湖北省 武汉市 洪山区 虚拟珞珈支路12号"}
        take(founded, "own-site", "webhook", [incoming(own_site_order(f"HY{n}", buyer=buyer, ship=ship))], ORIGIN)
        sent = ORDER | {"external_id": f"api-{n}", "buyer": {"name": "王芳", "phone": phone(2, n)}}
        assert (
            client.post("/api/v1/orders", json=sent, headers=admin | {"Idempotency-Key": f"key-{n}"}).status_code == 201
        )
        data = {"who": "李雷", "id_card": card(3, n)}
        assert client.post("/api/v1/forms/visit/entries", json={"data": data}, headers=admin).status_code == 201
    lines = "\n".join(["姓名,身份证", *(f"韩梅梅{n},{card(4, n)}" for n in range(EACH))])
    made = client.post("/api/v1/imports?name=v.csv&into=record:visit", data=lines.encode(), headers=admin)
    place = f"/api/v1/imports/{(made.json or {})['id']}"
    looked = client.put(f"{place}/plan", json={"into": "record:visit", "match": ["who"]}, headers=admin)
    assert (looked.json or {})["counts"] == {"new": EACH}
    confirmed = client.post(f"{place}/confirm", headers=admin)
    assert confirmed.status_code in (200, 202), confirmed.json

    planted = [phone(way, n) for way in (1, 2) for n in range(EACH)] + [
        card(way, n) for way in (3, 4) for n in range(EACH)
    ]
    dump, raw, log = texts(founded), files(founded), "".join(capfd.readouterr())
    assert "宋星野" in dump  # what nobody protects is there to be read
    assert [value for value in planted if value in dump] == []
    assert [value for value in planted if value.encode() in raw] == []
    assert [value for value in planted if value in log] == []
    assert not re.search(r"(?<![\w+/-])1384[12]\d{2}", dump)  # nor the beginning of one, but for chance in a cipher

    for way in (1, 2):
        exact = client.get(f"/api/v1/orders?q={phone(way, 7)}", headers=admin).json or {}
        assert exact["total"] == 1
    tail = client.get("/api/v1/orders?q=7531", headers=admin).json or {}
    assert tail["total"] == 2 * EACH
