"""The pages of the second factor: asking for a code, enrolling an app, showing recovery codes. All without the rail."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, render_template, url_for

from ordain.base.errors import Problem
from ordain.flows import login_factor
from ordain.store import factors, people
from ordain.store.orders.show import mask_phone
from ordain.store.people import PHONE
from ordain.store.sessions import Session
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.pages.account.qr import Code, draw


@dataclass(frozen=True, slots=True)
class CodePage:
    """Asks for a code; `phone` is where one can be sent to, `sent` says whether one just was."""

    problem: str
    phone: str
    sent: bool | None


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """Shows a seed, as QR code and in groups of letters."""

    name: str
    qr: Code
    seed: str
    uri: str
    action: str
    back: str
    problem: str


def code_page(held: Session, found: Problem | None = None, *, sent: bool | None = None) -> str:
    """Return the page that asks for a code at sign-in."""
    page = CodePage(_message(found), _phone(held), sent)
    return render_template("session/factor.html", page=page)


def enrol_page(held: Session, action: str, found: Problem | None = None) -> str:
    """Return the page with the QR code; 404 for who has a second factor already."""
    given = login_factor.begin(services(), held)
    if given is None:
        abort(404)
    seed = " ".join(given.seed[place : place + 4] for place in range(0, len(given.seed), 4))
    back = url_for("account.index") if held.stage == "open" else ""
    page = EnrolPage(held.user.name, draw(given.uri), seed, given.uri, action, back, _message(found))
    return render_template("session/enrol.html", page=page)


def codes_page(codes: Sequence[str], onward: str) -> str:
    """Return the page with fresh recovery codes."""
    return render_template("session/codes.html", codes=codes, onward=onward)


def _phone(held: Session) -> str:
    with services().db.read() as conn:
        found, who = factors.confirmed(conn, held.user.id), people.get(conn, held.user.id)
    if found is None or not found.by_phone or who is None or not who.phone:
        return ""
    return mask_phone(services().vault.show(PHONE, who.id, who.phone))


def _message(found: Problem | None) -> str:
    return found.message.get(current_language()) if found else ""
