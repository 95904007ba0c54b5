"""Who calls: session cookie or bearer token; and the pages to sign in and out."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.flows import login as flow
from ordain.flows.login import SignedIn
from ordain.records.actor import Anonymous
from ordain.store import people
from ordain.web.here import services
from ordain.web.i18n import LANGUAGE_COOKIE, current_language
from ordain.web.policy import policy

pages = Blueprint("session", __name__)
_SEEN_EVERY: Final = timedelta(minutes=1)


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
    bearer = request.headers.get("Authorization", "")
    now = services().now()
    if bearer.startswith("Bearer "):
        with services().db.read() as conn:
            g.actor = people.token_user(conn, bearer[7:].strip(), now) or g.actor
        return
    if not (cookie := request.cookies.get(cookie_name(), "")):
        return
    with services().db.read() as conn:
        found = people.session(conn, cookie, now)
    if found is None:
        return
    g.session, seen_at = found
    g.actor = g.session.user
    if now - seen_at > _SEEN_EVERY:
        with services().db.write() as conn:
            people.touch(conn, g.session.id_hash, now)


def cookie_name() -> str:
    """Return the cookie's name: bound to this very host where the connection is encrypted."""
    return "__Host-sid" if _encrypted() else f"sid-{services().settings.port}"


@pages.get("/login")
@policy(public=True)
def login() -> Response | str:
    """Show the way in."""
    if not isinstance(g.actor, Anonymous):
        return redirect(url_for("orders.index"))
    return render_template("session/login.html", problem=None, name="")


@pages.post("/login")
@policy(public=True, csrf=False)
def enter() -> Response | tuple[str, int]:
    """Sign in."""
    name = request.form.get("name", "")[:64]
    agent = request.headers.get("User-Agent", "")
    signed = flow.sign_in(services(), name, request.form.get("password", "")[:256], g.ip, agent)
    if not isinstance(signed, SignedIn):
        message = signed.message.get(current_language())
        return render_template("session/login.html", problem=message, name=name), 401
    answer = redirect(url_for("orders.index"))
    answer.set_cookie(
        cookie_name(), signed.secret, secure=_encrypted(), httponly=True, samesite="Lax", path="/", max_age=12 * 3600
    )
    return answer


@pages.post("/logout")
@policy()
def logout() -> Response:
    """Sign out."""
    if g.session is not None:
        flow.sign_out(services(), g.session)
    answer = redirect(url_for("session.login"))
    answer.delete_cookie(cookie_name())
    return answer


@pages.get("/first/<link>")
@policy(public=True)
def first(link: str) -> str:
    """Show the form to set a password by a one-time link."""
    with services().db.read() as conn:
        who = people.link_person(conn, link, services().now())
    if who is None:
        abort(404)
    return render_template("session/first.html", link=link, name=who.name, problems=[], least=flow.LEAST_LENGTH)


@pages.post("/first/<link>")
@policy(public=True, csrf=False)
def set_first(link: str) -> Response | tuple[str, int]:
    """Set the password and go to the way in."""
    with services().db.read() as conn:
        who = people.link_person(conn, link, services().now())
    if who is None:
        abort(404)
    found = flow.set_password(services(), link, request.form.get("password", ""), g.ip)
    if found:
        messages = [item.message.get(current_language()) for item in found]
        page = render_template(
            "session/first.html", link=link, name=who.name, problems=messages, least=flow.LEAST_LENGTH
        )
        return page, 422
    agent = request.headers.get("User-Agent", "")
    signed = flow.sign_in(services(), who.name, request.form.get("password", ""), g.ip, agent)
    answer = redirect(url_for("orders.index"))
    if isinstance(signed, SignedIn):
        answer.set_cookie(
            cookie_name(),
            signed.secret,
            secure=_encrypted(),
            httponly=True,
            samesite="Lax",
            path="/",
            max_age=12 * 3600,
        )
    return answer


@pages.post("/language")
@policy(public=True, csrf=False)
def language() -> Response:
    """Remember the language, and go back to the list."""
    chosen = "en" if request.form.get("language") == "en" else "zh"
    answer = redirect(url_for("orders.index" if not isinstance(g.actor, Anonymous) else "session.login"))
    answer.set_cookie(LANGUAGE_COOKIE, chosen, samesite="Lax", secure=_encrypted(), max_age=365 * 86400)
    return answer


def _encrypted() -> bool:
    return services().settings.base_url.startswith("https://")
