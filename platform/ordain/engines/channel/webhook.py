"""What is pushed: the signature over the raw bytes, then the messages in the body.

Nothing of the body is parsed before its signature holds.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from ordain.base import json
from ordain.base.clock import epoch_ms
from ordain.base.errors import Problem, problem
from ordain.engines.calls import signing
from ordain.engines.calls.answers import records, value
from ordain.engines.calls.requests import Asking

Verdict = Literal["verified", "handshake", "refused"]
Then = Literal["take", "poll", "ignore"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message of a webhook's body; `then` says what follows: take it in, ask the channel, or nothing."""

    event_id: str
    topic: str
    payload: Mapping[str, Any] | None
    raw: bytes
    record: str = "order"
    mapping: str = ""
    then: Then = "take"
    unreadable: Problem | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a webhook said: whether it may be believed, its messages, and the reply its platform wants."""

    verdict: Verdict
    messages: Sequence[Pushed] = ()
    status: int = 200
    body: str = ""
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def hear(
    spec: Mapping[str, Any], secrets: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
) -> Heard:
    """Return what a webhook said. `headers` in lower case."""
    reply = spec.get("reply", {})
    status, text = int(reply.get("status", 200)), str(reply.get("body", ""))
    handshake = spec.get("handshake")
    if handshake and body.startswith(handshake["body_starts"].encode()) and len(body) < 256:
        return Heard("handshake", status=status, body=text)
    if (reason := _refusal(spec, secrets, headers, body, now)) is not None:
        return Heard("refused", status=401, reason=reason)
    return Heard("verified", _messages(spec, headers, body), status, text)


def _refusal(
    spec: Mapping[str, Any], secrets: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
) -> str | None:
    verify = spec["verify"]
    given = headers.get(verify["from"].removeprefix("header:").lower(), "")
    if not given:
        return "the signature is missing"
    if "timestamp" in spec and _is_old(spec, headers, now):
        return "the time signed is too far off"
    for name in verify.get("keys", [""]):
        if name and name.removeprefix("secret:") not in secrets:
            continue  # the next key of a rotation may not be set yet
        key = secrets[name.removeprefix("secret:")].encode() if name else b""
        text = _signed(verify, secrets, headers, body)
        if signing.same(verify.get("prefix", "") + signing.digest(verify["hash"], text, key, verify["output"]), given):
            return None
    return "the signature does not fit"


def _signed(verify: Mapping[str, Any], secrets: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the bytes the signature is over: the body, or a text with the body in it, byte for byte."""
    over = verify.get("over", "{body}")
    before, _, after = over.partition("{body}")
    asking = Asking({f"header.{name}": text for name, text in headers.items()}, secrets)
    return asking.text(before).encode() + body + asking.text(after).encode()


def _is_old(spec: Mapping[str, Any], headers: Mapping[str, str], now: datetime) -> bool:
    stamp = spec["timestamp"]
    text = headers.get(stamp["from"].removeprefix("header:").lower(), "")
    if not text.isdecimal() or len(text) > 16:
        return True
    moment = int(text) * (1 if stamp.get("unit") == "ms" else 1000)
    return abs(moment - epoch_ms(now)) > timedelta(seconds=spec.get("tolerance_seconds", 300)).total_seconds() * 1000


def _messages(spec: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> list[Pushed]:
    fallback = hashlib.sha256(body).hexdigest()[:40]
    try:
        document = json.loads(body)
    except json.BadJson as error:
        found = problem("", "unreadable", f"报文不是有效的 JSON：{error}", f"The message is no valid JSON: {error}")
        return [Pushed(_from(spec.get("event_id", ""), headers, None) or fallback, "", None, body, unreadable=found)]
    items = records(document, spec["each"]) if "each" in spec else [document]
    single = len(items) == 1 and "each" not in spec
    return [
        _message(
            spec, headers, item, body if single else json.dumps(item), fallback if single else f"{fallback}.{place}"
        )
        for place, item in enumerate(items)
    ]


def _message(spec: Mapping[str, Any], headers: Mapping[str, str], item: Any, raw: bytes, fallback: str) -> Pushed:
    event_id = _from(spec.get("event_id", ""), headers, item) or fallback
    topic = _from(spec.get("topic", ""), headers, item)
    topics = spec.get("topics", {})
    settings = topics.get(topic, {}) if topics else {}
    then: Then = settings.get("then", "take") if topic in topics or not topics else "ignore"
    payload = value(item, settings["payload"]) if "payload" in settings else item
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except json.BadJson:
            payload = None
    unreadable = None
    if not isinstance(payload, Mapping):
        unreadable = problem("", "unreadable", "报文中没有可读的内容", "There is no readable content in the message")
        payload = None
    inner = raw if "payload" not in settings or payload is None else json.dumps(payload)
    return Pushed(
        event_id, topic, payload, inner, settings.get("record", "order"), settings.get("mapping", ""), then, unreadable
    )


def _from(place: str, headers: Mapping[str, str], item: Any) -> str:
    where, _, name = place.partition(":")
    if where == "header":
        return headers.get(name.lower(), "")[:128]
    found = value(item, name) if where == "body" else None
    return str(found)[:128] if found is not None else ""
