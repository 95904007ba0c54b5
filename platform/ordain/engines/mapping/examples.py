"""A mapping's examples: a payload in, the fields that must come out. They run when the mapping is published."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ordain.base.clock import rfc3339
from ordain.base.errors import Problem, problem
from ordain.base.paths import get
from ordain.engines.mapping.deciding import decide
from ordain.engines.mapping.program import compile_once
from ordain.engines.mapping.reading import map_record


def run_example(document: Mapping[str, Any], example: Mapping[str, Any]) -> list[Problem]:
    """Return how what comes out differs from `{"payload", "facts"?, "outcome"?, "expect": {path: value}}`."""
    program = compile_once(document["spec"], document["key"])
    facts = {"unknown_skus": [], **example.get("facts", {})}
    decision = decide(program, map_record(program, example.get("payload", {})), facts, datetime(2000, 1, 1, tzinfo=UTC))
    found = []
    wanted = example.get("outcome", "accept")
    if decision.outcome != wanted:
        codes = ", ".join(p.code for p in decision.problems)
        found.append(_differs("outcome", wanted, f"{decision.outcome} ({codes})"))
    for path, value in example.get("expect", {}).items():
        actual = get(decision.changes, path)
        shown = rfc3339(actual) if isinstance(actual, datetime) else actual
        if shown != value:
            found.append(_differs(path, value, shown))
    return found


def _differs(path: str, wanted: object, actual: object) -> Problem:
    return problem(
        f"expect.{path}",
        "example_differs",
        f"样例应得到 {wanted}，实际为 {actual}",
        f"the example wants {wanted}, got {actual}",
    )
