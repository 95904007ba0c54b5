"""The page of outside systems: what answers, what stopped, whom nobody told; acts for those who may."""

from collections.abc import Callable

from flask.testing import FlaskClient

from ordain.engines.breaker import Rules
from ordain.flows.notifying import Recipient, enqueue
from ordain.flows.services import Services
from ordain.store import connectors, directory, notices
from ordain.store.connectors import Outcome
from tests.web.conftest import csrf_of


def test_a_stranger_and_who_may_not_see_nothing(client: FlaskClient, signed_in: Callable[..., FlaskClient]) -> None:
    assert client.get("/admin/outside").status_code == 302
    assert signed_in("service").get("/admin/outside").status_code == 404


def test_it_tells_what_answers_and_what_is_not_called(founded: Services, signed_in: Callable[..., FlaskClient]) -> None:
    with founded.db.write() as conn:
        shut = Outcome(failed=False, shut_out=True, milliseconds=40, cause="authentication", error="HTTP 401")
        connectors.note(conn, "sms", "primary", Rules(), shut, founded.now())
        connectors.note(conn, "mail", "primary", Rules(), Outcome(False, False, 30), founded.now())
    page = signed_in().get("/admin/outside", headers={"Accept-Language": "en"}).text
    assert "Not called for now" in page
    assert "HTTP 401" in page
    assert "Answers" in page
    assert "Never called" in page


def test_a_failed_notice_is_sent_again_by_who_may(founded: Services, signed_in: Callable[..., FlaskClient]) -> None:
    with founded.db.write() as conn:
        enqueue(conn, founded, "order-lapsed", "order:1", Recipient(phone="13900000001"), {"number": "A1"})
        (sent,) = notices.about(conn, "order:1")
        notices.move(conn, sent.id, was=("waiting",), state="failed", cause="request", error="isv.X")
    browser = signed_in()
    page = browser.get("/admin/outside?state=failed", headers={"Accept-Language": "en"}).text
    assert "139••••0001" in page
    assert "13900000001" not in page
    way = f"/admin/outside/notices/{sent.id}/again"
    assert way in page
    assert browser.post(way).status_code == 403, "no token of the form"
    token = {"csrf_token": csrf_of(page)}
    assert browser.post(way, data=token).status_code == 302
    assert browser.post(way, data=token).status_code == 404, "it waits already"
    with founded.db.read() as conn:
        assert notices.about(conn, "order:1")[0].state == "waiting"


def test_a_stopped_directory_is_seen_and_goes_on_when_somebody_looked(
    founded: Services, signed_in: Callable[..., FlaskClient]
) -> None:
    with founded.db.write() as conn:
        directory.put_feed(conn, "hr", alarm="empty", known=12, listed=0)
    browser = signed_in()
    page = browser.get("/admin/outside", headers={"Accept-Language": "en"}).text
    assert "brought 0 people where there were 12" in page
    assert browser.post("/admin/outside/directories/hr/accept", data={"csrf_token": csrf_of(page)}).status_code == 302
    with founded.db.read() as conn:
        assert directory.feed(conn, "hr").accepted
