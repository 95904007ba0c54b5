"""What stands before and after every request: hosts, bodies, who calls, cross-site posts; and the headers."""

import hmac
import re
from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from ordain.base.ids import new_id
from ordain.flows import alarming
from ordain.flows.services import Settings
from ordain.records.actor import Anonymous, User
from ordain.store.database import Busy
from ordain.web import rates, session, stepping
from ordain.web.here import services
from ordain.web.policy import Policy, policy_of
from ordain.web.rights import may

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_log = structlog.get_logger("ordain.web")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


def install(app: Flask) -> None:
    """Put the guards in place."""
    settings: Settings = app.extensions["ordain"].settings
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign] # the documented way
    app.before_request(_enter)
    rates.install(app)  # after _enter, which finds out who calls
    app.after_request(_leave)


def trusted_hosts(settings: Settings) -> list[str]:
    """Return the host names this installation answers to."""
    names = {urlsplit(settings.base_url).hostname or "", settings.host}
    if not settings.production:
        names |= {"localhost", "127.0.0.1", "[::1]"}
    return sorted(name for name in names if name and name != "0.0.0.0")  # noqa: S104 compared, not bound


def _enter() -> BaseResponse | None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
    g.ip = request.remote_addr or ""
    _refuse_misshapen()
    asked = policy_of(current_app, request.endpoint)
    if asked is None:
        return None  # no such route: the 404 follows
    g.actor = Anonymous(g.ip)
    if asked.kind == "hook" or request.endpoint == "static":
        return None
    if asked.kind == "page" or not asked.public:
        session.identify()
    if asked.body and not isinstance(g.actor, Anonymous):
        request.max_content_length = asked.body
    _same_site(asked)
    if asked.public:
        return None
    if isinstance(g.actor, Anonymous):
        return _turn_away(asked)
    if isinstance(g.actor, User) and g.actor.viewing and request.method not in _SAFE and not asked.viewing:
        abort(403)  # through another role's eyes one reads, and does nothing
    if asked.right and not may(services(), g.actor, asked.right):
        abort(404)  # as what does not exist
    return stepping.asked_of(asked)


def _refuse_misshapen() -> None:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and request.content_length is None:
        abort(411)  # such a body would be cut silently at the limit
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)  # no name or text of ours holds it, and PostgreSQL takes it nowhere


def _turn_away(asked: Policy) -> BaseResponse:
    if asked.kind == "api":
        abort(401)
    if request.headers.get("X-Keep"):
        return Response(status=401)  # somebody is in the middle of typing: the page itself says how to go on
    if request.headers.get("HX-Request"):
        answer = Response(status=204)
        answer.headers["HX-Redirect"] = url_for("session.login")
        return answer
    return redirect(url_for("session.login"))


def _same_site(asked: Policy) -> None:
    """Refuse unsafe requests that come from elsewhere or carry no token of this session."""
    if request.method in _SAFE:
        return
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or not _own_origin():
        abort(403)
    if asked.kind == "page" and any("\0" in text for _, text in request.form.items(multi=True)):
        abort(400)
    held = g.get("session")
    if held is None or not asked.csrf:
        return  # an API token is no browser; who is about to sign in has no session whose token could be asked for
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), held.csrf.encode()):
        abort(403)


def _own_origin() -> bool:
    """Tell whether a browser says that one of our own pages sent this; what says nothing is no browser."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    own = (request.host, urlsplit(services().settings.base_url).netloc)
    return origin.partition("://")[2] in own


def _leave(response: Response) -> Response:
    if services().vault.has_failed:
        _alarm()
    headers = response.headers
    headers["X-Request-Id"] = g.get("request_id", "")
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        response.vary.update(["HX-Request", "Accept-Language", "Cookie"])
    if services().settings.production:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _alarm() -> None:
    """Tell of what did not open; where the database cannot take it now, the log has it."""
    try:
        alarming.tell(services())
    except (SQLAlchemyError, Busy) as error:
        _log.warning("an alarm could not be written", error=type(error).__name__)
