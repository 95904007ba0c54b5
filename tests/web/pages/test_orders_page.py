from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ordain.store.orders.find import OrderSummary
from tests.conftest import Clock

Bring = Callable[..., OrderSummary]


def test_strangers_are_sent_to_the_way_in(client: FlaskClient) -> None:
    answer = client.get("/orders")
    assert (answer.status_code, answer.location) == (302, "/login")


def test_an_empty_hub_says_so_and_shows_one_way_on(admin: FlaskClient) -> None:
    page = admin.get("/orders").text
    assert "No order has come in yet" in page
    assert 'href="/admin/channels"' in page


def test_an_order_stands_in_the_list_with_what_it_is(admin: FlaskClient, bring: Bring) -> None:
    order = bring("HY77")
    page = admin.get("/orders?view=all").text
    assert f'href="/orders/{order.id}"' in page
    assert order.number in page
    assert "¥45.98" in page
    assert "线装笔记本" in page
    assert "1–1 of 1" in page


def test_a_view_without_orders_is_told_from_a_hub_without(admin: FlaskClient, bring: Bring) -> None:
    bring()
    page = admin.get("/orders?view=unpaid").text
    assert "No order matches this view" in page
    assert "No order has come in yet" not in page


def test_the_part_is_the_page_without_its_frame(admin: FlaskClient, bring: Bring) -> None:
    order = bring()
    part = admin.get("/orders?view=all", headers={"HX-Request": "true", "HX-Target": "div#orders"}).text
    assert order.number in part
    assert "<html" not in part
    assert "<html" in admin.get("/orders?view=all", headers={"HX-Request": "true", "HX-Target": "div#other"}).text


def test_rows_that_came_since_the_reader_looked_are_fresh(admin: FlaskClient, bring: Bring, clock: Clock) -> None:
    bring("HY1")
    seen = int(clock.now.timestamp() * 1000)
    clock.forward(seconds=5)
    new = bring("HY2")
    page = admin.get(f"/orders?view=all&since={seen}").text
    assert page.count('class="fresh"') == 1
    assert f'id="row-{new.id}" class="fresh"' in page
    assert 'class="fresh"' not in admin.get("/orders?view=all").text


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("view=all&state=paid", True),
        ("view=all&state=shipped", False),
        ("view=all&channel=jd-store", False),
        ("view=all&q=HY1", True),
        ("view=all&q=HY-NTB-08", True),
        ("view=all&q=nothing+like+it", False),
        ("view=all&total_from=45.98&total_to=45.98", True),
        ("view=all&total_from=45.99", False),
        ("view=all&region=central", True),
        ("view=all&region=east", False),
        ("view=all&held=yes", False),
        ("view=all&placed_from=2026-11-01&placed_to=2026-11-30", True),
        ("view=unpaid", False),
        ("view=todo", True),
        ("view=all&cursor=nonsense", True),
        ("view=all&sort=nonsense", True),
    ],
)
def test_filters_find_what_fits(admin: FlaskClient, bring: Bring, address: str, found: bool) -> None:
    order = bring("HY1")
    assert (order.number in admin.get(f"/orders?{address}").text) is found


def test_a_filter_that_is_set_can_be_taken_away(admin: FlaskClient, bring: Bring) -> None:
    bring()
    page = admin.get("/orders?view=all&state=paid&region=central").text
    assert 'href="/orders?view=all&amp;region=central" aria-label="Remove filter State"' in page


def test_held_orders_are_shown_as_such_with_their_problem(admin: FlaskClient, bring: Bring) -> None:
    bring(sku="NO-SUCH-THING")
    page = admin.get("/orders?view=held").text
    assert "state-look" in page
    assert "product code" in page.lower()


def test_pages_follow_one_another_without_gap_or_repeat(admin: FlaskClient, bring: Bring) -> None:
    numbers = {bring(f"HY{place}").number for place in range(53)}
    first = admin.get("/orders?view=all").text
    assert "1–50 of 53" in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(following).text
    assert "51–53 of 53" in second
    on_first = {number for number in numbers if number in first}
    on_second = {number for number in numbers if number in second}
    assert on_first | on_second == numbers
    assert not on_first & on_second


def test_a_role_sees_its_rows_only(signed_in: Callable[..., FlaskClient], bring: Bring) -> None:
    order = bring()
    browser = signed_in("warehouse", "central")
    assert order.number in browser.get("/orders?view=all").text
    assert browser.get(f"/orders/{order.id}").status_code == 200


def test_another_regions_orders_are_not_even_counted(signed_in: Callable[..., FlaskClient], bring: Bring) -> None:
    order = bring()
    browser = signed_in("warehouse", "east")
    page = browser.get("/orders?view=all").text
    assert order.number not in page
    assert browser.get(f"/orders/{order.id}").status_code == 404


def test_the_same_page_is_there_in_chinese(admin: FlaskClient, bring: Bring) -> None:
    bring()
    admin.set_cookie("language", "zh")
    page = admin.get("/orders?view=all").text
    assert '<html lang="zh-Hans"' in page
    assert "待拣货" in page
    assert "To do" not in page
