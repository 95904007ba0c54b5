"""The HR system played by the sandbox: its list, its page, and what it pushes to a hub."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from ordain.flows import login
from ordain.flows.services import Services
from ordain.sandbox.hub import Hub
from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.people import PEOPLE, ScimPush, Staff
from ordain.sandbox.server import HR_FILE, create_app, secrets
from ordain.store import people
from tests.conftest import START, Clock


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = Memory(tmp_path / "sandbox.db", START)
    yield made
    made.close()


@pytest.fixture
def hr(memory: Memory) -> FlaskClient:
    return create_app(memory, Clock()).test_client()


def test_the_list_asks_for_its_token_and_comes_in_pages(hr: FlaskClient) -> None:
    assert hr.get("/hr/scim/v2/Users").status_code == 401
    headers = {"Authorization": f"Bearer {secrets()['hr']['token']}"}
    page = hr.get("/hr/scim/v2/Users?startIndex=11&count=100", headers=headers).get_json()
    assert (page["totalResults"], len(page["Resources"])) == (len(PEOPLE), len(PEOPLE) - 10)


def test_a_switch_on_the_page_moves_one_person_but_not_from_another_site(hr: FlaskClient, memory: Memory) -> None:
    stranger = hr.post("/directory/demo-lead", data={"active": "0"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert stranger.status_code == 403
    assert hr.post("/directory/nobody", data={"active": "0"}).status_code == 404
    assert hr.post("/directory/demo-lead", data={"active": "0"}).status_code == 302
    left = [person.user_name for person in Staff(memory, START).everybody() if not person.active]
    assert left == ["demo-lead"]
    assert "已离职" in hr.get("/directory?lang=zh").text


@pytest.fixture
def hub(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def test_whoever_leaves_there_is_out_here_by_a_real_push(founded: Services, hub: str, memory: Memory) -> None:
    login.add_user(founded, "song.xingye", ["viewer"])
    push = ScimPush(Hub(hub, founded.settings.home / HR_FILE))
    staff = Staff(memory, START)
    assert push(staff.switch("song.xingye", START, active=False)) == "taken"
    with founded.db.read() as conn:
        who = people.person(conn, "song.xingye")
    assert who is not None
    assert not who.active
    assert push(staff.switch("ye.zhiqiu", START, active=True)) == "taken", "somebody new is created"
    with founded.db.read() as conn:
        assert people.person(conn, "ye.zhiqiu") is not None


def test_without_a_token_nothing_is_pushed_and_a_wrong_one_is_not_taken(
    hub: str, memory: Memory, tmp_path: Path
) -> None:
    staff = Staff(memory, START)
    someone = staff.switch("he.wanqing", START, active=False)
    assert ScimPush(Hub(hub, tmp_path / "none"))(someone) == "off"
    (tmp_path / "wrong").write_text("wrong")
    assert ScimPush(Hub(hub, tmp_path / "wrong"))(someone) == "failed"
