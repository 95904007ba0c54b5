"""A forgotten password: a link to the mail that is kept for the person, good once and for 15 minutes.

Whoever asks learns nothing: the door counts, writes the same row for every name, and answers; a worker looks whether
there is somebody to write to. The link changes the password and nothing else: a second factor is asked for as ever.
"""

from collections.abc import Mapping
from typing import Any, Final

from ordain.flows.login_notice import ring, send_link
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import attempts, audit, people
from ordain.store.outbox import Wanted, put

TOPIC: Final = "login.reset"
_WHO: Final = "login.reset"
_TRIES_OF_A_PLACE: Final = 20


def ask(services: Services, who: str, origin: Origin) -> None:
    """Take a request for a link, by name or mail address; too many from one place are dropped."""
    who, now, key = who.strip()[:254], services.now(), f"{TOPIC}:{services.new_id()}"
    with services.db.write() as conn:
        if attempts.count(conn, f"reset:{origin.ip or ''}", now) > _TRIES_OF_A_PLACE:
            return
        sealed = services.vault.seal(_WHO, key, who)
        put(conn, [Wanted(TOPIC, key, {"key": key, "who": sealed, "ip": origin.ip or ""})])
    services.doorbell.ring(["normal"])


def send(services: Services, payload: Mapping[str, Any]) -> None:
    """Send the link, where there is an active person of that name or mail address, and a mail address to send it to."""
    who, now = services.vault.open(_WHO, payload["key"], payload["who"]), services.now()
    with services.db.write() as conn:
        found = people.person(conn, who) or people.of_mail(conn, services.vault, who)
        if found is None or not found.active or not found.mail:
            return
        if attempts.count(conn, f"reset:{found.id}", now) > attempts.TRIES:
            return
        send_link(services, conn, found, "reset")
        origin = Origin(System("login.reset"), ip=payload["ip"] or None)
        audit.record(conn, origin, now, "password.forgotten", f"person:{found.id}")
    ring(services)
