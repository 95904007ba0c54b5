"""The pages to get in and out: sign in, second factor, enrolling one, one-time links, the language."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem
from ordain.flows import demo, login_factor, login_reset
from ordain.flows import login as flow
from ordain.flows.login import SignedIn
from ordain.flows.login_factor import Enrolled
from ordain.records.actor import Anonymous
from ordain.store.sessions import Session, Stage
from ordain.web import session
from ordain.web.here import services
from ordain.web.i18n import LANGUAGE_COOKIE, current_language
from ordain.web.pages.account.factor import code_page, codes_page, enrol_page
from ordain.web.policy import current_origin, policy

pages = Blueprint("session", __name__)


@dataclass(frozen=True, slots=True)
class Demo:
    """Somebody of the demo one may sign in as with one press."""

    name: str
    title: str
    regions: Sequence[str]


@pages.get("/login")
@policy(public=True, rate="open")
def login() -> Response | str:
    """Show the way in."""
    if not isinstance(g.actor, Anonymous):
        return redirect(url_for("orders.index"))
    return _login()


@pages.post("/login")
@policy(public=True, csrf=False, rate="login")
def enter() -> Response | tuple[str, int]:
    """Sign in."""
    name = request.form.get("name", "")[:64]
    signed = _sign_in(name, request.form.get("password", ""))
    return _entered(signed) if isinstance(signed, SignedIn) else (_login(signed, name), 401)


@pages.post("/login/as/<name>")
@policy(public=True, csrf=False, rate="login")
def enter_as(name: str) -> Response:
    """Sign in as somebody of the demo; there is no such door but in development."""
    signed = flow.sign_in_as(services(), name, session.agent(), current_origin())
    if signed is None:
        abort(404)
    return _entered(signed)


@pages.get("/login/code")
@policy(public=True, rate="open")
def code() -> Response | str:
    """Ask for the second factor."""
    held = _on_the_way("code")
    return code_page(held) if held else redirect(url_for("session.login"))


@pages.post("/login/code")
@policy(public=True, rate="login")
def prove() -> Response | tuple[str, int]:
    """Take the code, or send one to the phone."""
    held = _on_the_way("code")
    if held is None:
        return redirect(url_for("session.login"))
    if "send" in request.form:
        return code_page(held, sent=login_factor.send_code(services(), held.user.id)), 200
    proven = login_factor.prove(services(), held, request.form.get("code", ""), current_origin())
    if isinstance(proven, Problem):
        return code_page(held, found=proven), 401
    session.renewed(proven)
    return redirect(url_for("orders.index"))


@pages.get("/login/enrol")
@policy(public=True, rate="open")
def enrol() -> Response | str:
    """Show the QR code to whoever must have a second factor before anything else."""
    held = _on_the_way("enrol")
    return enrol_page(held, url_for("session.confirm")) if held else redirect(url_for("session.login"))


@pages.post("/login/enrol")
@policy(public=True, rate="login")
def confirm() -> Response | str | tuple[str, int]:
    """Take the first code of the app, and show the recovery codes."""
    held = _on_the_way("enrol")
    if held is None:
        return redirect(url_for("session.login"))
    made = login_factor.confirm(services(), held, request.form.get("code", ""), session.agent(), current_origin())
    if not isinstance(made, Enrolled):
        return enrol_page(held, url_for("session.confirm"), made), 422
    session.reopened(made.secret)
    return codes_page(made.codes, url_for("orders.index"))


@pages.post("/logout")
@policy(viewing=True)
def logout() -> Response:
    """Sign out."""
    if g.session is not None:
        flow.sign_out(services(), g.session, current_origin())
    answer = redirect(url_for("session.login"))
    session.forget_cookie(answer)
    return answer


@pages.get("/forgotten")
@policy(public=True, rate="open")
def forgotten() -> str:
    """Show the form to ask for a link to set a new password."""
    return render_template("session/forgotten.html", sent=False)


@pages.post("/forgotten")
@policy(public=True, csrf=False, rate="login")
def send_link() -> str:
    """Mail a link to whoever is named; the answer tells nobody whether there is such a person."""
    login_reset.ask(services(), request.form.get("who", ""), current_origin())
    return render_template("session/forgotten.html", sent=True)


@pages.get("/first/<link>")
@policy(public=True, rate="open")
def first(link: str) -> str:
    """Show the form to set a password by a one-time link."""
    return _first(link)


@pages.post("/first/<link>")
@policy(public=True, csrf=False, rate="login")
def set_first(link: str) -> Response | tuple[str, int]:
    """Set the password, use the link up, and go in."""
    name, password = flow.whose(services(), link), request.form.get("password", "")
    if name is None:
        abort(404)
    found = flow.set_password(services(), link, password, current_origin())
    if found:
        return _first(link, found), 422
    signed = _sign_in(name, password)
    return _entered(signed) if isinstance(signed, SignedIn) else redirect(url_for("session.login"))


@pages.post("/language")
@policy(public=True, csrf=False, rate="open")
def language() -> Response:
    """Remember the language; htmx loads the page anew where it stands, a plain form goes back to the list."""
    chosen = "en" if request.form.get("language") == "en" else "zh"
    if request.headers.get("HX-Request") == "true":
        answer = Response(status=204, headers={"HX-Refresh": "true"})
    elif request.form.get("back") == "account":
        answer = redirect(url_for("account.index"))
    else:
        answer = redirect(url_for("orders.index" if not isinstance(g.actor, Anonymous) else "session.login"))
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, secure=session.encrypted(), httponly=True, samesite="Lax", max_age=365 * 86400
    )
    return answer


def _login(found: Problem | None = None, name: str = "") -> str:
    message = found.message.get(current_language()) if found else None
    people = [Demo(who.name, who.title.get(current_language()), who.regions) for who in demo.people(services())]
    return render_template("session/login.html", problem=message, name=name, people=people)


def _first(link: str, found: Sequence[Problem] = ()) -> str:
    name = flow.whose(services(), link)
    if name is None:
        abort(404)
    messages = [item.message.get(current_language()) for item in found]
    return render_template("session/first.html", link=link, name=name, problems=messages, least=flow.LEAST_LENGTH)


def _sign_in(name: str, password: str) -> SignedIn | Problem:
    return flow.sign_in(services(), name, password, session.agent(), current_origin())


def _entered(signed: SignedIn) -> Response:
    """Go on with the new session; the one this browser had before ends."""
    if g.session is not None:
        flow.sign_out(services(), g.session, current_origin())
    g.new_secret = signed.secret
    places = {"open": "orders.index", "code": "session.code", "enrol": "session.enrol"}
    return redirect(url_for(places[signed.stage]))


def _on_the_way(stage: Stage) -> Session | None:
    held = session.current()
    return held if held and held.stage == stage else None
