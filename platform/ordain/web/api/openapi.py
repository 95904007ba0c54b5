"""The OpenAPI document, made from the routes themselves: every route, its parameters, bodies, answers, errors."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Flask, current_app
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.web.api.asking import Described, described
from ordain.web.api.schemas import SCHEMAS, STRING
from ordain.web.idempotency import HEADER
from ordain.web.policy import Policy, policy, policy_of

openapi = Blueprint("openapi", __name__)
_PLACE: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_TEXT: Final = "text/plain"
_FILE: Final = "application/octet-stream"
_BOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KEY: Final = {**STRING, "maxLength": 255, "description": "the same key and body give the stored answer"}


@openapi.get("/api/v1/openapi.json")
@policy(public=True, kind="api", rate="open")
@described(returns={200: "Document"})
def document() -> Response:
    """Return this document."""
    return Response(json.dumps(build(current_app)), content_type=_JSON)


def build(app: Flask) -> dict[str, Any]:
    """Return the document of an application; its routes for people's browsers are left out."""
    paths: dict[str, dict[str, Any]] = {}
    for rule, asked, said in routes(app):
        operations = paths.setdefault(_PLACE.sub(r"{\1}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operations[method.lower()] = _operation(app, rule, asked, said)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ordain",
            "version": "1",
            "summary": "Orders, their messages, and the definitions that say what becomes of them.",
            "description": _PROSE,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": app.extensions["ordain"].settings.base_url}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(rule) for rule, _, _ in routes(app))],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def routes(app: Flask) -> Iterator[tuple[Rule, Policy, Described]]:
    """Return every route for programs with what it declares; RuntimeError where one is not described."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        asked = policy_of(app, rule.endpoint)
        if asked is None or asked.kind == "page":
            continue
        said: Described | None = getattr(app.view_functions[rule.endpoint], "__ordain_described__", None)
        if said is None:
            raise RuntimeError(f"the route {rule.rule} is not described")
        yield rule, asked, said


def _operation(app: Flask, rule: Rule, asked: Policy, said: Described) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    heading, _, rest = (view.__doc__ or "").strip().partition("\n\n")
    made: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [_tag(rule)],
        "summary": " ".join(heading.split()),
        "parameters": list(_parameters(rule, said, idempotent=hasattr(view, "__ordain_idempotent__"))),
        "responses": _responses(asked, said),
        "security": [] if asked.public else [{"token": []}],
    }
    if rest:
        made["description"] = " ".join(rest.split())
    if asked.right:
        made["x-right"] = asked.right
    if said.body is not None:
        made["requestBody"] = {"required": said.body_required, "content": {_JSON: {"schema": said.body}}}
    if said.upload:
        made["requestBody"] = {"required": True, "content": {_FILE: {"schema": {"type": "string", "format": "binary"}}}}
    if asked.kind == "hook":
        made["requestBody"] = {"required": True, "content": {"*/*": {"schema": {}}}}
    return made


def _parameters(rule: Rule, said: Described, *, idempotent: bool) -> Iterator[dict[str, Any]]:
    for name in _PLACE.findall(rule.rule):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for name, schema in said.query.items():
        lists = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
        yield {"name": name, "in": "query", "schema": schema, **lists}
    headers = {**said.headers, **({HEADER: _KEY} if idempotent else {})}
    for name, schema in headers.items():
        yield {"name": name, "in": "header", "schema": schema}


def _responses(asked: Policy, said: Described) -> dict[str, Any]:
    answers = {str(status): _answer(status, schema, asked) for status, schema in said.returns.items()}
    errors = {400, 500, 503, *said.errors}
    if asked.rate != "free":
        errors.add(429)
    if not asked.public:
        errors |= {401, 403, 404}
    if said.body is not None or said.upload or asked.kind == "hook":
        errors |= {411, 413}
    for status in sorted(errors - set(said.returns)):
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": _content(_PROBLEM, "Problem")}
    return answers


def _answer(status: int, schema: str, asked: Policy) -> dict[str, Any]:
    content = _content(_JSON, schema)
    if asked.kind == "hook":
        content |= {_TEXT: {"schema": STRING}}
    if schema == "Figures":  # Prometheus reads no JSON
        content = {_TEXT: {"schema": STRING}}
    if schema == "Content":
        content = _content(_FILE, schema)
    if schema == "Workbook":
        content = _content(_BOOK, schema)
    return {"description": HTTPStatus(status).phrase, "content": content}


def _content(kind: str, schema: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _tag(rule: Rule) -> str:
    return str(rule.endpoint).partition(".")[0].removeprefix("api_")


_PROSE: Final = (
    "Send `Authorization: Bearer TOKEN`. JSON in, JSON out; times are RFC 3339 in UTC, amounts integers in minor units "
    "of `currency`, ids texts. Errors are RFC 9457 problems whose messages follow Accept-Language (zh, en). Lists give "
    "`items`, `next` and `total`. What is not there and what is not for you answer the same 404."
)
