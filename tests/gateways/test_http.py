"""The one client to the outside: which places it goes to, how long it waits, how much it reads."""

import threading
import time
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ordain.base.errors import GatewayError
from ordain.gateways.channel import Pace
from ordain.gateways.http import BODY_LIMIT, HttpClient, is_global


@pytest.fixture(scope="module")
def outside() -> Iterator[str]:
    @Request.application
    def answer(request: Request) -> Response:
        match request.path:
            case "/slow":
                time.sleep(1.5)
            case "/large":
                return Response(b"x" * (BODY_LIMIT + 1))
            case "/away":
                return Response(status=302, headers={"Location": "http://127.0.0.1:1/secret"})
        return Response(f"{request.method} {request.host} {request.get_data().decode()}", headers={"X-Seen": "Yes"})

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def client() -> HttpClient:
    return HttpClient(test_networks=True)


def test_an_answer_comes_back_with_its_headers_in_lower_case(client: HttpClient, outside: str) -> None:
    status, headers, body = client.send("POST", f"{outside}/here", hosts=["localhost"], body=b"hello")
    assert (status, headers["x-seen"]) == (200, "Yes")
    assert body.decode() == f"POST {outside.removeprefix('http://')} hello"


def test_redirects_are_not_followed(client: HttpClient, outside: str) -> None:
    assert client.send("GET", f"{outside}/away", hosts=["localhost"])[0] == 302


@pytest.mark.parametrize(
    ("path", "permanent", "said"), [("/slow", False, "in time"), ("/large", True, "larger than 5 MB")]
)
def test_waiting_and_reading_have_an_end(
    client: HttpClient, outside: str, path: str, said: str, *, permanent: bool
) -> None:
    with pytest.raises(GatewayError, match=said) as caught:
        client.send("GET", outside + path, hosts=["localhost"], deadline=0.5 if path == "/slow" else 5)
    assert caught.value.permanent == permanent


def test_only_named_hosts_are_called(client: HttpClient, outside: str) -> None:
    with pytest.raises(GatewayError, match="not allowed"):
        client.send("GET", outside, hosts=["api.example.com"])


@pytest.mark.parametrize("url", ["http://localhost/x", "ftp://localhost/x", "file:///etc/passwd"])
def test_production_speaks_https_only(url: str) -> None:
    with pytest.raises(GatewayError, match="https"):
        HttpClient(test_networks=False).send("GET", url, hosts=["localhost", ""])


def test_production_calls_no_local_address() -> None:
    with pytest.raises(GatewayError, match="local address"):
        HttpClient(test_networks=False).send("GET", "https://localhost/x", hosts=["localhost"])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
        "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_no_disguise_makes_a_local_address_public(address: str) -> None:
    assert not is_global(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_global(address)


def test_a_seconds_worth_goes_at_once_and_the_rest_at_its_pace() -> None:
    pace = Pace()
    waits = [pace.wait("shop", 5, 100.0) for _ in range(8)]
    assert [round(wait, 6) for wait in waits[:5]] == [0.0] * 5
    assert [round(wait, 1) for wait in waits[5:]] == [0.2, 0.4, 0.6]
    assert pace.wait("other", 5, 100.0) == 0.0
    assert pace.wait("shop", 5, 110.0) == 0.0
