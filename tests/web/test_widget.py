"""The stock widget: what anybody may know of a SKU, in whose frames, how often."""

import dataclasses

import pytest
from flask.testing import FlaskClient

from ordain.base.errors import Refused
from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.store import catalogue, definitions
from ordain.web.app import create_app
from ordain.wiring import settings_from
from tests.factories import ORIGIN
from tests.stock import reserve, stocked


def shopper(services: Services, *origins: str, language: str = "zh") -> FlaskClient:
    settings = dataclasses.replace(services.settings, widget_origins=origins)
    made = create_app(dataclasses.replace(services, settings=settings)).test_client()
    made.set_cookie("language", language)
    return made


def test_plenty_is_told_without_a_number(founded: Services) -> None:
    stocked(founded, A=50)
    found = shopper(founded).get("/widget/stock/A.json").get_json()
    assert found == {"sku": "A", "label": "有货", "left": None, "scarce": False, "refresh_seconds": 10}


def test_the_last_ones_are_counted_and_marked(founded: Services) -> None:
    stocked(founded, A=5)
    reserve(founded, "r1", ("A", 2))
    browser = shopper(founded)
    assert browser.get("/widget/stock/A.json").get_json()["left"] == 3
    page = browser.get("/widget/stock/A").text
    assert "仅剩3件" in page
    assert "data-scarce" in page
    assert 'data-seconds="10"' in page
    assert "Only 3 left" in shopper(founded, language="en").get("/widget/stock/A").text


def test_a_bundle_is_as_many_as_its_parts_make_up(founded: Services) -> None:
    stocked(founded, A=9, B=3)
    bundle = {"sku": "SET", "title": "Set", "price": 100, "currency": "CNY", "bundle": {"A": 2, "B": 1}}
    with founded.db.write() as conn:
        catalogue.add(conn, [bundle], founded.now())
    browser = shopper(founded)
    assert browser.get("/widget/stock/SET.json").get_json()["left"] == 3
    reserve(founded, "r1", ("A", 5))
    assert browser.get("/widget/stock/SET.json").get_json()["left"] == 2


def test_number_and_seconds_come_from_the_definition(founded: Services) -> None:
    stocked(founded, A=5)
    with founded.db.read() as conn:
        version = definitions.live(conn, "reservation", "default")
    assert version is not None
    document = {**version.document, "spec": {**version.document["spec"], "low_stock": 2, "refresh_seconds": 3}}
    publishing.publish(founded, [document], "fewer", ORIGIN)
    found = shopper(founded).get("/widget/stock/A.json").get_json()
    assert (found["label"], found["refresh_seconds"]) == ("有货", 3)


def test_only_the_shops_own_pages_may_frame_it_and_ask(founded: Services) -> None:
    stocked(founded, A=5)
    browser = shopper(founded, "https://shop.example.com")
    policy = browser.get("/widget/stock/A").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://shop.example.com")
    own = browser.get("/widget/stock/A.json", headers={"Origin": "https://shop.example.com"})
    assert own.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    stranger = browser.get("/widget/stock/A.json", headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_an_unknown_sku_is_not_found(founded: Services) -> None:
    assert shopper(founded).get("/widget/stock/NONE").status_code == 404
    assert shopper(founded).get("/widget/stock/NONE.json").status_code == 404


def test_an_origin_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(Refused) as refused:
        settings_from({"ORDAIN_WIDGET_ORIGINS": "https://a.example javascript:alert(1)"})
    assert [found.path for found in refused.value.problems] == ["ORDAIN_WIDGET_ORIGINS"]
