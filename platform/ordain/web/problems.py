"""Answers that are none: RFC 9457 for programs, a page for people, both with the request's id."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, g, render_template, request
from flask.globals import request_ctx
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.flows.alarming import cannot_open
from ordain.store.database import Busy, is_contention
from ordain.store.vault import VaultError
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.policy import policy_of

_log = structlog.get_logger("ordain.web")


def install(app: Flask) -> None:
    """Answer refusals, errors and bugs."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, lambda refused: answer(422, refused.problems))
    app.register_error_handler(VaultError, lambda _: _closed())
    app.register_error_handler(PoolTimeout, lambda _: busy())
    app.register_error_handler(Busy, lambda _: busy())
    app.register_error_handler(DBAPIError, _failed)
    app.register_error_handler(Exception, _bug)


def answer(status: int, found: Sequence[Problem] = (), **more: Any) -> Response:
    """Return an RFC 9457 answer, its messages in the reader's language."""
    language = current_language()
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "problems": [{"path": p.path, "code": p.code, "message": p.message.get(language)} for p in found],
        "request_id": g.get("request_id", ""),
        **more,
    }
    return Response(json.dumps(body), status, content_type="application/problem+json")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return error.response  # type: ignore[return-value] # a redirect of the router
    if _wants_page():
        return Response(_page(status), status, content_type="text/html; charset=utf-8")
    made = answer(status)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            made.headers[name] = value
    if status == 401:
        made.headers["WWW-Authenticate"] = "Bearer"
    return made


def busy() -> Response:
    """Return the answer that says: not now, nothing was changed, ask again."""
    zh, en = "此刻请求过多，未做任何更改，请稍后重试", "Too many at once; nothing was changed, ask again in a moment"
    made = answer(503, [problem("", "busy", zh, en)])
    made.headers["Retry-After"] = "1"
    return made


def _closed() -> Response:
    """Return the answer that says that protected data does not open; the alarm follows the answer."""
    if _wants_page():
        return Response(_page(409), 409, content_type="text/html; charset=utf-8")
    return answer(409, [cannot_open("")])


def _failed(error: DBAPIError) -> Response:
    return busy() if is_contention(error) else _bug(error)


def _bug(error: Exception) -> Response:
    """Log whatever nobody expected, and say no more than its id."""
    _log.exception("request failed", path=request.path, request_id=g.get("request_id"), error=type(error).__name__)
    status = 503 if isinstance(error, SQLAlchemyError) else 500
    if _wants_page():
        return Response(_page(status), status, content_type="text/html; charset=utf-8")
    return answer(status)


def _page(status: int) -> str:
    return render_template("error.html", status=status, request_id=g.get("request_id", ""))


def _wants_page() -> bool:
    from flask import current_app

    if request_ctx.url_adapter is None:
        return False  # a host that is none of ours: no address of a page can be told
    asked = policy_of(current_app, request.endpoint)
    if asked is not None and asked.kind != "page":
        return False
    if request.path.startswith(("/api/", "/hooks/")) and asked is None:
        return False
    return bool(services()) and request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"
