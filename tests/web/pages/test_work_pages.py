"""The pages of long work: one's own, how far it is, its file, the way to stop it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ordain.base.text import Text
from ordain.flows import working
from ordain.flows.services import Services
from ordain.flows.working import Result, Step, Wanted
from ordain.records.actor import Origin, User
from ordain.store import people
from ordain.store.work import Work
from tests.web.conftest import csrf_of

Make = Callable[..., Work]


def last(services: Services, work: Work, asker: User) -> Step:
    return Step(1, last=True, file=Result("订单.csv", "text/csv; charset=utf-8", [b"a,b\r\n"]))


def more(services: Services, work: Work, asker: User) -> Step:
    return Step(40_000)


@pytest.fixture
def begun(admin: FlaskClient, founded: Services) -> Make:
    """Return a function that starts work of the administrator's and does one step of it."""

    def make(doer: working.Doer = more, permission: str = "order.export") -> Work:
        with founded.db.read() as conn:
            who = people.person(conn, "admin-1")
        assert who is not None
        origin = Origin(User(who.id, who.name, frozenset(who.roles)))
        made = working.start(founded, Wanted("test", permission, Text("导出", "Export"), total=100_000), origin)
        done = working.run(founded, made.id, {"test": doer}, seconds=0)
        assert done is not None
        return done

    return make


def test_work_that_goes_on_shows_how_far_it_is_and_asks_again(admin: FlaskClient, begun: Make) -> None:
    work = begun()
    page = admin.get(f"/background/{work.id}").text
    assert "40,000 of 100,000" in page
    assert '<progress max="100000" value="40000"' in page
    assert 'data-refresh="1"' in page
    part = admin.get(
        f"/background/{work.id}", headers={"HX-Request": "true", "HX-Target": f"section#work-{work.id}"}
    ).text
    assert "<html" not in part
    assert "Export" in admin.get("/background").text


def test_the_file_is_saved_and_never_shown(admin: FlaskClient, begun: Make) -> None:
    work = begun(last)
    page = admin.get(f"/background/{work.id}").text
    assert "data-refresh" not in page
    answer = admin.get(f"/background/{work.id}/file")
    assert answer.data == b"a,b\r\n"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_cancel_ends_it_and_says_so(admin: FlaskClient, begun: Make, founded: Services) -> None:
    work = begun()
    address = f"/background/{work.id}"
    assert admin.post(f"{address}/stop").status_code == 403
    answer = admin.post(f"{address}/stop", data={"csrf_token": csrf_of(admin.get(address).text)})
    assert answer.status_code == 302
    assert "is being cancelled" in admin.get(address).text
    working.run(founded, work.id, {"test": more})
    assert "Cancelled" in admin.get(address).text


def test_nobody_sees_anybody_elses(
    admin: FlaskClient, begun: Make, signed_in: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    work = begun(last)
    other = signed_in("supervisor")
    other.set_cookie("language", "en")
    for place in ("", "/file"):
        assert other.get(f"/background/{work.id}{place}").status_code == 404
        assert client.get(f"/background/{work.id}{place}").status_code == 302
    token = csrf_of(other.get("/background").text)
    assert other.post(f"/background/{work.id}/stop", data={"csrf_token": token}).status_code == 404
    assert "You have asked for nothing" in other.get("/background").text


def test_a_right_that_was_lost_gives_no_file(admin: FlaskClient, begun: Make, founded: Services) -> None:
    work = begun(last)
    with founded.db.write() as conn:
        conn.exec_driver_sql("UPDATE person SET roles = '[\"viewer\"]'")
    assert admin.get(f"/background/{work.id}/file").status_code == 404
