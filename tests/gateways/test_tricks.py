"""Three hundred ways to lead the client to a place inside: none of them connects to anything."""

import itertools
import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from ordain.base.errors import GatewayError
from ordain.gateways.http import HttpClient
from ordain.gateways.places import is_global


class Listener:
    """A socket of loopback that counts who comes."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        self.came = 0
        self._socket = socket.socket(family)
        self._socket.bind((host, 0))
        self._socket.listen(512)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            caller.close()

    def close(self) -> None:
        self._socket.close()


_watches: list[list[Any]] = []


def _connecting(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for watch in _watches:
            watch.append(arguments[1])


sys.addaudithook(_connecting)


@contextmanager
def watched() -> Iterator[list[Any]]:
    """Collect every address that this process connects to, whoever does it and wherever it leads."""
    seen: list[Any] = []
    _watches.append(seen)
    try:
        yield seen
    finally:
        _watches.remove(seen)


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[Listener, Listener]]:
    made = Listener(socket.AF_INET, "127.0.0.1"), Listener(socket.AF_INET6, "::1")
    yield made
    for listener in made:
        listener.close()


# Hosts that are, or may be read as, an address inside.
HOSTS = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433",
    "0", "0.0.0.0", "00.0.0.0", "localhost", "LOCALHOST", "localhost.", "127.0.0.1.", "127.255.255.254", "10.0.0.1",
    "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.1", "224.0.0.1", "255.255.255.255",
    "240.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a00:1::]", "[fe80::1]", "[fc00::1]", "[fd00::1]",
    "[fec0::1]", "[2001::1]", "[ff02::1]", "[100::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:ffff:7f00:0001]",
    "ip6-localhost", "127.0.0.1%00.example.com", "①②⑦.0.0.1", "１２７.0.0.1", "127。0。0。1", "xn--127-0-0-1", "127.0.0.1:80@example.com",
]  # fmt: skip
SHAPES = [
    "https://{host}:{port}/", "https://{host}:{port}/a/b?c=d", "https://user:pass@{host}:{port}/", "https://{host}:{port}",
    "https://{host}:{port}/%2e%2e/", "http://{host}:{port}/",
]  # fmt: skip
# Addresses that only look as if they went to the allowed host.
DISGUISED = [
    "https://api.example.com@127.0.0.1:{port}/", "https://api.example.com:443@127.0.0.1:{port}/", "https://127.0.0.1:{port}#@api.example.com/",
    "https://127.0.0.1:{port}?@api.example.com/", "https://127.0.0.1:{port}\\@api.example.com/", "https://api.example.com\\@127.0.0.1:{port}/",
    "https:/127.0.0.1:{port}/", "https:127.0.0.1:{port}", "//127.0.0.1:{port}/", "///127.0.0.1:{port}/", "https:///127.0.0.1:{port}/",
    "https://\t127.0.0.1:{port}/", "https://127.0.0.1\n:{port}/", "https://127.0.0.1 :{port}/", " https://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/_",
    "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/", "HTTPS://127.0.0.1:{port}/", "https://[::1]:{port}/",
    "https://[::1%25lo]:{port}/", "https://api.example.com/../../127.0.0.1:{port}/", "https://api.example.com/%2e%2e/x", "https://api.example.com/a/..%2fb",
    "https://api.example.com/%252e%252e/x", "https://api.example.com/a\\..\\b", "https://api.example.com/a b", "https://api.example.com/a\r\nHost: x",
    "https://api.example.com:22/", "https://api.example.com:6379/", "https://api.example.com:0/", "https://api.example.com:99999/", "https://api.example.com:x/",
    "https://api.example.com.127.0.0.1.nip.example:{port}/", "https://sub.api.example.com/", "https://example.com/", "https://api.example.com%2f@127.0.0.1:{port}/", "",
    "https://", "https://?", "javascript:alert(1)",
]  # fmt: skip
TRICKS = [
    *(shape.replace("{host}", host) for host, shape in itertools.product(HOSTS, SHAPES)),
    *DISGUISED,
]


def test_there_are_three_hundred_of_them() -> None:
    assert len(set(TRICKS)) >= 300


def test_the_watch_sees_who_connects() -> None:
    listener = Listener(socket.AF_INET, "127.0.0.1")
    with watched() as seen, socket.create_connection(("127.0.0.1", listener.port)):
        pass
    listener.close()
    assert seen == [("127.0.0.1", listener.port)]


def test_no_trick_connects(inside: tuple[Listener, Listener]) -> None:
    """The host of each trick is allowed, its port too: the address alone has to stop it."""
    client = HttpClient(test_networks=False)
    before = [listener.came for listener in inside]
    with watched() as seen:
        for trick in TRICKS:
            for listener in inside:
                url = trick.replace("{port}", str(listener.port))
                allowed = ["api.example.com"]
                for host in HOSTS:
                    allowed += [host, host.lower(), f"{host.lower()}:{listener.port}"]
                with pytest.raises(GatewayError):
                    client.send("GET", url, hosts=allowed, deadline=2)
    assert seen == []
    assert [listener.came for listener in inside] == before


def test_a_name_that_changes_its_address_is_looked_up_once(inside: tuple[Listener, Listener]) -> None:
    v4, _ = inside
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["203.0.113.1"] if len(asked) > 1 else ["127.0.0.1"]

    client = HttpClient(test_networks=False, resolver=rebinding)
    with pytest.raises(GatewayError, match="local address"):
        client.send("GET", f"https://api.example.com:{v4.port}/", hosts=[f"api.example.com:{v4.port}"])
    assert (asked, v4.came) == (["api.example.com"], 0)


def test_one_local_address_among_public_ones_is_one_too_many(inside: tuple[Listener, Listener]) -> None:
    client = HttpClient(test_networks=False, resolver=lambda *_: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(GatewayError, match="local address"):
        client.send("GET", "https://api.example.com/", hosts=["api.example.com"])


def test_tls_is_spoken_with_the_hosts_name_at_the_checked_address() -> None:
    """A certificate nobody vouches for is refused, and the server was asked for the host's own name."""
    named: list[str | None] = []
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.sni_callback = lambda _, name, __: named.append(name)
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        caller, _ = door.accept()
        with pytest.raises((ssl.SSLError, OSError)):
            served.wrap_socket(caller, server_side=True)

    waiting = threading.Thread(target=serve)
    waiting.start()
    port = door.getsockname()[1]
    client = HttpClient(test_networks=True, resolver=lambda *_: ["127.0.0.1"])
    with pytest.raises(GatewayError):
        client.send("GET", f"https://api.example.com:{port}/", hosts=["api.example.com"])
    waiting.join()
    door.close()
    assert named == ["api.example.com"]


def test_drops_of_bytes_do_not_stretch_the_deadline() -> None:
    door = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        caller, _ = door.accept()
        with caller:
            for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200:
                if over.wait(0.1):
                    return
                caller.sendall(bytes([letter]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    client = HttpClient(test_networks=True)
    with pytest.raises(GatewayError, match="in time") as caught:
        client.send("GET", f"http://127.0.0.1:{door.getsockname()[1]}/", hosts=["127.0.0.1"], deadline=0.6)
    over.set()
    dripping.join(2)
    door.close()
    assert caught.value.sent


@pytest.mark.parametrize(
    "address", ["::7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "2001::1", "::ffff:0:7f00:1", "240.0.0.1", "no address"]
)
def test_further_disguises_are_local(address: str) -> None:
    assert not is_global(address)
