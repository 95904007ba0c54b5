from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.flows.services import Services
from tests.stock import assert_sound, numbers, stocked

Headers = dict[str, str]
API = "/api/v1"


@pytest.fixture
def admin(token: Callable[..., Headers]) -> Headers:
    return token()


def post(client: FlaskClient, admin: Headers, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    answer = client.post(f"{API}{path}", json=body, headers=admin | headers)
    return answer.status_code, answer.json


def order(client: FlaskClient, admin: Headers, *lines: tuple[str, int], **more: Any) -> tuple[int, Any]:
    items = [{"sku": sku, "quantity": count, "unit_price": 100} for sku, count in lines]
    return post(client, admin, "/orders", {"channel": "own-site", "currency": "CNY", "lines": items, **more})


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(found["path"], found["code"]) for found in answer["problems"]]


def test_a_level_has_the_shape_of_the_contract(client: FlaskClient, founded: Services, admin: Headers) -> None:
    answer = client.put(f"{API}/stock/A", json={"on_hand": 9, "safety": 1}, headers=admin)
    assert answer.status_code == 200
    reserved = {"reference": "r1", "lines": [{"sku": "A", "quantity": 4}]}
    assert post(client, admin, "/reservations", reserved)[0] == 201
    found = client.get(f"{API}/stock/A", headers=admin | {"Accept-Language": "zh"}).json
    assert found is not None
    assert {name: found[name] for name in ("sku", "on_hand", "reserved", "available", "label")} == {
        "sku": "A", "on_hand": 9, "reserved": 4, "available": 4, "label": "仅剩4件",
    }  # fmt: skip


def test_movements_are_told_once_by_key_and_listed_newest_first(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=5)
    body = {"kind": "receive", "quantity": 3, "key": "d1"}
    first = post(client, admin, "/stock/A/movements", body)
    assert (first[0], first[1]["on_hand"], first[1]["actor"]) == (201, 8, "user:token:program-admin")
    assert post(client, admin, "/stock/A/movements", body)[1]["id"] == first[1]["id"]
    page = client.get(f"{API}/stock/A/movements?limit=1", headers=admin).json
    assert page is not None
    assert (page["total"], page["items"][0]["quantity"]) == (2, 3)
    rest = client.get(f"{API}/stock/A/movements?limit=1&cursor={page['next']}", headers=admin).json
    assert rest is not None
    assert ([item["quantity"] for item in rest["items"]], rest["next"]) == ([5], None)


def test_a_count_of_many_skus_is_told_at_once_all_or_none(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=5, B=5)
    counted = [{"sku": "A", "kind": "count", "quantity": 4}, {"sku": "B", "kind": "count", "quantity": 6}]
    wrong = [*counted, {"sku": "NONE", "kind": "count", "quantity": 1}]
    status, told = post(client, admin, "/stock/movements", {"movements": wrong})
    assert (status, [found["path"] for found in told["problems"]]) == (422, ["movements.2.sku"])
    status, told = post(client, admin, "/stock/movements", {"movements": wrong[2:]})
    assert (status, [found["path"] for found in told["problems"]]) == (422, ["movements.0.sku"])
    assert [level_of(client, admin, sku) for sku in "AB"] == [5, 5]
    status, told = post(client, admin, "/stock/movements", {"movements": counted})
    assert (status, [(one["sku"], one["quantity"], one["on_hand"]) for one in told["items"]]) == (
        201, [("A", -1, 4), ("B", 1, 6)],
    )  # fmt: skip
    assert [level_of(client, admin, sku) for sku in "AB"] == [4, 6]


def level_of(client: FlaskClient, admin: Headers, sku: str) -> int:
    found = client.get(f"{API}/stock/{sku}", headers=admin).json
    assert found is not None
    return int(found["on_hand"])


def test_a_reservation_is_made_kept_and_let_go(client: FlaskClient, founded: Services, admin: Headers) -> None:
    stocked(founded, A=5)
    body = {"reference": "r1", "lines": [{"sku": "A", "quantity": 2}], "hold_seconds": 60, "priority": "vip"}
    status, one = post(client, admin, "/reservations", body)
    assert (status, one["state"], one["expires_at"]) == (201, "held", "2026-11-20T02:01:00.000Z")
    assert post(client, admin, "/reservations", body)[1] == one
    assert client.get(f"{API}/reservations/{one['id']}", headers=admin).json == one
    kept = post(client, admin, f"/reservations/{one['id']}/commit")
    assert (kept[0], kept[1]["state"], kept[1]["expires_at"]) == (200, "committed", None)
    assert post(client, admin, f"/reservations/{one['id']}/commit")[0] == 200
    assert post(client, admin, f"/reservations/{one['id']}/release")[1]["state"] == "released"
    status, answer = post(client, admin, f"/reservations/{one['id']}/commit")
    assert (status, codes(answer)) == (409, [("state", "reservation_released")])
    assert numbers(founded, "A") == (5, 0)


def test_what_is_short_is_answered_409_with_what_is_left(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=1)
    body = {"reference": "r1", "lines": [{"sku": "A", "quantity": 2}]}
    status, answer = post(client, admin, "/reservations", body, **{"Accept-Language": "en"})
    assert (status, codes(answer)) == (409, [("lines.0.quantity", "out_of_stock")])
    assert "only 1 left" in answer["problems"][0]["message"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "A", "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": -1}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": 10**9}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": "1"}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": 1}] * 501}, "lines"),
        ({"lines": [{"sku": "NONE", "quantity": 1}]}, "lines.0.sku"),
        ({"reference": ""}, "reference"),
        ({"priority": "king"}, "priority"),
        ({"hold_seconds": 0}, "hold_seconds"),
    ],
)
def test_a_bad_request_says_where_and_reserves_nothing(
    client: FlaskClient, founded: Services, admin: Headers, change: dict[str, Any], path: str
) -> None:
    stocked(founded, A=5)
    body = {"reference": "r1", "lines": [{"sku": "A", "quantity": 1}], **change}
    status, answer = post(client, admin, "/reservations", body)
    assert (status, answer["problems"][0]["path"]) == (422, path)
    assert numbers(founded, "A") == (5, 0)


def test_a_reused_key_with_another_body_is_refused(client: FlaskClient, founded: Services, admin: Headers) -> None:
    stocked(founded, A=5)
    body = {"reference": "r1", "lines": [{"sku": "A", "quantity": 1}]}
    key = {"Idempotency-Key": "k1"}
    first = post(client, admin, "/reservations", body, **key)
    assert post(client, admin, "/reservations", body, **key) == first
    assert post(client, admin, "/reservations", {**body, "reference": "r2"}, **key)[0] == 422
    assert codes(post(client, admin, "/reservations", {**body, "lines": [{"sku": "A", "quantity": 2}]})[1]) == [
        ("reference", "reference_reused")
    ]
    assert numbers(founded, "A") == (5, 1)


def test_less_than_is_promised_is_refused_with_the_numbers(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=5)
    order(client, admin, ("A", 4))
    answer = client.put(f"{API}/stock/A", json={"on_hand": 3}, headers=admin)
    assert (answer.status_code, codes(answer.json)) == (422, [("on_hand", "below_reserved")])
    forced = {"on_hand": 3, "force": True, "reason": "broken"}
    assert client.put(f"{API}/stock/A", json=forced, headers=admin).status_code == 200
    assert numbers(founded, "A") == (3, 4)


def test_strangers_and_readers_change_nothing(
    client: FlaskClient, founded: Services, token: Callable[..., Headers]
) -> None:
    stocked(founded, A=5)
    viewer = token("viewer")
    assert client.get(f"{API}/stock/A", headers=viewer).status_code == 200
    assert client.put(f"{API}/stock/A", json={"on_hand": 1}, headers=viewer).status_code == 404
    body = {"reference": "r1", "lines": [{"sku": "A", "quantity": 1}]}
    assert client.post(f"{API}/reservations", json=body, headers=viewer).status_code == 404
    assert client.post(f"{API}/reservations", json=body).status_code == 401
    assert client.get(f"{API}/stock/A").status_code == 401
    assert client.get(f"{API}/stock/NONE", headers=viewer).status_code == 404
    assert numbers(founded, "A") == (5, 0)


def test_an_order_holds_its_stock_and_one_that_cannot_be_had_is_not_kept(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=5)
    status, one = order(client, admin, ("A", 3))
    assert (status, one["state"]) == (201, "unpaid")
    assert (one["reservation"]["state"], one["reservation"]["expires_at"]) == ("held", "2026-11-20T02:30:00.000Z")
    status, answer = order(client, admin, ("A", 3))
    assert (status, codes(answer)) == (409, [("lines.0.quantity", "out_of_stock")])
    page = client.get(f"{API}/orders", headers=admin).json
    assert page is not None
    assert page["total"] == 1
    assert numbers(founded, "A") == (5, 3)
    assert_sound(founded)


def test_an_orders_reservation_is_not_anybodys_to_let_go(
    client: FlaskClient, founded: Services, admin: Headers
) -> None:
    stocked(founded, A=5)
    _, one = order(client, admin, ("A", 3))
    status, answer = post(client, admin, f"/reservations/{one['reservation']['id']}/release")
    assert (status, codes(answer)) == (409, [("", "of_order")])


def test_paid_shipped_and_what_cannot_be(client: FlaskClient, founded: Services, admin: Headers) -> None:
    stocked(founded, A=5)
    _, one = order(client, admin, ("A", 3))
    at = f"/orders/{one['id']}"
    assert codes(post(client, admin, f"{at}/ship", {})[1]) == [("state", "cannot_ship")]
    assert codes(post(client, admin, f"{at}/pay", {"amount": 400})[1]) == [("amount", "more_than_owed")]
    paid = post(client, admin, f"{at}/pay", {"amount": 300, "method": "wechat", "reference": "p1"})
    assert (paid[0], paid[1]["state"], paid[1]["reservation"]["state"]) == (200, "paid", "committed")
    again = post(client, admin, f"{at}/pay", {"amount": 300, "method": "wechat", "reference": "p1"})
    assert (again[0], again[1]["paid"]) == (200, 300)
    assert codes(post(client, admin, f"{at}/pay", {"amount": 300})[1]) == [("state", "already_paid")]
    line = one["lines"][0]["id"]
    part = post(client, admin, f"{at}/ship", {"carrier": "sf", "lines": [{"line": line, "quantity": 1}]})
    assert (part[1]["state"], part[1]["lines"][0]["shipped_quantity"]) == ("picking", 1)
    assert numbers(founded, "A") == (4, 2)
    too_many = post(client, admin, f"{at}/ship", {"lines": [{"line": line, "quantity": 3}]})
    assert (too_many[0], codes(too_many[1])) == (422, [("lines.0.quantity", "more_than_left")])
    assert post(client, admin, f"{at}/cancel", {"reason": "no"})[0] == 409
    done = post(client, admin, f"{at}/ship", {"carrier": "sf", "tracking": "SF1"})
    assert (done[1]["state"], done[1]["reservation"]["state"]) == ("shipped", "shipped")
    assert numbers(founded, "A") == (2, 0)
    assert_sound(founded)


def test_a_whole_number_may_be_written_with_a_point(client: FlaskClient, founded: Services, admin: Headers) -> None:
    def put(text: str) -> tuple[int, Any]:
        answer = client.put(f"{API}/stock/A", data=text, content_type="application/json", headers=admin)
        return answer.status_code, answer.json

    status, found = put('{"on_hand": 9.0}')
    assert (status, found["on_hand"]) == (200, 9)
    status, found = put('{"on_hand": 9.5}')
    assert (status, codes(found)) == (422, [("on_hand", "type")])
