"""Making requests: a definition's request, filled in, encoded and signed."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from ordain.base import json
from ordain.engines.calls import signing
from ordain.language.template import compile_template


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `path` below the connection's base URL, decoded query pairs, headers, body."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{encoded(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request is filled in with: moments, page, cursor, record; and the connection's secrets."""

    values: Mapping[str, Any]
    secrets: Mapping[str, str]
    base_url: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def fill(self, value: Any) -> Any:
        """Return `value` with every template in it filled in; a lone field keeps its type."""
        if isinstance(value, dict):
            return {name: self.fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if isinstance(value, str) and "{" in value:
            return compile_template(value).value(self._known(), self.zone)
        return value

    def path(self, text: str) -> str:
        """Return a path with its fields filled in, each percent-encoded: no value adds a segment or a query."""
        return compile_template(text).render(self._known(), self.zone, write=_segment)

    def text(self, value: Any) -> str:
        """Return a parameter as text; objects and lists as canonical JSON."""
        filled = self.fill(value)
        if filled is None:
            return ""
        if isinstance(filled, dict | list):
            return json.canonical(filled).decode()
        return ("true" if filled else "false") if isinstance(filled, bool) else str(filled)

    def _known(self) -> dict[str, Any]:
        return {**self.values, **{f"secret:{name}": value for name, value in self.secrets.items()}}

    def with_values(self, more: Mapping[str, Any]) -> "Asking":
        """Return the same with more to fill in."""
        return replace(self, values={**self.values, **more})


def build(spec: Mapping[str, Any], asking: Asking, *, instead: Mapping[str, Any] | None = None) -> Request:
    """Return the signed request of a definition; `instead` replaces parameters by name (a detail call, a probe)."""
    parameters = {
        name: text
        for name, value in {**spec.get("parameters", {}), **(instead or {})}.items()
        if (text := asking.text(value)) != ""
    }
    body = json.canonical(asking.fill(spec["body"])).decode() if "body" in spec else ""
    host = urlsplit(asking.base_url).netloc
    sent = asking.with_values({"request.host": host, "request.body_sha256": hashlib.sha256(body.encode()).hexdigest()})
    headers = {name: sent.text(value) for name, value in spec.get("headers", {}).items()}
    plain = Request(spec.get("method", "GET"), asking.path(spec["path"]), parameters, headers, body.encode())
    signed = _sign(plain, spec.get("sign"), asking)
    return _encoded(signed, spec.get("encode", "query"))


def encoded(query: Mapping[str, str]) -> str:
    """Return a query as RFC 3986 writes it: a space is %20, a tilde stays."""
    return urlencode(query, quote_via=quote, safe="~")


def _encoded(request: Request, encode: str) -> Request:
    headers = dict(request.headers)
    if encode == "form":
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return replace(request, query={}, headers=headers, body=urlencode(request.query).encode())
    if encode == "json":
        headers["Content-Type"] = "application/json"
    return replace(request, headers=headers)


def _sign(request: Request, spec: Mapping[str, Any] | None, asking: Asking) -> Request:
    match spec:
        case None:
            return request
        case {"type": "basic"}:
            pair = f"{asking.fill(spec['user'])}:{asking.fill(spec['password'])}".encode()
            return _put(request, "header:Authorization", f"Basic {base64.b64encode(pair).decode()}")
        case {"type": "oauth1"}:
            text = signing.oauth1_text(request.method, asking.base_url + request.path, request.query)
            key = f"{asking.fill(spec['secret'])}&".encode()
            return _put(
                request, "parameter:oauth_signature", signing.digest(spec["hash"], text.encode(), key, "base64")
            )
        case _:
            text = _text(request, spec, asking)
            key = signing.secret(spec["key"], asking.secrets).encode() if "key" in spec else b""
            mark = signing.digest(spec["hash"], text.encode(), key, spec["output"])
            return _put(request, spec["into"], asking.text(spec.get("prefix", "")) + mark)


def _text(request: Request, spec: Mapping[str, Any], asking: Asking) -> str:
    if spec["type"] == "sorted":
        core = signing.sorted_text(
            request.query, spec.get("each", "{name}{value}"), spec.get("join", ""), tuple(spec.get("exclude", ()))
        )
        return f"{asking.text(spec.get('before', ''))}{core}{asking.text(spec.get('after', ''))}"
    known = {
        "request.method": request.method,
        "request.path": request.path,
        "request.host": urlsplit(asking.base_url).netloc,
        "request.query": encoded(dict(sorted(request.query.items()))),
        "request.body": request.body.decode(),
        "request.body_sha256": hashlib.sha256(request.body).hexdigest(),
        **{f"parameter.{name}": value for name, value in request.query.items()},
        **{f"header.{name.lower()}": value for name, value in request.headers.items()},
    }
    text = asking.with_values(known).text(spec["text"])
    if "around" not in spec:
        return text
    return asking.with_values({"text_sha256": hashlib.sha256(text.encode()).hexdigest()}).text(spec["around"])


def _segment(text: str) -> str:
    return quote(text, safe="~")


def _put(request: Request, into: str, mark: str) -> Request:
    place, _, name = into.partition(":")
    if place == "header":
        return replace(request, headers={**request.headers, name: mark})
    return replace(request, query={**request.query, name: mark})
