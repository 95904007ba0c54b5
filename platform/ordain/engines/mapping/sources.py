"""Where a value comes from: dotted paths walked fast, JMESPath for the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError

from ordain.base.errors import Refused, problem
from ordain.base.paths import walk

Lookup = Callable[[Any, Any], Any]
"""(item, whole document) -> the raw value, None where there is none."""

KEY: Final = "@key"
_DOTTED: Final = re.compile(r"^[^\W][\w\-]*(\.[\w\-]+)*$")


def compile_path(path: str, at: str) -> Lookup:
    """Return the reader of one path; `$.` begins at the whole document, `@key` is the key of a keyed item."""
    if path.startswith("$."):
        inner = compile_path(path[2:], at)
        return lambda _, root: inner(root, root)
    if path == KEY:
        return lambda item, _: item.get(KEY) if isinstance(item, Mapping) else None
    if path == "@":
        return lambda item, _: item
    if _DOTTED.match(path):
        return _dotted(path)
    try:
        compiled = jmespath.compile(path)
    except JMESPathError as error:
        raise Refused(
            [problem(at, "bad_path", f"路径“{path}”无效：{error}", f"The path “{path}” makes no sense: {error}")]
        ) from None

    def search(item: Any, _: Any) -> Any:
        try:
            return compiled.search(item)
        except JMESPathError:
            return None

    return search


def _dotted(path: str) -> Lookup:
    steps = tuple(path.split("."))
    if len(steps) == 1:
        (step,) = steps
        return lambda item, _: item.get(step) if type(item) is dict else None
    head, *rest = steps

    def read(item: Any, _: Any) -> Any:
        return walk(item.get(head), rest) if type(item) is dict else walk(item, steps)

    return read


def first_of(lookups: list[Lookup]) -> Lookup:
    """Return the reader of the first path that has something."""
    if len(lookups) == 1:
        return lookups[0]

    def read(item: Any, root: Any) -> Any:
        for lookup in lookups:
            value = lookup(item, root)
            if value is not None and value not in ("", [], {}):
                return value
        return None

    return read
