"""Reading answers: the document, the records in it, and which failures are worth another try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import jmespath
from jmespath.exceptions import JMESPathError

from ordain.base import json
from ordain.base.paths import get
from ordain.language.expression import BOOL, INTEGER, UNTYPED, EvaluationError, Expression, Scope, compile_expression

Then = Literal["retry", "stop", "permanent", "unknown", "restart-window", "refresh-token"]
SCOPE: Final = Scope({"status": INTEGER, "source": UNTYPED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is none: what to do about it, and why in words people know."""

    then: Then
    cause: str  # reach | authentication | limit | answer | request
    text: str
    key: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One declared failure: where `when` holds over the answer, `then` follows."""

    key: str
    when: Expression
    then: Then
    cause: str


def compile_errors(specs: Sequence[Mapping[str, Any]], path: str) -> tuple[ErrorRule, ...]:
    """Return the declared failures, in their order."""
    return tuple(
        ErrorRule(
            spec["key"],
            compile_expression(spec["when"], SCOPE, expects=BOOL, path=f"{path}.{place}.when"),
            spec["then"],
            spec.get("cause", "answer"),
        )
        for place, spec in enumerate(specs)
    )


def read(answer: Answer, rules: Sequence[ErrorRule]) -> tuple[Any, Failure | None]:
    """Return the document of an answer, or the failure it is; a 200 can be a failure, a failure can be HTML."""
    try:
        document = json.loads(answer.body, limit=json.ANSWER_LIMIT) if answer.body else None
        readable = True
    except json.BadJson:
        document, readable = None, False
    for rule in rules:
        if _holds(rule, {"status": answer.status, "source": document}):
            return document, Failure(rule.then, rule.cause, _excerpt(answer), rule.key, _retry_after(answer))
    return document, _by_status(answer, readable=readable)


def records(document: Any, path: str) -> list[Any]:
    """Return the records at `path`: a list, or the single object that stands for a list of one."""
    found = get(document, path) if _is_dotted(path) else _search(document, path)
    if isinstance(found, Mapping):
        return [found]
    return list(found) if isinstance(found, list) else []


def value(document: Any, path: str) -> Any:
    """Return the one value at a path."""
    return get(document, path) if _is_dotted(path) else _search(document, path)


def _is_dotted(path: str) -> bool:
    return path.replace(".", "").replace("_", "").replace("-", "").isalnum() or path == ""


def _search(document: Any, path: str) -> Any:
    try:
        return jmespath.search(path, document)
    except JMESPathError:
        return None


def _holds(rule: ErrorRule, facts: Mapping[str, Any]) -> bool:
    try:
        return rule.when.holds(facts)
    except EvaluationError:
        return False


def _by_status(answer: Answer, *, readable: bool) -> Failure | None:
    text = _excerpt(answer)
    match answer.status:
        case 401 | 403:
            return Failure("stop", "authentication", text)
        case 429:
            return Failure("retry", "limit", text, retry_after=_retry_after(answer))
        case status if status >= 500:  # it may have been done all the same
            return Failure("retry", "answer", text, retry_after=_retry_after(answer))
        case status if status >= 300:
            return Failure("permanent", "request", text)
        case _:
            return None if readable else Failure("retry", "answer", text)


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    try:
        return min(3600.0, float(text)) if text else None
    except ValueError:
        return None


def _excerpt(answer: Answer) -> str:
    return f"HTTP {answer.status}: {answer.body[:200].decode('utf-8', 'replace')}"
