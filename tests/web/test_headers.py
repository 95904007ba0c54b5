"""Every answer carries the headers that keep a browser in bounds: pages, API, errors, files, the widget, the sandbox."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ordain.flows.services import Services
from ordain.sandbox.memory import Memory
from ordain.sandbox.server import create_app as create_sandbox
from ordain.web.app import create_app
from ordain.web.guards import CSP
from ordain.web.policy import policy
from tests.conftest import Clock
from tests.stock import stocked

PARTS = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data: blob:",
    "font-src": "'self'", "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
# Names that lead somewhere; of all others nothing stands behind the address, which is an answer too.
KNOWN = {
    "key": "product", "kind": "form", "sku": "A", "language": "en", "platform": "taobao", "subject": "product",
    "operation": "receive", "filename": "js/page.js",
}  # fmt: skip


def parsed(text: str) -> Mapping[str, str]:
    return dict(part.strip().split(" ", 1) for part in text.split(";"))


def held(answer: TestResponse, what: str) -> None:
    headers = answer.headers
    given = headers.get("Content-Security-Policy", "")
    if "/widget/" not in what and not given.startswith("sandbox"):
        assert given == CSP, what
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"], what
    assert headers.get("Referrer-Policy") == "same-origin", what
    assert headers.get("Cross-Origin-Opener-Policy") == "same-origin", what
    assert headers.get("X-Request-Id"), what
    if "/static/" not in what:
        assert "no-store" in headers.get("Cache-Control", ""), what
        assert "HX-Request" in headers.get("Vary", ""), what
    if answer.mimetype == "text/html":
        assert INLINE.search(answer.text) is None, f"{what}: {INLINE.search(answer.text)}"
    answer.close()


def addresses(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    adapter = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            values = {name: KNOWN.get(name, "1" if name == "version" else "nothing") for name in rule.arguments}
            yield rule, adapter.build(rule.endpoint, values, method=method)


def test_the_policy_is_the_strict_one() -> None:
    assert parsed(CSP) == PARTS


def test_every_address_answers_with_them_to_strangers_and_to_the_admin(
    app: Flask,
    founded: Services,
    client: FlaskClient,
    signed_in: Callable[..., FlaskClient],
    token: Callable[..., dict[str, str]],
) -> None:
    stocked(founded, A=5)
    browser, program = signed_in(), token()
    page = {"Accept": "text/html"}
    kinds: set[str] = set()
    for rule, path in addresses(app, "GET"):
        held(client.get(path, headers=page), f"stranger: {path}")
        if rule.endpoint in ("session.enter_as", "session.language"):
            continue
        api = path.startswith("/api/")
        answer = app.test_client().get(path, headers=program) if api else browser.get(path, headers=page)
        held(answer, path)
        assert answer.status_code < 500, path
        kinds.add(f"{answer.mimetype} {answer.status_code}")
    assert {"text/html 200", "text/html 404", "application/json 200", "application/problem+json 404"} <= kinds


def test_what_is_posted_without_a_token_is_answered_with_them(
    app: Flask, client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for rule, path in addresses(app, method):
            held(client.open(path, method=method), f"stranger {method} {path}")
            if rule.endpoint.startswith(("session.", "hooks.")):
                continue
            answer = browser.open(path, method=method)
            held(answer, f"{method} {path}")
            assert answer.status_code in (400, 401, 403, 404), f"{method} {path}: {answer.status_code}"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_errors_of_every_kind_have_them(app: Flask, signed_in: Callable[..., FlaskClient], accept: str) -> None:
    @policy(public=True)
    def fail() -> str:
        raise RuntimeError("a bug")

    app.view_functions["health.healthz"] = fail
    browser = signed_in()
    asked = {"Accept": accept}
    for status, answer in (
        (404, browser.get("/nowhere", headers=asked)),
        (405, browser.delete("/orders", headers=asked)),
        (400, browser.get("/orders?q=%00", headers=asked)),
        (411, browser.post("/login", headers={**asked, "Transfer-Encoding": "chunked"}, input_stream=None)),
        (
            413,
            app.test_client().post(
                "/login", data=b"x" * 1_100_000, content_type="application/x-www-form-urlencoded", headers=asked
            ),
        ),
        (500, app.test_client().get("/healthz", headers=asked)),
        (400, app.test_client().get("/login", base_url="http://evil.example", headers=asked)),
    ):
        assert answer.status_code == status, (status, answer.status_code)
        held(answer, f"{status} as {accept}")


def multipart(fields: Mapping[str, str]) -> tuple[bytes, str]:
    head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(head.format(name, text) for name, text in fields.items()) + "--b--\r\n").encode(), (
        "multipart/form-data; boundary=b"
    )


@pytest.mark.parametrize("fields", [{f"f{n}": "x" for n in range(2_100)}, {"name": "x" * 600_000}])
def test_forms_are_bounded_in_parts_and_memory(app: Flask, fields: dict[str, str]) -> None:
    body, kind = multipart(fields)
    assert len(body) < app.config["MAX_CONTENT_LENGTH"] == 1_000_000
    assert app.test_client().post("/login", data=body, content_type=kind).status_code == 413


def test_only_the_shops_own_pages_may_frame_the_widget(founded: Services) -> None:
    stocked(founded, A=5)
    settings = dataclasses.replace(founded.settings, widget_origins=("https://shop.example.com",))
    browser = create_app(dataclasses.replace(founded, settings=settings)).test_client()
    answer = browser.get("/widget/stock/A")
    held(answer, "/widget/stock/A")
    given = parsed(answer.headers["Content-Security-Policy"])
    assert given == {**PARTS, "frame-ancestors": "'self' https://shop.example.com"}
    assert parsed(browser.get("/widget/stock/none").headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"


def test_production_asks_for_https_everywhere(founded: Services) -> None:
    settings = dataclasses.replace(founded.settings, production=True)
    browser = create_app(dataclasses.replace(founded, settings=settings)).test_client()
    assert browser.get("/login").headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_sandbox_is_bounded_too(tmp_path: Path, clock: Clock) -> None:
    memory = Memory(tmp_path / "sandbox.db", clock())
    app = create_sandbox(memory, clock)
    browser = app.test_client()
    for rule, path in addresses(app, "GET"):
        answer = browser.get(path)
        given = parsed(answer.headers["Content-Security-Policy"])
        assert given["default-src"] == "'none'", rule.endpoint
        assert given["frame-ancestors"] == "'none'", rule.endpoint
        assert given["base-uri"] == "'none'", rule.endpoint
        assert "script-src" not in given, rule.endpoint
        assert answer.headers["X-Content-Type-Options"] == "nosniff", rule.endpoint
        if answer.mimetype == "text/html":
            assert re.search(r"<script|\son[a-z]+=", answer.text) is None, rule.endpoint
    memory.close()
