"""The sandbox's inbox: what people got, in both languages, and the faults of its ways."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.letters import Letters
from ordain.sandbox.server import create_app
from tests.conftest import START, Clock


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = Memory(tmp_path / "sandbox.db", START)
    yield made
    made.close()


@pytest.fixture
def inbox(memory: Memory) -> FlaskClient:
    Letters(memory).add("sms", START, "13900000001", "【ordain】", "", "验证码123456", "o1")
    Letters(memory).add("mail", START, "a@example.com", "ordain@example.com", "Hello", "<b>look</b>", "o2")
    return create_app(memory, Clock()).test_client()


def test_the_page_shows_both_in_the_readers_language_and_runs_nothing(inbox: FlaskClient) -> None:
    page = inbox.get("/inbox", headers={"Accept-Language": "zh-CN"})
    assert "收件箱" in page.text
    assert "验证码123456" in page.text
    assert "&lt;b&gt;look" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "Inbox" in inbox.get("/inbox?lang=en").text


def test_the_list_is_there_as_json_and_may_be_narrowed(inbox: FlaskClient) -> None:
    listed = inbox.get("/inbox.json?to=13900000001").get_json()["items"]
    assert [(item["kind"], item["text"]) for item in listed] == [("sms", "验证码123456")]


def test_a_fault_is_set_from_the_page_but_not_from_another_site(inbox: FlaskClient, memory: Memory) -> None:
    stranger = inbox.post("/inbox/faults/sms", data={"how": "outage"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert stranger.status_code == 403
    assert inbox.post("/inbox/faults/sms", data={"how": "slow"}).status_code == 302
    assert memory.faults("sms")["latency_ms"] == 8_000
    assert inbox.post("/inbox/faults/taobao", data={"how": "slow"}).status_code == 404


def test_clearing_forgets_all(inbox: FlaskClient) -> None:
    inbox.post("/inbox/clear")
    assert inbox.get("/inbox.json").get_json()["items"] == []
