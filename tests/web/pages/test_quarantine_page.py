from collections.abc import Callable

from flask.testing import FlaskClient

from ordain.flows import intake
from ordain.flows.services import Services
from ordain.records.message import Incoming
from ordain.store import messages
from ordain.store.messages import MessageQuery
from ordain.store.orders.find import OrderSummary
from tests.factories import ORIGIN, publish_role

Bring = Callable[..., OrderSummary]


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


def broken(services: Services) -> str:
    item = Incoming("event-broken", b'{"orderNo": ', None, "order.paid")
    return intake.take(services, "own-site", "webhook", [item], ORIGIN).results[0].message_id


def test_nothing_waiting_is_good_news(admin: FlaskClient) -> None:
    assert "Nothing waits for repair" in admin.get("/quarantine").text


def test_held_orders_and_unreadable_messages_stand_on_one_page(
    admin: FlaskClient, founded: Services, bring: Bring
) -> None:
    held, message_id = bring(sku="NO-SUCH-THING"), broken(founded)
    page = admin.get("/quarantine").text
    assert held.number in page
    assert f'id="case-{message_id}"' in page
    assert "2 wait for repair" in page


def test_cases_of_one_problem_stand_together_and_are_offered_as_one(admin: FlaskClient, bring: Bring) -> None:
    for place in range(3):
        bring(f"HY{place}", sku="NO-SUCH-THING")
    page = admin.get("/quarantine").text
    assert page.count("group-head") == 1
    assert "3 cases have this problem" in page


def test_a_case_shows_the_raw_message_with_the_fault_marked(admin: FlaskClient, bring: Bring) -> None:
    bring(sku="NO-SUCH-THING")
    page = admin.get("/quarantine").text
    marked = page.split('<mark class="m">')[1].split("</mark>")[0]
    assert "NO-SUCH-THING" in marked or "sku" in marked


def test_an_unreadable_message_is_shown_as_it_came(admin: FlaskClient, founded: Services) -> None:
    message_id = broken(founded)
    page = admin.get(f"/quarantine?case={message_id}").text
    assert "{&#34;orderNo&#34;: " in page
    assert "Discard…" in page


def test_the_preview_counts_and_stores_nothing(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    order = bring(sku="NO-SUCH-THING")
    with founded.db.read() as conn:
        before = messages.of_order(conn, order.id)
    page = admin.get("/quarantine/outlook").text
    assert "1 case · " in page
    assert "0 would pass" in page
    with founded.db.read() as conn:
        assert messages.of_order(conn, order.id) == before


def test_discarding_needs_a_reason_and_takes_the_message_away(admin: FlaskClient, founded: Services) -> None:
    message_id = broken(founded)
    token = token_of(admin.get("/quarantine").text)
    bare = admin.post(f"/quarantine/{message_id}/discard", data={"csrf_token": token, "reason": " "})
    assert bare.status_code == 422
    answer = admin.post(f"/quarantine/{message_id}/discard", data={"csrf_token": token, "reason": "a probe"})
    assert answer.status_code == 302
    assert "discarded" in admin.get(answer.location).text
    with founded.db.read() as conn:
        assert messages.find(conn, MessageQuery(states=("discarded",))).total == 1


def test_re_driving_one_tells_how_it_went(admin: FlaskClient, founded: Services) -> None:
    message_id = broken(founded)
    token = token_of(admin.get("/quarantine").text)
    answer = admin.post(f"/quarantine/{message_id}/redrive", data={"csrf_token": token})
    assert "1 re-driven, 0 passed" in admin.get(answer.location).text


def test_re_driving_all_alike_tells_how_it_went(admin: FlaskClient, bring: Bring) -> None:
    for place in range(2):
        bring(f"HY{place}", sku="NO-SUCH-THING")
    token = token_of(admin.get("/quarantine").text)
    answer = admin.post("/quarantine/redrive", data={"csrf_token": token})
    assert "2 re-driven, 0 passed" in admin.get(answer.location).text


def test_what_does_not_wait_cannot_be_acted_on(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    sound = bring()
    broken(founded)
    token = token_of(admin.get("/quarantine").text)
    with founded.db.read() as conn:
        message = messages.of_order(conn, sound.id)[0]
    for action in ("redrive", "discard"):
        answer = admin.post(f"/quarantine/{message.id}/{action}", data={"csrf_token": token, "reason": "why not"})
        assert answer.status_code == 404


def test_roles_without_the_right_to_messages_are_refused(signed_in: Callable[..., FlaskClient], bring: Bring) -> None:
    bring(sku="NO-SUCH-THING")
    assert signed_in("finance").get("/quarantine").status_code == 404


def _seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def test_one_case_is_corrected_in_a_form_and_released(admin: FlaskClient, founded: Services, bring: Bring) -> None:
    order = bring(sku="NO-SUCH-THING")
    page = admin.get("/quarantine").text
    assert 'name="field:lines.0.sku" value="NO-SUCH-THING"' in page
    assert "money.payable" in page
    with founded.db.read() as conn:
        message = messages.of_order(conn, order.id)[0]
    data = {"csrf_token": token_of(page), "seen": _seen(page), "field:lines.0.sku": "HY-NTB-08", "reason": " "}
    refused = admin.post(f"/quarantine/{message.id}/repair", data=data)
    assert refused.status_code == 422
    assert 'value="HY-NTB-08"' in refused.text
    assert "Say why it is corrected" in refused.text
    answer = admin.post(f"/quarantine/{message.id}/repair", data=data | {"reason": "a slip of the shop's"})
    assert "Corrected and released" in admin.get(answer.location).text
    with founded.db.read() as conn:
        assert messages.of_order(conn, order.id)[0].state == "applied"


def test_who_may_not_repair_orders_sees_no_form(
    signed_in: Callable[..., FlaskClient], founded: Services, bring: Bring
) -> None:
    order = bring(sku="NO-SUCH-THING")
    publish_role(founded, "onlooker", {"order": {"do": ["read"]}, "message": {"do": ["read", "redrive"]}})
    client = signed_in("onlooker")
    page = client.get("/quarantine").text
    assert order.number in page
    assert "field:lines.0.sku" not in page
    with founded.db.read() as conn:
        message = messages.of_order(conn, order.id)[0]
    data = {"csrf_token": token_of(page), "seen": "1.0", "field:lines.0.sku": "HY-NTB-08", "reason": "why not"}
    assert client.post(f"/quarantine/{message.id}/repair", data=data).status_code == 403


def test_a_group_opens_in_the_editor_as_its_samples_and_its_effect_is_told(
    admin: FlaskClient, founded: Services, bring: Bring
) -> None:
    bring("HY1")
    for place in range(2, 5):
        bring(f"HY{place}", sku="NO-SUCH-THING")
    page = admin.get("/quarantine").text
    assert "/admin/definitions/mapping/own-site-order/edit?group=unknown_sku" in page
    editor = admin.get("/admin/definitions/mapping/own-site-order/edit?group=unknown_sku").text
    assert "3 held messages of the group" in editor
    assert 'name="group" value="unknown_sku"' in editor
    effect = admin.get("/admin/definitions/mapping/own-site-order/effect?group=unknown_sku").text
    assert "3 messages under this draft" in effect
    assert "0 would pass" in effect
