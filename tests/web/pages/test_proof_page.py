"""The page of the stock proof: sums that agree, drift that is seen and repaired, a run of the simulation asked for."""

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.engines.rush import Rush
from ordain.flows.services import Services
from ordain.flows.simulating import work
from ordain.store.tables.stock import StockRow
from tests.stock import numbers, reserve, stocked
from tests.web.conftest import csrf_of


def drift(services: Services, sku: str) -> None:
    with services.db.write() as conn:
        conn.execute(sa.update(StockRow).where(StockRow.sku == sku).values(on_hand=9))


def test_both_sums_stand_beside_the_levels(admin: FlaskClient, founded: Services) -> None:
    stocked(founded, **{"PROOF-A": 7})
    reserve(founded, "r1", ("PROOF-A", 3))
    page = admin.get("/stock/proof?q=proof-a").text
    assert "PROOF-A" in page
    assert "all agree" in page
    cells = [part.split("</td>")[0].rsplit(">", 1)[-1] for part in page.split('class="num')[1:]]
    assert [cell for cell in cells if cell.isdecimal()] == ["7", "7", "3", "3", "0"]
    assert "only 4" in page  # few enough for the shop page to say so


def test_what_drifted_is_shown_and_repaired_for_a_reason(admin: FlaskClient, founded: Services) -> None:
    stocked(founded, **{"PROOF-A": 7})
    drift(founded, "PROOF-A")
    page = admin.get("/stock/proof?drifted=1").text
    assert "PROOF-A" in page
    assert "all agree" not in page
    token = csrf_of(admin.get("/stock/proof").text)
    refused = admin.post("/stock/proof/repair", data={"csrf_token": token, "sku": "PROOF-A", "reason": " "})
    assert refused.status_code == 422
    assert "Say why it is repaired" in refused.text
    done = admin.post("/stock/proof/repair", data={"csrf_token": token, "sku": "PROOF-A", "reason": "counted"})
    assert "PROOF-A agrees with its sums again" in admin.get(done.headers["Location"]).text
    assert numbers(founded, "PROOF-A") == (9, 0)
    assert "all agree" in admin.get("/stock/proof").text


def test_a_run_is_asked_for_and_its_way_is_shown(admin: FlaskClient, founded: Services) -> None:
    wish = {"csrf_token": csrf_of(admin.get("/stock/proof").text), "stock": "10", "buyers": "20"}
    assert admin.post("/stock/proof/simulate", data=wish).status_code == 302
    page = admin.get("/stock/proof").text
    assert "Oversell simulation" in page
    assert "0 of 100" in page


def test_a_run_out_of_bounds_is_refused_beside_its_fields(admin: FlaskClient) -> None:
    wish = {"csrf_token": csrf_of(admin.get("/stock/proof").text), "stock": "0", "buyers": "many"}
    answer = admin.post("/stock/proof/simulate", data=wish)
    assert answer.status_code == 422
    assert "“many” is no number" in answer.text


def test_the_newest_run_is_drawn_with_the_source_beside_it(admin: FlaskClient, founded: Services) -> None:
    one = {"sold": 800, "oversold": 0, "p95_ms": 9.0, "title": {"zh": "甲", "en": "Way A"}}
    outcomes = [
        one | {"key": "none", "oversold": 100, "rate": 0.125, "source_rate": 0.127},
        one | {"key": "ordain", "rate": 0.0, "source_rate": None, "title": {"zh": "乙", "en": "Way B"}},
    ]
    work.keep(founded, Rush(), outcomes, "r" * 32, "lin")
    page = admin.get("/stock/proof").text
    assert "Oversell rates: Way A 12.5%, Way B 0%" in page
    assert "12.7%" in page


def test_a_stranger_is_led_to_the_way_in(client: FlaskClient) -> None:
    assert client.get("/stock/proof").headers["Location"].endswith("/login")


def test_who_may_only_look_can_neither_repair_nor_run(signed_in: Callable[..., FlaskClient]) -> None:
    browser = signed_in("warehouse")
    token = csrf_of(browser.get("/stock/proof").text)
    for place in ("repair", "simulate"):
        assert browser.post(f"/stock/proof/{place}", data={"csrf_token": token}).status_code == 404
