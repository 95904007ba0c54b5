"""Kind `role`: what may be done with which rows and which fields."""

from typing import Any

from ordain.kinds.kind import Document, Kind, scope_of
from ordain.language.expression import BOOL, compile_expression
from ordain.records.access import Grant, Stage

KIND = Kind("role")


def grants(document: Document) -> dict[str, Grant]:
    """Return what a role gives, by record type; `write` reads too."""
    return {record: _grant(spec, document["spec"]) for record, spec in document["spec"]["rights"].items()}


def asks_second_factor(document: Document) -> bool:
    """Tell whether who has the role must sign in with a second factor."""
    return bool(document["spec"].get("second_factor", False))


def _grant(spec: dict[str, Any], whole: dict[str, Any]) -> Grant:
    rows = None
    if "rows" in spec:
        rows = compile_expression(spec["rows"], scope_of("access", whole), expects=BOOL)
    states = {key: _stage(stage) for key, stage in spec.get("states", {}).items()}
    return Grant(frozenset(spec["do"]), rows, spec.get("fields", {}), states)


def _stage(spec: dict[str, Any]) -> Stage:
    return Stage(frozenset(spec["do"]) if "do" in spec else None, spec.get("fields", {}))
