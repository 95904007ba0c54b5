import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.flows import alarming, publishing
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store.tables.audit import AuditRow
from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import OrderRow
from ordain.store.tables.outside import NoticeRow
from ordain.store.tables.records import RecordRow
from ordain.store.vault import Unopened, Vault, VaultError

Headers = dict[str, str]
PHONE = "13912345678"
ORDER = {
    "channel": "own-site",
    "currency": "CNY",
    "buyer": {
        "name": "王芳",
        "phone": PHONE,
        "address": {"province": "浙江省", "city": "杭州市", "street": "文三路 1 号"},
    },
    "lines": [{"sku": "MUG-350-WHITE", "quantity": 1, "unit_price": 4900}],
}
FORM = {
    "kind": "form", "key": "visit", "title": {"zh": "来访", "en": "Visit"}, "schema_version": 1,
    "spec": {"record": "visit", "fields": {
        "who": {"type": "text", "title": {"zh": "姓名", "en": "Name"}, "required": True},
        "id_card": {"type": "text", "title": {"zh": "身份证", "en": "ID card"}, "protected": True, "required": True, "searchable": False},
        "floors": {"type": "integer", "title": {"zh": "楼层", "en": "Floors"}, "protected": True},
    }},
}  # fmt: skip


def flipped(sealed: str, place: int, bit: int) -> str:
    raw = bytearray(sealed.encode())
    raw[place] ^= 1 << bit
    return raw.decode("latin-1")


def test_ten_thousand_flipped_bits_are_all_refused(vault: Vault) -> None:
    chance = random.Random(11)
    values = [vault.seal("orders.phone", f"row{n}", f"139{n:08d}" * (1 + n % 80)) for n in range(100)]
    opened = 0
    for turn in range(10_000):
        n = turn % len(values)
        try:
            vault.open(
                "orders.phone", f"row{n}", flipped(values[n], chance.randrange(len(values[n])), chance.randrange(8))
            )
            opened += 1
        except VaultError:
            continue
    assert opened == 0


def test_pieces_with_flipped_bits_are_all_refused(vault: Vault) -> None:
    chance, piece = random.Random(12), vault.seal_bytes("work_part.content", "w/file/0", b"piece of a file" * 100)
    for _ in range(3_000):
        raw = bytearray(piece)
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        with pytest.raises(VaultError):
            vault.open_bytes("work_part.content", "w/file/0", bytes(raw))
    for short in (b"", b"\x02", piece[:4], piece[:20], piece[:-1]):
        with pytest.raises(VaultError):
            vault.open_bytes("work_part.content", "w/file/0", short)


@pytest.fixture
def admin(token: Callable[..., Headers]) -> Headers:
    return token()


@pytest.fixture
def order(client: FlaskClient, admin: Headers) -> str:
    answer = client.post("/api/v1/orders", json=ORDER, headers=admin)
    assert answer.status_code == 201, answer.json
    return str((answer.json or {})["id"])


def spoil(services: Services, order: str) -> None:
    with services.db.write() as conn:
        sealed = str(conn.scalar(sa.select(OrderRow.phone).where(OrderRow.id == order)))
        conn.execute(sa.update(OrderRow).where(OrderRow.id == order).values(phone=sealed[:-8] + "AAAAAAAA"))


def alarms(services: Services) -> list[str]:
    with services.db.read() as conn:
        return list(conn.scalars(sa.select(AuditRow.entity).where(AuditRow.action == "vault.refused")))


def test_a_page_with_a_tampered_value_opens_and_says_so(
    founded: Services, order: str, signed_in: Callable[..., FlaskClient]
) -> None:
    spoil(founded, order)
    browser = signed_in()
    page = browser.get(f"/orders/{order}")
    assert page.status_code == 200
    assert Unopened.TEXT in page.text
    assert "文三路" in page.text
    assert browser.get("/orders").status_code == 200


def test_a_program_is_told_which_value_does_not_open(
    founded: Services, client: FlaskClient, order: str, admin: Headers
) -> None:
    spoil(founded, order)
    answer = client.get(f"/api/v1/orders/{order}", headers=admin)
    found = answer.json or {}
    assert answer.status_code == 200
    assert found["buyer"]["phone"] is None
    told = found["problems"][-1]
    assert (told["path"], told["code"]) == ("buyer.phone", "cannot_open")


def test_administrators_are_warned_once_an_hour_and_the_audit_says_where(
    founded: Services, order: str, client: FlaskClient, admin: Headers
) -> None:
    spoil(founded, order)
    for _ in range(3):
        assert client.get(f"/api/v1/orders/{order}", headers=admin).status_code == 200
    assert alarms(founded) == [f"order:{order}"]
    with founded.db.read() as conn:
        told = list(conn.scalars(sa.select(NoticeRow.subject).where(NoticeRow.notice == "vault-alarm")))
    assert set(told) == {"house:vault"}
    assert alarming.tell(founded) == 0


def test_a_raw_message_that_does_not_open_is_a_problem_of_its_own(
    founded: Services, order: str, signed_in: Callable[..., FlaskClient]
) -> None:
    with founded.db.write() as conn:
        for row in conn.execute(sa.select(MessageRow.id, MessageRow.raw)).all():
            conn.execute(sa.update(MessageRow).where(MessageRow.id == row.id).values(raw=row.raw[:-8] + "AAAAAAAA"))
    page = signed_in().get(f"/orders/{order}?tab=raw")
    assert page.status_code == 200


def test_a_record_with_a_tampered_field_is_read_changed_and_mended(
    founded: Services, client: FlaskClient, admin: Headers, signed_in: Callable[..., FlaskClient]
) -> None:
    publishing.publish(founded, [FORM], "", Origin(System("test")))
    data = {"who": "李雷", "id_card": "330102199003070019", "floors": 12}
    made = client.post("/api/v1/forms/visit/entries", json={"data": data}, headers=admin).json or {}
    place = f"/api/v1/forms/visit/entries/{made['id']}"
    assert (client.get(place, headers=admin).json or {})["data"] == data
    with founded.db.write() as conn:
        stored = dict(conn.scalar(sa.select(RecordRow.data).where(RecordRow.id == made["id"])) or {})
        assert str(stored["floors"]).startswith("v1.")
        assert "330102" not in str(stored)
        spoilt = stored | {name: stored[name][:-8] + "AAAAAAAA" for name in ("id_card", "floors")}
        conn.execute(sa.update(RecordRow).where(RecordRow.id == made["id"]).values(data=spoilt))
    found = client.get(place, headers=admin).json or {}
    assert found["data"] == {"who": "李雷", "id_card": Unopened.TEXT, "floors": Unopened.TEXT}
    browser = signed_in()
    for page in (f"/records/visit/{made['id']}", f"/records/visit/{made['id']}/edit", "/records/visit"):
        answer = browser.get(page)
        assert answer.status_code == 200, page
    kept = client.put(place, json={"version": 1, "data": {"who": "韩梅梅"}}, headers=admin)
    assert kept.status_code == 200, kept.json
    with founded.db.read() as conn:
        assert dict(conn.scalar(sa.select(RecordRow.data).where(RecordRow.id == made["id"])) or {}) == spoilt | {
            "who": "韩梅梅"
        }
    mended = client.put(place, json={"version": 2, "data": data}, headers=admin)
    assert mended.status_code == 200, mended.json
    assert (client.get(place, headers=admin).json or {})["data"] == data
    assert set(alarms(founded)) == {f"record:{made['id']}"}
