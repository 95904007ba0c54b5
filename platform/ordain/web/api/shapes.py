"""What API routes read and write: bodies, queries, lists; and the JSON forms of records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from flask import request
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.clock import from_rfc3339, rfc3339
from ordain.base.decision import Clause
from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Language
from ordain.records.message import Message
from ordain.store.orders.find import OrderSummary
from ordain.store.orders.show import OrderView
from ordain.store.orders.story import StoredDecision
from ordain.web.i18n import current_language

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Described:
    """What the OpenAPI document says of a route beside its address."""

    query: Mapping[str, Mapping[str, Any]]
    body: Mapping[str, Any] | None
    returns: Mapping[int, str]
    errors: Sequence[int]


def described(
    *,
    query: Mapping[str, Mapping[str, Any]] | None = None,
    body: Mapping[str, Any] | None = None,
    returns: Mapping[int, str] | None = None,
    errors: Sequence[int] = (),
) -> Callable[[F], F]:
    """Describe a route for the OpenAPI document; `returns` names schemas by status."""

    def mark(view: F) -> F:
        view.__ordain_described__ = Described(query or {}, body, returns or {200: "Anything"}, errors)  # type: ignore[attr-defined] # read by the document
        return view

    return mark


def reply(value: object, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer."""
    made = Response(json.dumps(value), status, content_type="application/json")
    for name, text in headers.items():
        made.headers[name.replace("_", "-")] = text
    return made


def body() -> dict[str, Any]:
    """Return the request's JSON object; Refused where it is none."""
    try:
        value = json.loads(request.get_data())
    except json.BadJson as error:
        raise Refused(
            [problem("", "bad_json", f"请求体不是有效的 JSON：{error}", f"The body is no valid JSON: {error}")]
        ) from None
    if not isinstance(value, dict):
        raise Refused([problem("", "type", "请求体应为一个对象", "The body must be an object")])
    return value


def limit() -> int:
    """Return the page size asked for; Refused where it is out of range."""
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    if not text.isdecimal() or not 1 <= int(text[:6]) <= LARGEST_LIMIT:
        raise Refused(
            [
                problem(
                    "limit", "out_of_range", f"limit 应为 1 到 {LARGEST_LIMIT}", f"limit must be 1 to {LARGEST_LIMIT}"
                )
            ]
        )
    return int(text)


def moment(name: str) -> datetime | None:
    """Return a time of the query; Refused where it is none."""
    if not (text := request.args.get(name, "")):
        return None
    try:
        return from_rfc3339(text.replace(" ", "+"))
    except ValueError:
        raise Refused(
            [problem(name, "bad_time", "应为 RFC 3339 时间", "must be an RFC 3339 time, e.g. 2026-11-19T01:00:00Z")]
        ) from None


def flag(name: str) -> bool | None:
    """Return a yes-or-no of the query; Refused for anything else."""
    text = request.args.get(name)
    if text is None or text == "":
        return None
    if text not in ("true", "false"):
        raise Refused([problem(name, "type", "应为 true 或 false", "must be true or false")])
    return text == "true"


def words(name: str) -> tuple[str, ...]:
    """Return the comma-separated words of a query parameter."""
    return tuple(word for word in request.args.get(name, "").split(",") if word)


def problems_json(found: Sequence[Problem], language: Language | None = None) -> list[dict[str, str]]:
    """Return problems in one language."""
    chosen = language or current_language()
    return [{"path": p.path, "code": p.code, "message": p.message.get(chosen)} for p in found]


def time_json(value: datetime | None) -> str | None:
    """Return a time as RFC 3339 UTC."""
    return rfc3339(value) if value else None


def summary_json(item: OrderSummary) -> dict[str, Any]:
    """Return one order of a list."""
    found: dict[str, Any] = asdict(item)
    found["problems"] = problems_json([Problem.of(stored) for stored in item.problems])
    for name in ("placed_at", "received_at", "updated_at"):
        found[name] = time_json(found[name])
    found["buyer"] = {"name": found.pop("buyer_name")}
    return found


def order_json(view: OrderView) -> dict[str, Any]:
    """Return one order in the shape of the contract; what may not be seen is null."""
    order = view.order
    found: dict[str, Any] = asdict(order)
    for name in ("placed_at", "paid_at", "shipped_at", "modified_at", "received_at"):
        found[name] = time_json(found[name])
    found["problems"] = problems_json(order.problems)
    for name in view.hidden & found.keys():
        found[name] = None
    for name in ("phone", "email"):
        if f"buyer.{name}" in view.hidden:
            found["buyer"][name] = None
    if "buyer.address.street" in view.hidden:
        found["buyer"]["address"]["street"] = None
    return found


def message_json(message: Message) -> dict[str, Any]:
    """Return one message without its raw content."""
    found: dict[str, Any] = asdict(message)
    found["received_at"] = time_json(message.received_at)
    found["problems"] = problems_json(message.problems)
    return found


def decision_json(decision: StoredDecision) -> dict[str, Any]:
    """Return one decision with its clauses."""
    language = current_language()
    return {
        "id": decision.id,
        "kind": decision.kind,
        "key": decision.key,
        "version": decision.version,
        "outcome": decision.outcome,
        "at": time_json(decision.at),
        "why": [_clause(clause, language) for clause in decision.why],
    }


def _clause(clause: Clause, language: Language) -> dict[str, Any]:
    return {
        "rule": clause.rule,
        "text": clause.text.get(language),
        "true": clause.true,
        "facts": dict(clause.facts),
        "parts": [_clause(part, language) for part in clause.parts],
    }
