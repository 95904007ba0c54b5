"""The OpenAPI document, made from the routes themselves: every route, its parameters, bodies, answers, errors."""

import re
from typing import Any, Final

from flask import Blueprint, current_app
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from ordain.web.api.shapes import Described, described, reply
from ordain.web.policy import policy, policy_of

openapi = Blueprint("openapi", __name__)
_PLACE: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_DOORS: Final = ("api_orders", "api_messages", "api_definitions", "openapi", "hooks", "health")


@openapi.get("/api/v1/openapi.json")
@policy(public=True, kind="api")
@described(returns={200: "Anything"})
def document() -> Response:
    """Return this document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in _DOORS:
            operations = paths.setdefault(_PLACE.sub(r"{\1}", rule.rule), {})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                operations[method.lower()] = _operation(rule)
    return reply(
        {
            "openapi": "3.1.0",
            "info": {"title": "ordain", "version": "1", "license": {"name": "MIT", "identifier": "MIT"}},
            "paths": dict(sorted(paths.items())),
            "components": {
                "schemas": SCHEMAS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _operation(rule: Rule) -> dict[str, Any]:
    view = current_app.view_functions[rule.endpoint]
    asked = policy_of(current_app, rule.endpoint)
    said: Described = getattr(view, "__ordain_described__", Described({}, None, {200: "Anything"}, ()))
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in sorted(rule.arguments)
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in said.query.items()]
    answers: dict[str, Any] = {str(status): _answer(name) for status, name in said.returns.items()}
    errors = set(said.errors) | ({401, 403, 404} if asked and not asked.public else set())
    errors |= {400, 413, 415} if said.body else {400}
    if rule.endpoint.startswith("hooks."):
        errors |= {401, 404, 411, 413}
    for status in sorted(errors):
        answers[str(status)] = _problem()
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": (view.__doc__ or "").strip().split("\n")[0],
        "parameters": parameters,
        "responses": answers,
        "security": [] if asked and asked.public else [{"token": []}],
    }
    if said.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": said.body}}}
    return operation


def _answer(schema: str) -> dict[str, Any]:
    return {
        "description": schema,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _problem() -> dict[str, Any]:
    return {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(of: str) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    return _object(items=items, next=_NULLABLE, total={"type": "integer"})


_STRING: Final = {"type": "string"}
_NULLABLE: Final = {"type": ["string", "null"]}
_INTEGER: Final = {"type": "integer"}
_AMOUNT: Final = {"type": ["integer", "null"], "description": "minor units of `currency`"}
_PROBLEMS: Final = {"type": "array", "items": _object(path=_STRING, code=_STRING, message=_STRING)}
_SUMMARY: Final = {
    "id": _STRING, "number": _STRING, "channel": _STRING, "external_id": _STRING, "state": _NULLABLE,
    "held": {"type": "boolean"}, "problems": _PROBLEMS, "currency": _STRING, "total": _AMOUNT, "paid": _AMOUNT,
    "placed_at": _NULLABLE, "received_at": _STRING, "priority": _STRING, "lane": _STRING, "region": _STRING,
}  # fmt: skip
SCHEMAS: Final[dict[str, Any]] = {
    "Anything": {},
    "Problem": _object(type=_STRING, title=_STRING, status=_INTEGER, problems=_PROBLEMS, request_id=_STRING),
    "OrderSummary": _object(**_SUMMARY, buyer=_object(name=_STRING), title=_STRING, quantity=_INTEGER),
    "OrderList": _list("OrderSummary"),
    "Order": _object(
        **_SUMMARY,
        **dict.fromkeys(("goods", "seller_discount", "platform_discount", "freight", "tax", "refunded"), _AMOUNT),
        paid_at=_NULLABLE,
        shipped_at=_NULLABLE,
        modified_at=_NULLABLE,
        buyer=_object(
            name=_STRING,
            phone=_NULLABLE,
            email=_NULLABLE,
            level=_INTEGER,
            address=_object(province=_STRING, city=_STRING, district=_STRING, street=_NULLABLE),
        ),
        lines={
            "type": "array",
            "items": _object(
                id=_STRING,
                external_id=_STRING,
                sku=_STRING,
                title=_STRING,
                quantity=_INTEGER,
                unit_price=_INTEGER,
                amount=_INTEGER,
                shipped_quantity=_INTEGER,
                refund_state=_STRING,
            ),
        },
        extra={"type": "object"},
    ),
    "Result": _object(message=_STRING, state=_STRING, order=_NULLABLE, problems=_PROBLEMS),
    "Results": _object(items={"type": "array", "items": _object(message=_STRING, state=_STRING, problems=_PROBLEMS)}),
    "Counts": {"type": "object"},
    "Message": _object(
        id=_STRING,
        channel=_STRING,
        source=_STRING,
        event_id=_STRING,
        topic=_STRING,
        record=_STRING,
        received_at=_STRING,
        state=_STRING,
        problems=_PROBLEMS,
        order_id=_NULLABLE,
        mapping=_STRING,
        mapping_version={"type": ["integer", "null"]},
        tries=_INTEGER,
        size=_INTEGER,
        raw=_NULLABLE,
    ),
    "MessageList": _list("Message"),
    "Decision": _object(
        id=_STRING, kind=_STRING, key=_STRING, version=_INTEGER, outcome=_STRING, at=_STRING, why={"type": "array"}
    ),
    "DecisionList": _list("Decision"),
    "DefinitionLine": _object(
        kind=_STRING,
        key=_STRING,
        title={"type": "object"},
        live={"type": ["integer", "null"]},
        canary={"type": ["integer", "null"]},
        draft={"type": "boolean"},
    ),
    "DefinitionList": _list("DefinitionLine"),
    "Definition": _object(
        kind=_STRING,
        key=_STRING,
        live={"type": ["object", "null"]},
        canary={"type": ["object", "null"]},
        draft={"type": ["object", "null"]},
        versions={"type": "array", "items": _object(version=_INTEGER, author=_STRING, note=_STRING, at=_NULLABLE)},
    ),
    "Draft": _object(owner=_STRING, base_version={"type": ["integer", "null"]}, hash=_STRING, problems=_PROBLEMS),
    "Checked": _object(problems=_PROBLEMS, changes={"type": "array"}),
    "Published": _object(version=_INTEGER, hash=_STRING),
}
