import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from ordain.flows import intake, publishing
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.orders import show
from ordain.store.orders.find import OrderSummary
from tests.factories import ORIGIN, incoming, own_site_order
from tests.web.pages.test_editor import Fields

Bring = Callable[..., OrderSummary]
PHONE, STREET = "13900000008", "虚拟珞珈支路12号"


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


def publish(services: Services, change: Callable[[dict[str, Any]], None]) -> None:
    with services.db.read() as conn:
        live = services.live.at(conn).get("mapping", "own-site-order")
    assert live is not None
    document = copy.deepcopy(dict(live.document))
    change(document["spec"])
    document["examples"] = []
    publishing.publish(services, [document], "changed by a test", ORIGIN)


def test_the_page_tells_money_lines_buyer_and_story(admin: FlaskClient, bring: Bring) -> None:
    order = bring()
    page = admin.get(f"/orders/{order.id}").text
    for expected in (
        order.number, "¥45.98", "HY-NTB-08", "宋星野", PHONE, STREET, "Order received", "checks passed", "why?",
        "Waits to be picked", "own-site-order, version 1",
    ):  # fmt: skip
        assert expected in page


def test_the_newest_message_is_the_proof_with_the_facts_marked(admin: FlaskClient, bring: Bring) -> None:
    page = admin.get(f"/orders/{bring().id}").text
    assert '<mark class="m"><span class="k">&#34;payable&#34;</span>' in page
    assert "Marked fields were used" in page
    assert "kept encrypted, as received" in page


def test_an_order_that_is_not_there_is_not_there(admin: FlaskClient) -> None:
    answer = admin.get("/orders/0123456789abcdef0123456789abcdef", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.text


def test_an_update_adds_to_the_story_what_it_changed(admin: FlaskClient, bring: Bring) -> None:
    bring()
    order = bring(state="已发货", updated=1795053167000)
    page = admin.get(f"/orders/{order.id}").text
    assert "Order updated" in page
    assert "<del>Paid</del> → Shipped" in page
    assert "Waits to be picked" not in page


def test_an_older_update_is_told_as_ignored(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    order = bring()
    late = incoming(own_site_order(state="待付款", updated=1795052950000))
    intake.take(founded, "own-site", "webhook", [late], ORIGIN)
    assert "Update ignored: older than what stands" in admin.get(f"/orders/{order.id}").text


def test_a_held_order_says_why_and_offers_to_be_read_again(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    order = bring(sku="HY-NEW-01")
    page = admin.get(f"/orders/{order.id}").text
    assert "1 problem holds this order" in page
    assert "Why is it held?" in page
    assert "bead-stopped" in page
    publish(founded, lambda spec: spec.update(checks=[]))
    answer = admin.post(f"/orders/{order.id}/redrive", data={"csrf_token": token_of(page)})
    assert answer.status_code == 302
    with founded.db.read() as conn:
        view = show.get(conn, founded.vault, EVERYTHING, order.id)
    assert view is not None
    assert not view.order.held


def test_replaying_tells_that_nothing_would_change(admin: FlaskClient, bring: Bring) -> None:
    page = admin.get(f"/orders/{bring().id}?tab=mapping").text
    assert "It would be accepted: no field would change" in page
    assert "Nothing was stored." in page
    assert "money.payable" in page


def test_replaying_shows_what_a_newer_mapping_would_change(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    order = bring()

    def rename(spec: dict[str, Any]) -> None:
        spec["fields"]["buyer.name"] = {"from": "buyer.nick", "via": ["text"]}

    publish(founded, rename)
    page = admin.get(f"/orders/{order.id}?tab=mapping").text
    assert "It would be accepted: 1 field would change" in page
    changed = page.split('<tr class="changed">')[1].split("</tr>")[0]
    assert "buyer.name" in changed
    assert "宋星野" in changed
    assert "<b>u</b>" in changed
    again = admin.get(f"/orders/{order.id}?tab=mapping&version=1").text
    assert "no field would change" in again
    with founded.db.read() as conn:
        view = show.get(conn, founded.vault, EVERYTHING, order.id)
    assert view is not None
    assert view.order.buyer.name == "宋星野"


def test_only_the_right_pane_comes_when_only_it_is_asked_for(admin: FlaskClient, bring: Bring) -> None:
    part = admin.get(
        f"/orders/{bring().id}?tab=mapping", headers={"HX-Request": "true", "HX-Target": "section#proof"}
    ).text
    assert "Replay mapping" in part
    assert "<html" not in part


@pytest.mark.parametrize("tab", ["raw", "mapping"])
def test_finance_sees_no_street_no_phone_and_no_raw_message(
    signed_in: Callable[..., FlaskClient], bring: Bring, tab: str
) -> None:
    browser = signed_in("finance")
    browser.set_cookie("language", "en")
    page = browser.get(f"/orders/{bring().id}?tab={tab}").text
    assert "139 •••• 0008" in page
    for hidden in (PHONE, STREET, "珞珈"):
        assert hidden not in page


def test_whoever_does_not_read_a_message_is_not_told_its_size(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], token: Callable[..., dict[str, str]], bring: Bring
) -> None:
    order = bring()
    for role, told in (("supervisor", True), ("service", False)):
        page = signed_in(role).get(f"/orders/{order.id}").text
        assert (re.search(r"Webhook|推送", page) is not None, re.search(r"\d (B|KB)<", page) is not None) == (
            True,
            told,
        )
        listed = client.get("/api/v1/messages", headers=token(role)).get_json()["items"]
        assert {item["size"] is None for item in listed} == {not told}


def test_why_covers_what_the_page_covers(signed_in: Callable[..., FlaskClient], bring: Bring) -> None:
    ship = {"to": "宋星野", "tel": "12-34567", "addr": "湖北省 武汉市 洪山区 虚拟珞珈支路12号"}
    order = bring(ship=ship)
    browser = signed_in("finance")
    page = browser.get(f"/orders/{order.id}").text
    assert order.held
    assert "12-34567" not in page


def test_covered_fields_are_not_revealed_without_the_right(signed_in: Callable[..., FlaskClient], bring: Bring) -> None:
    order = bring()
    browser = signed_in("finance")
    page = browser.get(f"/orders/{order.id}").text
    answer = browser.post(f"/orders/{order.id}/reveal/buyer.phone", data={"csrf_token": token_of(page)})
    assert answer.status_code == 404
    assert PHONE not in answer.text


def test_a_field_that_an_admin_adds_to_orders_is_written_and_stays(
    admin: FlaskClient, founded: Services, bring: Bring
) -> None:
    found = bring()
    assert admin.get(f"/orders/{found.id}/fields").status_code == 404
    with founded.db.read() as conn:
        version = founded.live.at(conn).get("form", "order")
    assert version is not None
    field = {
        "type": "choice",
        "title": {"zh": "包装", "en": "Wrapping"},
        "options": {"box": {"zh": "礼盒", "en": "Gift box"}},
    }
    spec = {**version.document["spec"], "fields": {"wrapping": field}}
    publishing.publish(founded, [{**version.document, "spec": spec}], "", ORIGIN)
    assert "Wrapping" in admin.get(f"/orders/{found.id}").text
    address = f"/orders/{found.id}/fields"
    pairs = [*Fields(admin.get(address).text).pairs, ("save", "1")]
    wrong = [(name, "paper" if name == "wrapping" else value) for name, value in pairs]
    assert admin.post(address, data=MultiDict(wrong)).status_code == 422
    right = [(name, "box" if name == "wrapping" else value) for name, value in pairs]
    assert admin.post(address, data=MultiDict(right)).location == f"/orders/{found.id}"
    page = admin.get(f"/orders/{found.id}").text
    assert "Gift box" in page
    assert "Own fields written" in page
    bring(state="已发货", updated=1795053999000)
    assert "Gift box" in admin.get(f"/orders/{found.id}").text
