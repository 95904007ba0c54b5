"""Deciding on a mapped record: accepted, held with problems, or in quarantine where it cannot be identified."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ordain.base.decision import Clause, Decision
from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.mapping.program import Mapped, MappingProgram
from ordain.language.expression import EvaluationError


def decide(program: MappingProgram, mapped: Mapped, facts: Mapping[str, Any], now: datetime) -> Decision:  # noqa: ARG001 every engine takes the clock
    """Run the checks and say what becomes of the record; a check's clause is true where it found nothing."""
    problems = list(mapped.problems)
    why = [_read_clause(program, mapped)]
    seen = {**mapped.record, **mapped.beside, "facts": facts}
    for check in program.checks:
        if check.when.names & mapped.tainted:
            why.append(Clause(check.key, check.text, None))
            continue
        try:
            bad, clause = check.explain(seen)
        except EvaluationError as error:
            problems.append(error.problem.under(check.path))
            continue
        why.append(Clause(check.key, check.text, bad is not True, clause.facts, (clause,)))
        if bad is True:
            problems.append(Problem(check.path, check.code, check.text))
    known = _once(problems)
    if not mapped.record.get("external_id"):
        return Decision("quarantine", problems=known, why=tuple(why))
    return Decision("hold" if known else "accept", changes=mapped.record, problems=known, why=tuple(why))


def _read_clause(program: MappingProgram, mapped: Mapped) -> Clause:
    total = program.size
    text = Text(f"映射 {total} 个字段", f"{total} fields mapped")
    return Clause("fields", text, not mapped.problems, {"fields": total, "problems": len(mapped.problems)})


def _once(problems: list[Problem]) -> tuple[Problem, ...]:
    """Return each kind of problem of each field once."""
    return tuple({(found.path, found.code): found for found in problems}.values())
