"""Asking a channel once, as its draft says: what is sent, what comes back, the first record. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import GatewayError, Problem, Refused, problem
from ordain.engines.calls import answers
from ordain.engines.calls.requests import Asking, build
from ordain.engines.channel import paging
from ordain.flows.asking import Channel
from ordain.flows.services import Services

COVERED: Final = "•••"
_PAST: Final = timedelta(hours=1)
_EXCERPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and its answer; secrets are covered. `failure` says in words why it is none."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str
    status: int
    answer: str
    records: int
    first: Mapping[str, Any] | None
    failure: str


def ask_once(services: Services, document: Mapping[str, Any]) -> Probe:
    """Ask for the first page of the past hour; Refused where the draft cannot be asked by."""
    spec = document.get("spec") or {}
    poll = (spec.get("intakes") or {}).get("poll")
    if not poll or "request" not in poll:
        raise Refused([_cannot("intakes.poll", "此渠道不轮询", "this channel is not polled")])
    channel = _channel(services, document, spec)
    now = services.now()
    page = paging.first(poll.get("pages"))
    known = {"from": now - _PAST, "to": now, "now": now, "nonce": services.new_id(), **page.values}
    asking = Asking(known, channel.connection.secrets, channel.connection.base_url, channel.zone)
    try:
        made = build(poll["request"], asking)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused([_cannot("intakes.poll.request", "请求不完整", f"the request is incomplete: {error}")]) from None

    def cover(text: str) -> str:
        for secret in channel.connection.secrets.values():
            text = text.replace(secret, COVERED) if len(secret) > 3 else text
        return text

    shown = (made.method, cover(made.target), {n: cover(v) for n, v in made.headers.items()}, cover(made.body.decode()))
    try:
        answer = services.channels.ask(
            channel.connection, made, deadline=channel.deadline, per_second=channel.per_second
        )
    except GatewayError as error:
        return Probe(*shown, 0, "", 0, None, str(error))
    found, failure = answers.read(answer, channel.rules)
    listed = [] if failure else answers.records(found, poll.get("records", ""))
    records = [record for record in listed if isinstance(record, dict)]
    text = cover(answer.body[:_EXCERPT].decode("utf-8", "replace"))
    first = records[0] if records else None
    return Probe(*shown, answer.status, text, len(records), first, cover(failure.text) if failure else "")


def first_text(probe: Probe) -> str:
    """Return the first record as JSON for people."""
    return json.pretty(probe.first) if probe.first else ""


def _channel(services: Services, document: Mapping[str, Any], spec: Mapping[str, Any]) -> Channel:
    with services.db.read() as conn:
        connection = services.live.at(conn).connection(conn, services.vault, str(spec.get("connection", "")))
    if connection is None:
        raise Refused([_cannot("connection", "没有这个连接，请先设置", "there is no such connection; set it first")])
    rules = answers.compile_errors(spec["intakes"]["poll"].get("errors", ()), "intakes.poll.errors")
    return Channel(str(document.get("key", "")), spec, connection, rules)


def _cannot(path: str, zh: str, en: str) -> Problem:
    return problem(f"spec.{path}", "cannot_ask", zh, en)
