"""Mail over real SMTP to the sandbox: sent, refused, not let in, and never waited for too long."""

import socket
import threading
from collections.abc import Iterator

import pytest

from ordain.base.errors import GatewayError
from ordain.flows.ports import Mail
from ordain.gateways import mail as gateway
from ordain.gateways.mail import Smtp
from ordain.sandbox.partners.letters import Letters
from ordain.sandbox.server import secrets
from ordain.store.connections import Connection
from tests.conftest import Clock
from tests.rig.sandbox import Played, playing

LETTER = Mail("张三 <zhang@example.com>", "订单已失效", "您的订单A1已关闭。\n谢谢", "n1")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with playing(tmp_path_factory.mktemp("sandbox") / "sandbox.db", Clock()) as made:
        yield made


def connection(port: int, scheme: str = "smtp", **changed: str) -> Connection:
    return Connection("mail", f"{scheme}://127.0.0.1:{port}", ("127.0.0.1",), {**secrets()["mail"], **changed})


def send(port: int, mail: Mail = LETTER, **changed: str) -> str:
    return Smtp(test_networks=True).send(connection(port, **changed), mail)


def test_a_mail_arrives_as_it_was_written(played: Played) -> None:
    played.memory.set_faults("mail", {})
    key = send(played.mail_port, Mail("zhang@example.com", LETTER.subject, LETTER.body, "n1"))
    (found,) = Letters(played.memory).find(kind="mail")
    assert (found.title, found.text, found.receiver) == ("订单已失效", LETTER.body, "zhang@example.com")
    assert (found.out_id, found.sender) == (key, "ordain@example.com")


@pytest.mark.parametrize(
    ("faults", "cause", "permanent"),
    [
        ({"refuse": True}, "request", True),
        ({"outage": True}, "request", False),
        ({"token_expired": True}, "authentication", False),
    ],
)
def test_a_refusal_says_whether_another_try_helps(
    played: Played, faults: dict[str, object], cause: str, *, permanent: bool
) -> None:
    played.memory.set_faults("mail", faults)
    with pytest.raises(GatewayError) as caught:
        send(played.mail_port, Mail("zhang@example.com", "s", "b", "n2"))
    assert (caught.value.cause, caught.value.permanent) == (cause, permanent)


def test_a_wrong_password_is_not_let_in(played: Played) -> None:
    played.memory.set_faults("mail", {})
    with pytest.raises(GatewayError) as caught:
        send(played.mail_port, Mail("zhang@example.com", "s", "b", "n3"), password="another")
    assert caught.value.cause == "authentication"


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: all@example.com", "a@example.com\nX: y"])
def test_no_address_adds_a_header(played: Played, to: str) -> None:
    with pytest.raises(GatewayError, match="header"):
        send(played.mail_port, Mail(to, "s", "b", "n4"))


def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "DEADLINE", 0.5)
    door = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []
    waiting = threading.Thread(target=lambda: held.append(door.accept()[0]))
    waiting.start()
    with pytest.raises(GatewayError):
        send(door.getsockname()[1])
    waiting.join()
    for caller in (*held, door):
        caller.close()


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("smtp://127.0.0.1:25", "local address"),
        ("smtps://localhost:465", "local address"),
        ("smtp://127.0.0.1:6379", "port"),
        ("https://127.0.0.1:465", "smtp"),
    ],
)
def test_production_sends_mail_to_public_places_only(base: str, said: str) -> None:
    made = Connection("mail", base, ("127.0.0.1", "localhost"), {"from": "a@example.com"})
    with pytest.raises(GatewayError, match=said):
        Smtp(test_networks=False).send(made, LETTER)


def test_a_host_that_is_not_named_gets_no_mail(played: Played) -> None:
    made = Connection("mail", f"smtp://127.0.0.1:{played.mail_port}", ("mail.example.com",), {})
    with pytest.raises(GatewayError, match="not allowed"):
        Smtp(test_networks=True).send(made, LETTER)
