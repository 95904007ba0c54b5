"""Idempotency-Key: the same key and body give the stored answer, another body 422, a running one 409."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import request
from werkzeug.wrappers import Response

from ordain.base.errors import Refused, problem
from ordain.records.actor import User, name_of
from ordain.store import answers
from ordain.store.answers import Asked, Kept
from ordain.web.here import services
from ordain.web.policy import current_actor
from ordain.web.problems import answer

F = TypeVar("F", bound=Callable[..., Any])
HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 255


def idempotent(view: F) -> F:
    """Let a POST be sent again under its Idempotency-Key without being done again."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        asked = _asked()
        if asked is None:
            return cast("Response", view(*args, **kwargs))
        with services().db.write() as conn:
            known = answers.begin(conn, services().vault, asked, services().now())
        if known is not None:
            return _again(known)
        try:
            made = cast("Response", view(*args, **kwargs))
        except BaseException:
            _forget(asked)
            raise
        if made.status_code >= 400:
            _forget(asked)
        else:
            with services().db.write() as conn:
                answers.keep(conn, services().vault, asked, made.status_code, made.get_data(as_text=True))
        return made

    guarded.__ordain_idempotent__ = True  # type: ignore[attr-defined] # read by the OpenAPI document
    return cast("F", guarded)


def key_hash() -> str | None:
    """Return a name for the request that is the same whenever it comes under the same key; None without one."""
    asked = _asked()
    return answers.hashed(f"{asked.actor}|{asked.route}|{asked.key}".encode()) if asked else None


def _asked() -> Asked | None:
    key = request.headers.get(HEADER, "")
    if not key:
        return None
    if len(key) > _LONGEST:
        raise Refused([problem(HEADER, "maxLength", f"最多 {_LONGEST} 个字符", f"takes at most {_LONGEST} characters")])
    actor = current_actor()
    return Asked(actor.id if isinstance(actor, User) else name_of(actor), request.path, key, request.get_data())


def _again(known: Kept) -> Response:
    if not known.same:
        other = problem(HEADER, "key_reused", "该键已用于其他请求", "The key was used for another request")
        return answer(422, [other])
    if known.status is None:
        running = problem(HEADER, "running", "同一请求正在处理", "The same request is being worked on")
        return answer(409, [running])
    return Response(known.body, known.status, content_type="application/json")


def _forget(asked: Asked) -> None:
    with services().db.write() as conn:
        answers.forget(conn, asked)
