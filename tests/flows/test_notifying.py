"""Notices: one row in the transaction that wants them, sent once, and their fate told as it is."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import GatewayError, Refused
from ordain.engines.notice import compile_notice
from ordain.flows import notifying
from ordain.flows.notifying import Recipient, enqueue
from ordain.flows.services import Services
from ordain.gateways.channel import HttpChannel
from ordain.gateways.http import HttpClient
from ordain.jobs.run import drain_lane
from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.letters import Letter, Letters
from ordain.store import connections, notices
from ordain.store.connections import Connection
from ordain.store.notices import Delivery
from ordain.store.tables.outside import NoticeRow
from ordain.store.tables.work import OutboxRow
from tests.conftest import Clock, FakeMail
from tests.rig.sandbox import Played, playing

ROOT = Path(__file__).parents[2]
BUYER = Recipient(phone="13900000001", mail="buyer@example.com")


@pytest.fixture
def played(clock: Clock, tmp_path: Path) -> Iterator[Played]:
    with playing(tmp_path / "sandbox.db", clock) as made:
        yield made


@pytest.fixture
def told(founded: Services, played: Played) -> Services:
    """Return services whose SMS connection leads to a real sandbox over real HTTP."""
    services = dataclasses.replace(founded, channels=HttpChannel(HttpClient(test_networks=True)))
    with services.db.write() as conn:
        stored = connections.get(conn, services.vault, "sms")
        assert stored is not None
        made = Connection("sms", f"{played.base}/sms", ("127.0.0.1",), stored.secrets)
        connections.put(conn, services.vault, made, services.now())
    return services


def ask(services: Services, to: Recipient = BUYER, notice: str = "order-lapsed", **facts: object) -> int:
    with services.db.write() as conn:
        return enqueue(conn, services, notice, "order:1", to, facts or {"number": "A1"})


def deliver(services: Services, clock: Clock | None = None) -> None:
    """Do what waits, pauses included: their rows are made due."""
    with services.db.write() as conn:
        conn.execute(
            sa.update(OutboxRow).where(OutboxRow.state == "waiting").values(due_at=datetime(2026, 1, 1).astimezone())
        )
    drain_lane(services, notifying.LANE)


def stands(services: Services) -> Delivery:
    with services.db.read() as conn:
        (found,) = notices.about(conn, "order:1")
    return found


def inbox(memory: Memory) -> list[Letter]:
    return Letters(memory).find()


def test_an_sms_goes_out_once_and_its_receipt_is_kept(told: Services, played: Played) -> None:
    assert ask(told) == 1
    assert ask(told) == 0, "asked twice is told once"
    deliver(told)
    deliver(told)
    (letter,) = inbox(played.memory)
    assert (letter.receiver, letter.sender) == ("13900000001", "【ordain】")
    assert letter.text == "您的订单A1超过付款时限仍未付款，已自动关闭。"
    found = stands(told)
    assert (found.state, found.shown, found.by) == ("sent", "139••••0001", "sms")
    assert found.receipt


def test_the_language_is_the_recipients(told: Services, played: Played) -> None:
    ask(told, Recipient(phone="13900000001", language="en"))
    deliver(told)
    assert inbox(played.memory)[0].text == "Your order A1 was not paid in time and has been closed."


def test_where_there_is_no_phone_the_next_way_is_taken(told: Services, mail: FakeMail) -> None:
    ask(told, Recipient(mail="buyer@example.com"))
    deliver(told)
    (sent,) = mail.sent
    assert (sent.to, sent.subject) == ("buyer@example.com", "订单已失效")
    assert stands(told).state == "sent"


@pytest.mark.parametrize("phone", ["138****1234", "~AQPzJ8kBLcZ8yTn5Pq0x1w==~", "no number", ""])
def test_a_mask_is_never_dialled_and_it_is_said_why_nobody_was_told(told: Services, played: Played, phone: str) -> None:
    assert ask(told, Recipient(phone=phone)) == 0
    deliver(told)
    assert (stands(told).state, stands(told).cause) == ("failed", "address")
    assert inbox(played.memory) == []


def test_address_and_facts_lie_sealed_and_only_named_facts_are_kept(told: Services) -> None:
    ask(told, number="A1", phone="13911112222", street="延安东路1号")
    with told.db.read() as conn:
        row = conn.execute(sa.select(NoticeRow.__table__)).one()
        letter = notices.letter(conn, told.vault, row.id)
        payloads = str(conn.execute(sa.select(OutboxRow.payload)).all())
    assert letter is not None
    assert letter.facts == {"number": "A1"}
    assert "13900000001" not in f"{row}{payloads}"


def test_a_secret_is_forgotten_once_it_is_sent_and_never_sent_late(
    told: Services, played: Played, clock: Clock
) -> None:
    ask(told, notice="login-code", code="123456", minutes=5)
    deliver(told)
    assert "123456" in inbox(played.memory)[0].text
    with told.db.write() as conn:
        assert conn.scalar(sa.select(NoticeRow.facts)) is None
        enqueue(conn, told, "login-code", "order:1", BUYER, {"code": "654321", "minutes": 5}, key="second")
    clock.forward(minutes=6)
    deliver(told)
    assert len(inbox(played.memory)) == 1
    with told.db.read() as conn:
        late = notices.about(conn, "order:1")[-1]
    assert (late.state, late.cause) == ("failed", "late")


def test_a_refusal_for_now_is_tried_again_and_told_once(told: Services, played: Played) -> None:
    played.memory.set_faults("sms", {"refuse": True})
    ask(told)
    deliver(told)
    assert (stands(told).state, stands(told).cause, stands(told).tries) == ("waiting", "limit", 1)
    played.memory.set_faults("sms", {})
    deliver(told)
    assert stands(told).state == "sent"
    assert len(inbox(played.memory)) == 1


def test_a_number_the_gateway_refuses_is_not_tried_again(told: Services, played: Played) -> None:
    ask(told, Recipient(phone="02161234567"))
    deliver(told)
    found = stands(told)
    assert (found.state, found.cause) == ("failed", "request")
    assert "isv.MOBILE_NUMBER_ILLEGAL" in found.error


def test_who_signs_wrongly_is_not_let_in_and_the_notice_waits(told: Services, played: Played) -> None:
    with told.db.write() as conn:
        stored = connections.get(conn, told.vault, "sms")
        assert stored is not None
        wrong = {**stored.secrets, "access_key_secret": "another"}
        connections.put(conn, told.vault, dataclasses.replace(stored, secrets=wrong), told.now())
    ask(told)
    deliver(told)
    assert (stands(told).state, stands(told).cause) == ("waiting", "authentication")
    assert inbox(played.memory) == []


def test_an_sms_whose_answer_never_came_is_looked_for_and_not_sent_twice(
    told: Services, played: Played, clock: Clock
) -> None:
    played.memory.set_faults("sms", {"latency_ms": 6_000})
    ask(told)
    deliver(told)
    assert stands(told).state == "unknown"
    played.wait_for(lambda: bool(inbox(played.memory)))
    played.memory.set_faults("sms", {})
    clock.forward(seconds=30)
    deliver(told)
    assert stands(told).state == "sent"
    assert len(inbox(played.memory)) == 1


def test_an_outage_is_waited_out_with_growing_pauses_and_ends(told: Services, played: Played, clock: Clock) -> None:
    """A 502 says nothing about the SMS, so the gateway is asked before it is sent again."""
    played.memory.set_faults("sms", {"outage": True})
    ask(told)
    for _ in range(60):
        clock.forward(minutes=10)
        deliver(told)
    assert stands(told).state == "failed"
    assert "502" in stands(told).error or stands(told).cause in ("open", "answer", "unknown")


def test_mail_is_tried_again_until_it_goes(told: Services, mail: FakeMail, clock: Clock) -> None:
    mail.failures = [GatewayError("451 later", permanent=False, cause="answer")]
    ask(told, Recipient(mail="a@example.com"))
    deliver(told)
    assert stands(told).state == "waiting"
    clock.forward(minutes=1)
    deliver(told)
    assert (stands(told).state, len(mail.sent)) == ("sent", 1)


def test_a_person_may_have_a_failed_notice_sent_again(told: Services, mail: FakeMail) -> None:
    mail.failures = [GatewayError("550 no such mailbox", permanent=True, cause="request")]
    ask(told, Recipient(mail="a@example.com"))
    deliver(told)
    found = stands(told)
    assert found.state == "failed"
    with told.db.write() as conn:
        assert notifying.send_again(conn, told, found.id)
        assert not notifying.send_again(conn, told, found.id)
    deliver(told)
    assert stands(told).state == "sent"


def test_a_rolled_back_wish_tells_nobody(told: Services, played: Played) -> None:
    def wish_and_fail() -> None:
        with told.db.write() as conn:
            enqueue(conn, told, "order-lapsed", "order:1", BUYER, {"number": "A1"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wish_and_fail()
    deliver(told)
    assert inbox(played.memory) == []


def test_the_pauses_cover_an_outage_of_hours() -> None:
    assert sum(notifying.PAUSES, timedelta()) > timedelta(hours=1.5)


def test_a_text_may_name_only_what_the_notice_may_carry() -> None:
    spec = {"facts": {"number": {"zh": "", "en": ""}}, "body": {"zh": "{number}{phone}", "en": "{street}"}}
    with pytest.raises(Refused) as caught:
        compile_notice(spec)
    assert [(p.path, p.code) for p in caught.value.problems] == [
        ("body.zh", "unknown_fact"),
        ("body.en", "unknown_fact"),
    ]


def test_the_demos_sms_templates_say_what_the_notices_say() -> None:
    approved = json.loads((ROOT / "definitions" / "demo" / "sms-templates.json").read_bytes())["templates"]
    for file in (ROOT / "definitions" / "starter" / "notice").glob("*.json"):
        spec = json.loads(file.read_bytes())["spec"]
        for language, code in spec.get("sms", {}).get("template", {}).items():
            assert approved[code] == spec["body"][language].replace("{", "${"), file.stem
