"""Telling people: a notice is one row in the transaction that wants it; a job renders and sends it.

Delivery is kept: waiting, sent, failed and why. What surely was not sent is tried again at growing pauses; where an
SMS may have gone out, the gateway is asked before anything is sent again, so that nobody gets it twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa

from ordain.base.phones import plausible_phone
from ordain.base.text import LANGUAGES, Language
from ordain.engines.notice import Notice, Rendered, Way, compile_notice
from ordain.flows import calling, mailing
from ordain.flows.calling import Called
from ordain.flows.ports import Mail
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import audit, notices, outbox
from ordain.store.definitions import Version
from ordain.store.notices import Delivery, Letter

TOPIC: Final = "notice.send"
LANE: Final = "notices"
PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 20, 60, 300, 900, 1800, 3600))
_ASKED: Final = timedelta(seconds=20)  # before the gateway is asked whether it went out
_ASKS: Final = 3
_OPEN: Final = ("waiting", "unknown")
_NUMBER: Final = re.compile(r"^\+?\d[\d ]{5,18}$")  # no mask, no ciphertext, no extension


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where somebody is told, and in which language; "" for no such address. Masks of platforms are no addresses."""

    phone: str = ""
    mail: str = ""
    language: Language = "zh"

    @property
    def addresses(self) -> Mapping[Way, str]:
        """The addresses that can be written to."""
        phone = self.phone.strip()
        whole = _NUMBER.match(phone) is not None and plausible_phone(phone)
        return {"sms": phone if whole else "", "mail": self.mail.strip() if "@" in self.mail else ""}


def enqueue(
    conn: sa.Connection,
    services: Services,
    notice: str,
    subject: str,
    to: Recipient,
    facts: Mapping[str, Any],
    *,
    key: str = "",
) -> int:
    """Ask in the caller's transaction that somebody be told; return how many messages that makes.

    `subject` ("order:ID") is whose story tells of it. Asking twice with the same `key` (else notice and subject)
    tells once. Whoever has no address is kept as failed, to be seen.
    """
    live = services.live.at(conn)
    version = live.get("notice", notice)
    if version is None:
        return 0
    compiled: Notice = live.compiled("notice", notice, _compiled)
    addresses = to.addresses
    ways = compiled.ways(addresses)
    whole = f"notice:{key or f'{notice}:{subject}'}"
    waiting = [
        _put(conn, services, compiled, version, subject, to, facts, way=way, key=f"{whole}:{way}") for way in ways
    ]
    if not ways:
        _put(conn, services, compiled, version, subject, to, {}, way=None, key=whole)
    return sum(waiting)


def send(services: Services, notice_id: str) -> None:
    """Send one notice now, or put it off, or give it up; whatever it is, it is kept with the notice."""
    with services.db.read() as conn:
        letter = notices.letter(conn, services.vault, notice_id)
        live = services.live.at(conn)
        known = letter and live.get("notice", letter.delivery.notice)
        compiled: Notice | None = (
            live.compiled("notice", letter.delivery.notice, _compiled) if letter and known else None
        )
    if letter is None or letter.delivery.state not in _OPEN:
        return
    if compiled is None or letter.facts is None:
        _end(services, letter, "failed", "request", "the notice is not defined any more")
        return
    now = services.now()
    if compiled.valid_minutes and now > letter.delivery.created_at + timedelta(minutes=compiled.valid_minutes):
        _end(services, letter, "failed", "late", "not sent in time", forget=compiled.secret)
        return
    asks = letter.delivery.state == "unknown"
    _settle(services, letter, compiled, _find(services, letter) if asks else _out(services, letter, compiled))


def ask_again(services: Services, notice_id: str, origin: Origin) -> bool:
    """Have a failed notice sent once more, as a person asked; False where that makes no sense."""
    with services.db.write() as conn:
        asked = send_again(conn, services, notice_id)
        if asked:
            audit.record(conn, origin, services.now(), "notice.again", f"notice:{notice_id}")
    return asked


def send_again(conn: sa.Connection, services: Services, notice_id: str) -> bool:
    """Give a failed notice another life, as a person asks for; False where it is not failed or was forgotten."""
    letter = notices.letter(conn, services.vault, notice_id)
    if letter is None or not letter.facts or not letter.address:
        return False
    moved = notices.move(conn, notice_id, was=("failed",), state="waiting", tries=0, cause="", error="")
    if moved:
        _wake(conn, notice_id, f"again:{services.new_id()}", None)
    return moved


def _put(
    conn: sa.Connection,
    services: Services,
    compiled: Notice,
    version: Version,
    subject: str,
    to: Recipient,
    facts: Mapping[str, Any],
    *,
    way: Way | None,
    key: str,
) -> bool:
    address = to.addresses[way] if way else ""
    made = Delivery(
        id=services.new_id(),
        notice=version.key,
        version=version.number,
        subject=subject,
        by=way or "",
        connector=compiled.connectors[way] if way else "",
        shown=mask(address),
        language=to.language if to.language in LANGUAGES else "zh",
        state="waiting" if way else "failed",
        cause="" if way else "address",
        error="" if way else "no address that can be written to",
        tries=0,
        receipt="",
        created_at=services.now(),
        tried_at=None,
        sent_at=None,
    )
    new = notices.add(conn, services.vault, key, made, address, compiled.kept(facts))
    if new and way:
        _wake(conn, made.id, "0", None)
    return new and way is not None


def _wake(conn: sa.Connection, notice_id: str, turn: str, due_at: datetime | None) -> None:
    key = f"{TOPIC}:{notice_id}:{turn}"
    outbox.put(conn, [outbox.Wanted(TOPIC, key, {"notice": notice_id}, lane=LANE, due_at=due_at)])


def _out(services: Services, letter: Letter, compiled: Notice) -> Called:
    sent = letter.delivery
    rendered = compiled.render(letter.facts or {}, cast("Language", sent.language), services.settings.timezone)
    if sent.by == "mail":
        mail = Mail(letter.address, rendered.subject, rendered.body, sent.id)
        return mailing.post(services, sent.connector, mail)
    return calling.call(services, sent.connector, "send", _sms(letter, rendered, services.now()), key=sent.id)


def _sms(letter: Letter, rendered: Rendered, day: datetime) -> dict[str, Any]:
    return {
        "to": letter.address,
        "text": rendered.body,
        "template": rendered.template,
        "parameters": rendered.parameters,
        "day": day,
    }


def _find(services: Services, letter: Letter) -> Called:
    """Ask the gateway whether an SMS went out whose answer never came: done, or surely not done, or still unknown."""
    sent = letter.delivery
    facts = {"to": letter.address, "day": sent.tried_at or services.now()}
    called = calling.call(services, sent.connector, "find", facts, key=sent.id)
    if called.result == "done" and called.values.get("receipt"):
        return called
    asked = sent.tries >= _ASKS
    if called.result == "done":
        return replace(called, result="not_done" if asked else "unknown", cause="answer", text="not found yet")
    return replace(called, result="unknown", text=called.text or called.cause)


def _settle(services: Services, letter: Letter, compiled: Notice, called: Called) -> None:
    delivery = letter.delivery
    match called.result:
        case "done":
            _end(services, letter, "sent", receipt=str(called.values.get("receipt") or ""), forget=compiled.secret)
        case "refused":
            _end(services, letter, "failed", called.cause, called.text, forget=compiled.secret)
        case "unknown" if delivery.by == "sms" and _asks_left(services, letter):
            tries = delivery.tries + 1 if delivery.state == "unknown" else 0
            _later(services, letter, "unknown", called, _ASKED, tries)
        case "unknown" if delivery.by == "sms":
            _end(services, letter, "failed", "unknown", called.text, forget=compiled.secret)
        case _:
            tries = delivery.tries + 1 if delivery.state == "waiting" else 1
            if tries > len(PAUSES):
                _end(services, letter, "failed", called.cause, called.text, forget=compiled.secret)
                return
            pause = PAUSES[tries - 1] * (0.75 + services.jitter() / 2)
            wait = max(pause, timedelta(seconds=called.retry_after or 0))
            _later(services, letter, "waiting", called, wait, tries)


def _asks_left(services: Services, letter: Letter) -> bool:
    """Tell whether the gateway can be asked once more what became of an SMS."""
    with services.db.read() as conn:
        version = services.live.at(conn).get("connector", letter.delivery.connector)
    known = version is not None and "find" in version.document["spec"].get("operations", {})
    return known and (letter.delivery.state != "unknown" or letter.delivery.tries < _ASKS * 3)


def _end(
    services: Services,
    letter: Letter,
    state: str,
    cause: str = "",
    error: str = "",
    *,
    receipt: str = "",
    forget: bool = False,
) -> None:
    now = services.now()
    values: dict[str, Any] = {"state": state, "cause": cause, "error": error[:500], "receipt": receipt[:128]}
    values["tried_at"] = now
    if state == "sent":
        values["sent_at"] = now
    with services.db.write() as conn:
        notices.move(conn, letter.delivery.id, was=_OPEN, forget=forget, **values)


def _later(services: Services, letter: Letter, state: str, called: Called, wait: timedelta, tries: int) -> None:
    tried = letter.delivery.tried_at if letter.delivery.state == "unknown" else services.now()
    values: dict[str, Any] = {
        "state": state,
        "cause": called.cause,
        "error": called.text[:500],
        "tries": tries,
        "tried_at": tried,
    }
    with services.db.write() as conn:
        if notices.move(conn, letter.delivery.id, was=_OPEN, **values):
            _wake(conn, letter.delivery.id, f"{state}:{services.new_id()}", outbox.clock(conn) + wait)


def mask(address: str) -> str:
    """Return an address as it may be shown to anybody who sees the story."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}•••@{host}"
    return f"{address[:3]}••••{address[-4:]}" if len(address) >= 8 else "••••" if address else ""


def _compiled(version: Version) -> Notice:
    return compile_notice(version.document["spec"])
