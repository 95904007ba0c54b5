"""What signing in has to tell a person by mail or phone: codes and links."""

from collections.abc import Mapping
from typing import Final, Literal, cast

import sqlalchemy as sa

from ordain.base.text import Language
from ordain.flows.notifying import LANE, Recipient, enqueue
from ordain.flows.services import Services
from ordain.store import people
from ordain.store.factors import CODE_LIFE
from ordain.store.people import LINK_LIFE, MAIL, PHONE, RESET_LIFE, Person, Purpose

Notice = Literal["login-code", "password-reset", "invitation"]
_MINUTE: Final = 60


def send_code(services: Services, conn: sa.Connection, who: Person, code: str) -> bool:
    """Tell a person's phone a code; False where it is no number that can be written to."""
    return _tell(services, conn, "login-code", who, {"code": code, "minutes": CODE_LIFE.seconds // _MINUTE})


def send_link(services: Services, conn: sa.Connection, who: Person, purpose: Purpose) -> bool:
    """Mail a person a fresh link to set a password; earlier links end."""
    secret = people.secret()
    people.add_link(conn, who.id, secret, services.now(), purpose)
    # The configured address, whatever the request called us by.
    facts = {"name": who.display_name or who.name, "link": f"{services.settings.base_url}/first/{secret}"}
    if purpose == "reset":
        return _tell(services, conn, "password-reset", who, {**facts, "minutes": RESET_LIFE.seconds // _MINUTE})
    hours = int(LINK_LIFE.total_seconds()) // 3600
    return _tell(services, conn, "invitation", who, {**facts, "account": who.name, "hours": hours})


def ring(services: Services) -> None:
    """Wake whoever sends notices, once the transaction that asked for them is over."""
    services.doorbell.ring([LANE])


def _tell(services: Services, conn: sa.Connection, notice: Notice, who: Person, facts: Mapping[str, object]) -> bool:
    by_mail = notice != "login-code"
    mail = services.vault.reach(MAIL, who.id, who.mail or None) if by_mail else ""
    phone = "" if by_mail else services.vault.reach(PHONE, who.id, who.phone or None)
    to = Recipient(phone=phone, mail=mail, language=cast("Language", who.language or "zh"))
    key = f"{notice}:{services.new_id()}"
    return enqueue(conn, services, notice, f"person:{who.id}", to, facts, key=key) > 0
