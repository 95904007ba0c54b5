"""What the parts of a definition are called: its form's titles in place of paths."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ordain import kinds
from ordain.base import json
from ordain.base.errors import Refused
from ordain.engines.form import Shape, View, compile_shape, draw
from ordain.kinds import Kind
from ordain.web.show import Show


def shape_of(kind: Kind) -> Shape:
    """Return the shape of a kind's documents; Refused where no form draws its schema. The key stands in the address."""
    schema = kind.schema
    return _shape(json.dumps({**schema, "properties": {**schema["properties"], "key": {"const": ""}}}))


@lru_cache(maxsize=64)
def _shape(schema: bytes) -> Shape:
    return compile_shape(json.loads(schema))


def drawn(kind_name: str, document: Mapping[str, Any]) -> View | None:
    """Return a document as its form shows it; None where no form draws it."""
    kind = kinds.get(kind_name)
    try:
        return draw(shape_of(kind), document) if kind else None
    except Refused:
        return None


def naming(kind: str, documents: tuple[Mapping[str, Any], ...], show: Show) -> Callable[[str], str]:
    """Return the function that gives a path of these documents its name for people, "" where it has none."""
    names: dict[str, str] = {}
    for document in documents:
        view = drawn(kind, document)
        if view is not None:
            _gather(view, "", "", names, show)

    def called(path: str) -> str:
        rest: list[str] = []
        while path and path not in names:
            path, _, last = path.rpartition(".")
            rest.insert(0, last)
        return " › ".join(part for part in (names.get(path, ""), *rest) if part) if path in names else ""

    return called


def _gather(view: View, path: str, above: str, names: dict[str, str], show: Show) -> None:
    """Write down the names of a view and all below; rows are called by their key, as comparing names them."""
    for part in view.parts:
        step = "" if view.how == "union" else part.path.rpartition(".")[2]
        title = show.text(part.title) or step
        if view.how in ("list", "map"):
            step = title = part.key if part.key is not None else _key(part) or step
        below = ".".join(filter(None, (path, step)))
        inside = view.how == "union" or below == "spec"
        name = above if inside else " › ".join(filter(None, (above, title)))
        names.setdefault(below, name)
        _gather(part, below, name, names, show)


def _key(row: View) -> str:
    return next((part.value for part in row.parts if part.path.endswith(".key")), "")
