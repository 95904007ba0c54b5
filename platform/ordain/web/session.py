"""Who calls: the session that a cookie names, or the token a program sends. The pages to get in are in entry.py."""

from dataclasses import replace
from typing import Final

from flask import Flask, g, request
from werkzeug.wrappers import Response

from ordain.flows import login as flow
from ordain.records.actor import Anonymous
from ordain.store.people import hashed
from ordain.store.sessions import Session
from ordain.web.here import services

REFRESH: Final = "X-Refresh"  # a page that asks by itself says so: a screen left open keeps no session alive
_LONGEST: Final = 12 * 3600


def install(app: Flask) -> None:
    """Give templates the token their forms carry, and browsers the secret of a session that got a new one."""
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.after_request(_keep)


def csrf_token() -> str:
    """Return the token forms of this session carry, "" before login."""
    held: Session | None = g.get("session")
    return held.csrf if held else ""


def current() -> Session | None:
    """Return the session of whoever is in, or on the way in; None for strangers and programs."""
    held: Session | None = g.get("session")
    return held


def identify() -> None:
    """Find out who calls; anything missing, malformed or expired is Anonymous, and so is who is not all the way in."""
    g.actor, g.session, g.holder = Anonymous(g.ip), None, None
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        g.holder, g.epoch = flow.holder(services(), credential.strip())
        g.actor = g.holder.user if g.holder else g.actor
    elif cookie := request.cookies.get(cookie_name(), ""):
        g.session = flow.resume(services(), cookie, seen=REFRESH not in request.headers)
        g.actor = g.session.user if g.session and g.session.stage == "open" else g.actor


def renewed(secret: str) -> None:
    """Go on with the session under its new secret, proven just now."""
    g.new_secret = secret
    held = current()
    if held is not None:
        g.session = replace(held, id_hash=hashed(secret), proven_at=services().now())


def reopened(secret: str) -> None:
    """Go on with a session that took the place of the one there was, in what is shown now already."""
    g.new_secret = secret
    g.session = flow.resume(services(), secret, seen=False)


def agent() -> str:
    """Return what the browser calls itself."""
    return request.headers.get("User-Agent", "").replace("\0", "")


def cookie_name() -> str:
    """Return the cookie's name: bound to this very host where the connection is encrypted."""
    return "__Host-sid" if encrypted() else f"sid-{services().settings.port}"


def forget_cookie(answer: Response) -> None:
    """Take the session's cookie away."""
    answer.delete_cookie(cookie_name(), secure=encrypted(), httponly=True, samesite="Lax")


def encrypted() -> bool:
    """Tell whether cookies are bound to encrypted connections: always but on development's plain http."""
    settings = services().settings
    return settings.production or settings.base_url.startswith("https://")


def _keep(answer: Response) -> Response:
    if secret := g.get("new_secret"):
        answer.set_cookie(
            cookie_name(), secret, secure=encrypted(), httponly=True, samesite="Lax", path="/", max_age=_LONGEST
        )
    return answer
