"""The problems of the language: where in the text, what, and what to write instead."""

import difflib
from collections.abc import Iterable

from ordain.base.errors import Problem, Refused, problem


class EvaluationError(Exception):
    """An expression could not be evaluated on these facts; `problem` says why."""

    def __init__(self, found: Problem) -> None:
        self.problem = found
        super().__init__(found.code)


def at(path: str, column: int, code: str, zh: str, en: str) -> Problem:
    """Make a problem that names its place in the text (columns count from 1)."""
    return problem(path, code, f"第 {column + 1} 列：{zh}", f"Column {column + 1}: {en}")


def refuse(path: str, column: int, code: str, zh: str, en: str) -> Refused:
    """Return the refusal with one such problem, for raising."""
    return Refused([at(path, column, code, zh, en)])


def nearest(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return the zh and en halves of a did-you-mean, both empty where nothing is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return (f"，是否想写“{found[0]}”？", f"; did you mean “{found[0]}”?") if found else ("", "")
