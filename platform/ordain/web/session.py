"""Who calls: session cookie or bearer token; and the pages to sign in and out."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem
from ordain.flows import login as flow
from ordain.flows.login import SignedIn
from ordain.records.actor import Anonymous
from ordain.web.here import services
from ordain.web.i18n import LANGUAGE_COOKIE, current_language
from ordain.web.policy import current_origin, policy

pages = Blueprint("session", __name__)
REFRESH: Final = "X-Refresh"  # a page that asks by itself says so: a screen left open keeps no session alive
_LONGEST: Final = 12 * 3600


def install(app: Flask) -> None:
    """Give templates the token their forms carry."""
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """Return the token forms of this session carry, "" before login."""
    held = g.get("session")
    return held.csrf if held else ""


def identify() -> None:
    """Find out who calls; anything missing, malformed or expired is Anonymous."""
    g.actor, g.session = Anonymous(g.ip), None
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = flow.holder(services(), credential.strip())
        g.actor = found.user if found else g.actor
    elif cookie := request.cookies.get(cookie_name(), ""):
        g.session = flow.resume(services(), cookie, seen=REFRESH not in request.headers)
        g.actor = g.session.user if g.session else g.actor


def cookie_name() -> str:
    """Return the cookie's name: bound to this very host where the connection is encrypted."""
    return "__Host-sid" if _encrypted() else f"sid-{services().settings.port}"


@pages.get("/login")
@policy(public=True, rate="open")
def login() -> Response | str:
    """Show the way in."""
    if not isinstance(g.actor, Anonymous):
        return redirect(url_for("orders.index"))
    return render_template("session/login.html", problem=None, name="")


@pages.post("/login")
@policy(public=True, csrf=False, rate="login")
def enter() -> Response | tuple[str, int]:
    """Sign in."""
    name = request.form.get("name", "")[:64]
    signed = _sign_in(name, request.form.get("password", ""))
    if isinstance(signed, SignedIn):
        return _entered(signed)
    message = signed.message.get(current_language())
    return render_template("session/login.html", problem=message, name=name), 401


@pages.post("/logout")
@policy()
def logout() -> Response:
    """Sign out."""
    if g.session is not None:
        flow.sign_out(services(), g.session, current_origin())
    answer = redirect(url_for("session.login"))
    answer.delete_cookie(cookie_name(), secure=_encrypted(), httponly=True, samesite="Lax")
    return answer


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
    else:
        answer = redirect(url_for("orders.index" if not isinstance(g.actor, Anonymous) else "session.login"))
    answer.set_cookie(LANGUAGE_COOKIE, chosen, secure=_encrypted(), httponly=True, samesite="Lax", max_age=365 * 86400)
    return answer


def _first(link: str, found: Sequence[Problem] = ()) -> str:
    name = flow.whose(services(), link)
    if name is None:
        abort(404)
    messages = [item.message.get(current_language()) for item in found]
    return render_template("session/first.html", link=link, name=name, problems=messages, least=flow.LEAST_LENGTH)


def _sign_in(name: str, password: str) -> SignedIn | Problem:
    agent = request.headers.get("User-Agent", "").replace("\0", "")
    return flow.sign_in(services(), name, password, agent, current_origin())


def _entered(signed: SignedIn) -> Response:
    """Go in with the new session; the one this browser had before ends."""
    if g.session is not None:
        flow.sign_out(services(), g.session, current_origin())
    answer = redirect(url_for("orders.index"))
    answer.set_cookie(
        cookie_name(), signed.secret, secure=_encrypted(), httponly=True, samesite="Lax", path="/", max_age=_LONGEST
    )
    return answer


def _encrypted() -> bool:
    """Tell whether cookies are bound to encrypted connections: always but on development's plain http."""
    settings = services().settings
    return settings.production or settings.base_url.startswith("https://")
