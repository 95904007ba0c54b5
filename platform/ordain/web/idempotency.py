"""Idempotency-Key: the same key and body give the stored answer, another body 422, a running one 409."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import request
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.errors import problem
from ordain.records.actor import name_of
from ordain.store.adding import add_new
from ordain.store.people import hashed
from ordain.store.tables.people import AnswerRow
from ordain.web.here import services
from ordain.web.policy import current_actor
from ordain.web.problems import answer

F = TypeVar("F", bound=Callable[..., Any])


def idempotent(view: F) -> F:
    """Let a POST be sent again under its Idempotency-Key without being done again."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")[:128]
        if not key:
            return cast("Response", view(*args, **kwargs))
        place = {"actor": name_of(current_actor()), "route": request.path[:128], "key": key}
        asked = hashed(request.get_data().decode("utf-8", "replace"))
        if (stored := _begin(place, asked)) is not None:
            return stored
        try:
            made = cast("Response", view(*args, **kwargs))
        except BaseException:
            _forget(place)
            raise
        _keep(place, made)
        return made

    return cast("F", guarded)


def _begin(place: dict[str, str], asked: str) -> Response | None:
    row = AnswerRow
    own = sa.and_(*(getattr(row, name) == value for name, value in place.items()))
    with services().db.write() as conn:
        values = {**place, "request_hash": asked, "at": services().now()}
        if add_new(conn, row, list(place), values):
            return None
        found = conn.execute(sa.select(row.request_hash, row.status, row.body).where(own)).one()
    if found.request_hash != asked:
        other = problem("Idempotency-Key", "key_reused", "该键已用于其他请求", "The key was used for another request")
        return answer(422, [other])
    if found.status is None:
        running = problem("Idempotency-Key", "running", "同一请求正在处理", "The same request is being worked on")
        return answer(409, [running])
    return Response(json.dumps(found.body), found.status, content_type="application/json")


def _keep(place: dict[str, str], made: Response) -> None:
    if made.status_code >= 400:
        _forget(place)
        return
    own = sa.and_(*(getattr(AnswerRow, name) == value for name, value in place.items()))
    with services().db.write() as conn:
        body = json.loads(made.get_data())
        conn.execute(sa.update(AnswerRow).where(own).values(status=made.status_code, body=body))


def _forget(place: dict[str, str]) -> None:
    own = sa.and_(*(getattr(AnswerRow, name) == value for name, value in place.items()))
    with services().db.write() as conn:
        conn.execute(sa.delete(AnswerRow).where(own, AnswerRow.status.is_(None)))
