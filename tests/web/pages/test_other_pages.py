import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ordain.store.orders.find import OrderSummary

PLACES = (
    "/orders", "/quarantine", "/admin/channels", "/admin/channels/jd-store", "/admin/definitions",
    "/admin/definitions/mapping/jd-order", "/admin/definitions/mapping/jd-order/compare", "/admin/style",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_strangers_see_no_page(client: FlaskClient, place: str) -> None:
    assert client.get(place).location == "/login"


@pytest.mark.parametrize("place", PLACES)
def test_pages_are_never_kept_and_differ_by_who_asks(admin: FlaskClient, place: str) -> None:
    answer = admin.get(place)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]


def test_the_style_page_shows_the_parts_in_light_and_dark(admin: FlaskClient) -> None:
    page = admin.get("/admin/style").text
    assert 'data-bs-theme="light"' in page
    assert 'data-bs-theme="dark"' in page
    for part in (
        'id="f-light-money"', 'id="f-dark-lines-r1-quantity-faults"', 'class="toast-line"', 'class="dialog sample-dialog"',
        'class="preview phone-always"', 'id="work-light-going"', 'class="story', 'class="stage', "tile-loading", "<progress",
    ):  # fmt: skip
        assert part in page, part
    for shape in ("done", "running", "idle", "look", "act", "unknown", "off"):
        assert f"mark-{shape}" in page or f"sign-{shape}" in page, shape
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_the_rail_shows_only_places_one_may_go(signed_in: Callable[..., FlaskClient]) -> None:
    page = signed_in("finance").get("/orders").text
    assert 'href="/orders"' in page
    for place in ("/quarantine", "/admin/channels", "/admin/definitions"):
        assert f'href="{place}"' not in page


def test_an_error_page_says_what_to_do_and_its_number(admin: FlaskClient) -> None:
    answer = admin.get("/no/such/page", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.text
    assert 'href="/"' in answer.text


def test_the_palette_finds_places_definitions_and_orders_one_may_see(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient], bring: Callable[..., OrderSummary]
) -> None:
    found = bring("HY-4711")
    assert 'href="/admin/channels"' in admin.get("/palette?q=chan").text
    assert "/admin/definitions/lane/vip" in admin.get("/palette?q=vip").text
    assert found.number in admin.get("/palette?q=HY-4711").text
    assert "Nothing found" in admin.get("/palette?q=no-such-thing-at-all").text
    warehouse = signed_in("warehouse").get("/palette?q=vip").text
    assert "/admin/definitions" not in warehouse
