from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ordain.base import json
from ordain.flows import publishing
from ordain.flows.intake import take
from ordain.flows.services import Services
from ordain.sandbox import signing
from ordain.store.tables.orders import OrderRow
from tests.factories import ORIGIN, incoming, own_site_order
from tests.store.test_fields import field, order_form
from tests.web.pages.test_records import COMPLAINT

Headers = dict[str, str]
SUBMIT = {
    "channel": "own-site", "currency": "CNY", "buyer": {"name": "林", "phone": "13900000001"},
    "lines": [{"sku": "HY-NTB-08", "quantity": 2, "unit_price": 1999}],
}  # fmt: skip


@pytest.fixture
def admin(token: Callable[..., Headers]) -> Headers:
    return token()


def fill(services: Services, count: int) -> None:
    items = [incoming(own_site_order(f"HY{n:03d}", createdAt=1795052947000 + n * 1000)) for n in range(count)]
    take(services, "own-site", "webhook", items, ORIGIN)


def test_pages_together_hold_every_order_once(client: FlaskClient, founded: Services, admin: Headers) -> None:
    fill(founded, 25)
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"/api/v1/orders?limit=10&cursor={cursor}", headers=admin).json
        assert page is not None
        assert page["total"] == 25
        seen += [item["external_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"HY{n:03d}" for n in reversed(range(25))]


@pytest.mark.parametrize("sort", ["total", "-total", "number", "received_at"])
def test_any_sort_pages_without_gap_or_double(
    client: FlaskClient, founded: Services, admin: Headers, sort: str
) -> None:
    fill(founded, 7)
    first = client.get(f"/api/v1/orders?limit=4&sort={sort}", headers=admin).json
    assert first is not None
    second = client.get(f"/api/v1/orders?limit=4&sort={sort}&cursor={first['next']}", headers=admin).json
    assert second is not None
    assert len({item["id"] for item in first["items"] + second["items"]}) == 7


@pytest.mark.parametrize(
    ("query", "count"),
    [("q=13900000008", 2), ("q=0008", 2), ("q=HY001", 1), ("q=HY-NTB-08", 2), ("q=宋星", 2), ("q=%25", 0), ("state=paid", 2),
     ("state=shipped", 0), ("channel=own-site", 2), ("held=true", 0), ("external_id=HY000", 1), ("placed_from=2030-01-01T00:00:00Z", 0)],
)  # fmt: skip
def test_filters_and_search(client: FlaskClient, founded: Services, admin: Headers, query: str, count: int) -> None:
    fill(founded, 2)
    page = client.get(f"/api/v1/orders?{query}", headers=admin).json
    assert page is not None
    assert page["total"] == count


def test_an_order_has_the_shape_of_the_contract_and_protected_fields_follow_the_role(
    client: FlaskClient, founded: Services, token: Callable[..., Headers]
) -> None:
    fill(founded, 1)
    page = client.get("/api/v1/orders", headers=token()).json
    assert page is not None
    order_id = page["items"][0]["id"]
    whole = client.get(f"/api/v1/orders/{order_id}", headers=token("supervisor")).json
    assert whole is not None
    assert (whole["buyer"]["phone"], whole["total"], whole["placed_at"]) == (
        "13900000008",
        4598,
        "2026-11-19T01:49:07.000Z",
    )
    finance = client.get(f"/api/v1/orders/{order_id}", headers=token("finance")).json
    assert finance is not None
    assert (finance["buyer"]["phone"], finance["buyer"]["address"]["street"]) == ("139 •••• 0008", None)
    hidden = client.get("/api/v1/orders?q=13900000008", headers=token("viewer")).json
    assert hidden is not None
    assert hidden["total"] == 0


def test_rows_follow_the_role_and_what_is_not_ones_own_is_not_there(
    client: FlaskClient, founded: Services, admin: Headers, token: Callable[..., Headers]
) -> None:
    fill(founded, 1)
    page = client.get("/api/v1/orders", headers=admin).json
    assert page is not None
    order_id = page["items"][0]["id"]
    warehouse = token("warehouse")  # of no region
    own = client.get("/api/v1/orders", headers=warehouse).json
    assert own is not None
    assert own["total"] == 0
    one = client.get(f"/api/v1/orders/{order_id}", headers=warehouse)
    none = client.get("/api/v1/orders/nothing", headers=warehouse)
    assert one.status_code == none.status_code == 404


def test_submitting_is_idempotent_by_key_and_by_content(client: FlaskClient, admin: Headers) -> None:
    keyed = admin | {"Idempotency-Key": "k1"}
    first = client.post("/api/v1/orders", json=SUBMIT, headers=keyed)
    assert (first.status_code, first.json["total"], first.json["state"]) == (201, 3998, "unpaid")  # type: ignore[index]
    again = client.post("/api/v1/orders", json=SUBMIT, headers=keyed)
    assert again.json == first.json
    stands = client.get(f"/api/v1/orders/{first.json['id']}", headers=admin)  # type: ignore[index]
    assert stands.json == first.json  # what was written is what is read
    other = client.post("/api/v1/orders", json=SUBMIT | {"currency": "USD"}, headers=keyed)
    assert other.status_code == 422
    page = client.get("/api/v1/orders", headers=admin).json
    assert page is not None
    assert page["total"] == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"lines": []}, "lines"),
        ({"currency": "yuan"}, "currency"),
        ({"channel": "nowhere"}, "channel"),
        ({"oops": 1}, "oops"),
    ],
)
def test_a_bad_submission_says_where(client: FlaskClient, admin: Headers, change: dict[str, Any], path: str) -> None:
    answer = client.post("/api/v1/orders", json=SUBMIT | change, headers=admin | {"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["problems"][0]["path"] == path
    assert answer.json["request_id"]


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff", b"[" * 5000])
def test_what_is_no_json_object_is_a_problem(client: FlaskClient, admin: Headers, data: bytes) -> None:
    assert client.post("/api/v1/orders", data=data, headers=admin).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "cursor=abc",
        "cursor=WzFd",
        "held=perhaps",
        "placed_from=yesterday",
        "placed_from=0001-01-01T00:00:00%2B14:00",
        "sort=nonsense",
        "state=flying",
        "chanel=own-site",
        "q=" + "x" * 201,
        "limit=1&limit=2",
    ],
)
def test_a_bad_query_is_a_problem(client: FlaskClient, admin: Headers, query: str) -> None:
    assert client.get(f"/api/v1/orders?{query}", headers=admin).status_code == 422


def test_held_messages_are_found_previewed_and_redriven(client: FlaskClient, founded: Services, admin: Headers) -> None:
    take(founded, "own-site", "webhook", [incoming(own_site_order(sku="NEW-1"))], ORIGIN)
    page = client.get("/api/v1/messages?state=held&code=unknown_sku", headers=admin).json
    assert page is not None
    assert page["total"] == 1
    one = client.get(f"/api/v1/messages/{page['items'][0]['id']}", headers=admin).json
    assert one is not None
    assert '"NEW-1"' in one["raw"]
    wanted = {"filter": {"code": "unknown_sku"}, "preview": True}
    assert client.post("/api/v1/messages/redrive", json=wanted, headers=admin).json == {
        "total": 1, "passing": 0, "remaining": {"unknown_sku": 1},
    }  # fmt: skip
    assert client.post("/api/v1/messages/redrive", json={"filter": {}}, headers=admin).status_code == 422
    decisions = client.get(f"/api/v1/decisions?subject=order:{one['order_id']}", headers=admin).json
    assert decisions is not None
    assert decisions["items"][0]["outcome"] == "hold"


def test_a_ninth_channel_comes_alive_through_the_api(client: FlaskClient, founded: Services, admin: Headers) -> None:
    for kind, key, ninth in (("mapping", "own-site-order", "ninth-order"), ("channel", "own-site", "ninth")):
        found = client.get(f"/api/v1/definitions/{kind}/{key}", headers=admin).json
        assert found is not None
        document = found["live"]["document"] | {"key": ninth}
        if kind == "channel":
            document["spec"]["mapping"] = "ninth-order"
        address = f"/api/v1/definitions/{kind}/{ninth}"
        saved = client.put(f"{address}/draft", json=document, headers=admin)
        assert saved.status_code == 200, saved.text
        assert client.post(f"{address}/try", json=document, headers=admin).json["problems"] == []  # type: ignore[index]
        published = client.post(f"{address}/publish", json={"note": "new"}, headers=admin)
        assert published.json["version"] == 1  # type: ignore[index]
    stamp = "1795140000000"
    body = json.dumps({"event": "order.paid", "seq": 1, "order": own_site_order("N1")})
    signature = signing.hmac_hex("test-secret-own-dev", stamp.encode() + b"." + body)
    headers = {"X-Hub-Time": stamp, "X-Hub-Sign": f"sha256={signature}", "X-Hub-Event-Id": "n1"}
    answered = client.post("/hooks/ninth", data=body, headers=headers)
    assert (answered.status_code, answered.text) == (200, '{"code":0}')
    page = client.get("/api/v1/orders?channel=ninth", headers=admin).json
    assert page is not None
    assert [item["external_id"] for item in page["items"]] == ["N1"]


def test_a_stale_draft_is_answered_with_both_sides(client: FlaskClient, admin: Headers) -> None:
    address = "/api/v1/definitions/mapping/own-site-order"
    found = client.get(address, headers=admin)
    assert found.json is not None
    document = found.json["live"]["document"]
    etag = found.headers["ETag"]
    mine, theirs = document | {"title": {"zh": "一", "en": "one"}}, document | {"title": {"zh": "二", "en": "two"}}
    assert client.put(f"{address}/draft", json=theirs, headers=admin | {"If-Match": etag}).status_code == 200
    stale = client.put(f"{address}/draft", json=mine, headers=admin | {"If-Match": etag})
    assert stale.status_code == 409
    assert stale.json is not None
    assert (stale.json["theirs"]["title"]["en"], stale.json["mine"]["title"]["en"]) == ("two", "one")


def test_rolling_back_and_unknown_versions(client: FlaskClient, admin: Headers) -> None:
    address = "/api/v1/definitions/mapping/own-site-order/rollback"
    assert client.post(address, json={"version": 1}, headers=admin).status_code == 200
    assert client.post(address, json={"version": 99}, headers=admin).status_code == 422
    assert client.get("/api/v1/definitions/nothing", headers=admin).status_code == 404


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "database": "ok", "queue": "degraded"})
    assert b"ordain_outbox_waiting" in client.get("/metrics").data


def test_every_api_route_is_in_the_document_with_its_errors(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/hooks/")):
            path = rule.rule.replace("<", "{").replace(">", "}")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                operation = document["paths"][path][method.lower()]
                assert operation["summary"]
                assert "400" in operation["responses"]


def test_records_of_an_own_form_are_made_read_changed_and_moved(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    address = "/api/v1/forms/supplier-complaint/entries"
    assert client.get(address, headers=admin).status_code == 404
    publishing.publish(founded, [COMPLAINT], "", ORIGIN)
    wrong = client.post(address, json={"data": {"severity": "odd", "colour": 1}}, headers=admin).json
    assert wrong is not None
    assert {(found["path"], found["code"]) for found in wrong["problems"]} == {
        ("supplier", "required"), ("severity", "unknown_option"), ("colour", "unknown_key"),
    }  # fmt: skip
    made = client.post(address, json={"data": {"supplier": "Acme", "claim": 1250}}, headers=admin)
    assert made.status_code == 201
    assert made.json is not None
    one = f"{address}/{made.json['id']}"
    assert made.json["state"] == "open"
    changed = client.put(one, json={"data": {"supplier": "Beta"}, "version": 1, "to": "settled"}, headers=admin).json
    assert changed is not None
    assert (changed["state"], changed["version"], changed["data"]) == ("settled", 2, {"supplier": "Beta"})
    assert client.put(one, json={"data": {"supplier": "C"}, "version": 1}, headers=admin).status_code == 409
    listed = client.get(f"{address}?state=settled&q=", headers=admin).json
    assert listed is not None
    assert [item["number"] for item in listed["items"]] == [1]


def test_fields_added_to_orders_are_filtered_sorted_and_told_as_the_role_reads_them(
    client: FlaskClient, founded: Services, admin: Headers, token: Callable[..., Headers]
) -> None:
    fields = {"tax_no": field("text"), "weight": field("integer"), "id_card": field("text", protected=True)}
    publishing.publish(founded, [order_form(**fields)], "", ORIGIN)
    fill(founded, 3)
    with founded.db.write() as conn:
        for n in range(3):
            extra = {"tax_no": f"T-{n}", "weight": 10 - n, "id_card": "secret"}
            conn.execute(sa.update(OrderRow).where(OrderRow.external_id == f"HY{n:03d}").values(extra=extra))
    answer = json.loads(client.get("/api/v1/orders?filter=tax_no:T-1", headers=admin).data)
    assert [item["extra"]["tax_no"] for item in answer["items"]] == ["T-1"]
    order = json.loads(client.get(f"/api/v1/orders/{answer['items'][0]['id']}", headers=admin).data)
    assert order["extra"]["weight"] == 9
    sorted_by = json.loads(client.get("/api/v1/orders?sort=own.weight", headers=admin).data)
    assert [item["extra"]["weight"] for item in sorted_by["items"]] == [8, 9, 10]
    for query in (
        "filter=nonsense:1",
        "filter=weight:heavy",
        "filter=id_card:secret",
        "sort=own.id_card",
        "sort=own.x",
    ):
        assert client.get(f"/api/v1/orders?{query}", headers=admin).status_code == 422, query
    viewer = client.get("/api/v1/orders", headers=token("viewer"))
    assert "T-1" in viewer.text
    assert "secret" not in viewer.text


@pytest.mark.parametrize(
    "address", ["https://[::1", "https://host]:", "https://:443/", "https://host:port/", "https://h:0"]
)
def test_an_address_that_names_no_host_is_a_problem(client: FlaskClient, admin: Headers, address: str) -> None:
    answer = client.put("/api/v1/connections/shop", json={"base_url": address}, headers=admin)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [found["path"] for found in answer.json["problems"]] == ["base_url"]
