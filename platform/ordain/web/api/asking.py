"""What API routes are asked: queries and bodies, read by the very schemas that the OpenAPI document shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Final, TypeVar

from flask import g, request

from ordain.base import json
from ordain.base.clock import from_rfc3339
from ordain.base.errors import Problem, Refused, problem
from ordain.language.schema import check_document, fits

F = TypeVar("F", bound=Callable[..., Any])
Schema = Mapping[str, Any]
DEFAULT_LIMIT: Final = 50
_LARGEST: Final = 2**63 - 1
# What every list takes.
PAGED: Final[dict[str, Schema]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": DEFAULT_LIMIT},
    "cursor": {"type": "string", "maxLength": 1000, "description": "`next` of the page before"},
}


@dataclass(frozen=True, slots=True)
class Described:
    """What a route takes and gives beside its address: schemas of query and body, schema names by status, errors."""

    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    body_required: bool = True
    headers: Mapping[str, Schema] = field(default_factory=dict)
    returns: Mapping[int, str] = field(default_factory=dict)
    errors: Sequence[int] = ()
    upload: bool = False


def described(
    *,
    query: Mapping[str, Schema] | None = None,
    body: Schema | None = None,
    body_required: bool = True,
    headers: Mapping[str, Schema] | None = None,
    returns: Mapping[int, str],
    errors: Sequence[int] = (),
    checked: bool = True,
    upload: bool = False,
) -> Callable[[F], F]:
    """Describe a route, and hold its callers to it: the view begins with a query and a body that fit.

    Unchecked are routes whose callers follow a form of their own; an upload's body is a file.
    """
    found = Described(query or {}, body, body_required, headers or {}, returns, errors, upload)

    def mark(view: F) -> F:
        if not checked:
            view.__ordain_described__ = found  # type: ignore[attr-defined] # read by the OpenAPI document
            return view

        @wraps(view)
        def held(*args: Any, **kwargs: Any) -> Any:
            g.asked = _query(found.query)
            if found.body is not None:
                g.body = _body(found.body, required=found.body_required)
            return view(*args, **kwargs)

        held.__ordain_described__ = found  # type: ignore[attr-defined] # read by the OpenAPI document
        return held  # type: ignore[return-value] # the same signature

    return mark


def asked(name: str, default: Any = None) -> Any:
    """Return a query parameter as its schema's type: text, number, truth, list of texts or aware time."""
    return g.asked.get(name, default)


def body() -> dict[str, Any]:
    """Return the request's JSON object; it fits the route's schema."""
    found: dict[str, Any] = g.body
    return found


def _query(schema: Mapping[str, Schema]) -> dict[str, Any]:
    texts = {name: values for name in request.args if any(values := request.args.getlist(name))}
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, values in texts.items():
        kind = schema.get(name, {}).get("type", "string")
        if len(values) > 1 and kind != "array":
            problems.append(problem(name, "repeated", "此参数只能给一次", "give this parameter once"))
            continue
        found[name] = _value(kind, values)
    whole = {"type": "object", "additionalProperties": False, "properties": schema}
    problems += check_document(whole, found)
    if problems:
        raise Refused(problems)
    return {name: _moment(name, value) if _is_time(schema[name]) else value for name, value in found.items()}


def _value(kind: str, texts: Sequence[str]) -> Any:
    """Return the value a text stands for; the text itself where it is none, which the schema then refuses."""
    if kind == "array":
        return [word for text in texts for word in text.split(",") if word]
    text = texts[0]
    if kind == "integer" and text.isdecimal() and len(text) < 19:
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _is_time(schema: Schema) -> bool:
    return schema.get("format") == "date-time"


def _moment(name: str, text: str) -> datetime:
    try:
        return from_rfc3339(text.replace(" ", "+"))  # a plus sign that was not escaped
    except (ValueError, OverflowError):
        raise Refused(
            [problem(name, "bad_time", "应为 RFC 3339 时间", "must be an RFC 3339 time, e.g. 2026-11-19T01:00:00Z")]
        ) from None


def _body(schema: Schema, *, required: bool) -> dict[str, Any]:
    data = request.get_data()
    if not data and not required:
        return {}
    try:
        value = json.loads(data)
    except json.BadJson as error:
        raise Refused(
            [problem("", "bad_json", f"请求体不是有效的 JSON：{error}", f"The body is no valid JSON: {error}")]
        ) from None
    if not isinstance(value, dict):
        raise Refused([problem("", "type", "请求体应为一个对象", "The body must be an object")])
    if not _keepable(value):
        raise Refused(
            [
                problem(
                    "",
                    "not_storable",
                    "含有无法存储的字符或数字",
                    "It holds a character or number that cannot be stored",
                )
            ]
        )
    found = [] if fits(schema, value) else check_document(schema, value)
    if found:
        raise Refused(found)
    return {name: _plain(inner) for name, inner in value.items()}


def _plain(value: Any) -> Any:
    """Return a value with whole numbers as integers: JSON knows no difference between 3 and 3.0, databases do."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _keepable(value: object) -> bool:
    """Tell whether a database can keep a value: no NUL, no half of a character, no number beyond 64 bits."""
    match value:
        case str():
            return "\0" not in value and _is_whole(value)
        case int():
            return abs(value) <= _LARGEST
        case Decimal():
            return abs(value) <= _LARGEST
        case dict():
            return all(_keepable(key) and _keepable(inner) for key, inner in value.items())
        case list():
            return all(map(_keepable, value))
        case _:
            return True


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
