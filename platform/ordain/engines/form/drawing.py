"""Laying a document on a shape: a tree of views that a template writes down without a thought of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from ordain.base import json
from ordain.base.errors import Problem
from ordain.base.money import exponent, to_unit
from ordain.base.text import Text
from ordain.engines.form.folding import mark_of, size
from ordain.engines.form.names import below, dotted
from ordain.engines.form.shape import Again, Group, Keyed, Leaf, Many, Shape, Union, branch_of, resolve

How = Literal["leaf", "group", "texts", "list", "map", "union", "absent", "folded", "grid"]
_SMALL: Final = 40  # values in a part that opens as a whole
KEPT: Final = "••••••"  # what stands for a secret; posted back it stays what it was


@dataclass(slots=True)
class View:
    """One part of a form. `name` is what a browser posts it as, `path` how problems name it.

    A folded part has no parts of its own but `kept`, the mark of its content, how many rows it has, and its gist.
    `rows` is what a page lays under it: the rows of a condition, of a `scope` that names what they may use.
    """

    how: How
    name: str
    path: str
    title: Text
    help: Text
    required: bool = False
    widget: str = ""
    value: str = ""
    empty: bool = False
    options: Sequence[tuple[str, Text]] = ()
    ref: str = ""
    most: int | None = None
    parts: list["View"] = field(default_factory=list)
    key: str | None = None
    row: str = ""
    branch: str = ""
    kept: str = ""
    count: int = 0
    scope: str = ""
    rows: Any = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id its input has on the page."""
        return "f-" + self.name.replace("/", "-").replace("~", "_")

    def walk(self) -> Iterator["View"]:
        """Yield this part and all below, each before what is in it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def gist(self, most: int = 4) -> list[str]:
        """Return the first few values in it, for a part that is folded."""
        if self.how == "leaf":
            return [self.value[:60]] if self.value and self.widget not in ("bool", "fixed", "secret") else []
        if self.how == "folded":
            return [self.value[:60]]
        found: list[str] = []
        for part in self.parts:
            if len(found) < most:
                found += part.gist(most - len(found))
        return found


def draw(
    shape: Shape,
    document: Any,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    drawn: Callable[[str], bool] | None = None,
) -> View:
    """Return the view of a document; `typed` is what was posted and could not be read, by name: it stays as typed.

    Where `drawn` is given, rows and sections stand folded but for those it holds for and those with problems in them.
    """
    by_path: dict[str, list[Problem]] = {}
    for found in problems:
        by_path.setdefault(found.path, []).append(found)
    drawer = _Drawer(by_path, typed or {}, drawn)
    view = drawer.view(shape, document, "", "", required=True)
    for left in by_path.values():
        view.problems.extend(left)
    return view


class _Drawer:
    def __init__(
        self, problems: dict[str, list[Problem]], typed: Mapping[str, str], drawn: Callable[[str], bool] | None
    ) -> None:
        self._problems = problems
        self._typed = typed
        self._drawn = drawn
        self._whole = False  # inside a part that is drawn with all that is in it
        self._troubled = {part for path in problems for part in _above(path)}

    def view(self, shape: Shape, value: Any, name: str, path: str, *, required: bool) -> View:
        """Return the view of one part and all below; problems go to the deepest part on their way."""
        title, said = shape.title, shape.help
        real = resolve(shape)
        if isinstance(shape, Again):
            title, said = (title if title.en else real.title), (said if said.en else real.help)
        if value is None and not required and not isinstance(real, Leaf):
            view = View("absent", name, path, title, said)
        elif self._folds(real, name, path):
            view = View("folded", name, path, title, said, kept=mark_of(value), count=_length(value))
            view.value = " · ".join(_gist(value))
        else:
            view = self._opened(real, value, name, path, title, said)
        view.required = required
        view.problems = self._problems.pop(path, [])
        return view

    def _opened(
        self, shape: Leaf | Group | Many | Keyed | Union, value: Any, name: str, path: str, title: Text, said: Text
    ) -> View:
        """Return a part that is drawn; all in it is drawn too where one opened it and it is small."""
        before = self._whole
        if self._drawn is not None and "/" in name and not isinstance(shape, Leaf):
            self._whole = before or size(value, _SMALL) <= _SMALL
        view = self._present(shape, value, name, path, title, said)
        self._whole = before
        return view

    def _folds(self, shape: Leaf | Group | Many | Keyed | Union, name: str, path: str) -> bool:
        if self._drawn is None or self._whole or isinstance(shape, Leaf) or (isinstance(shape, Group) and shape.texts):
            return False
        return "/" in name and not self._drawn(name) and path not in self._troubled

    def _present(
        self, shape: Leaf | Group | Many | Keyed | Union, value: Any, name: str, path: str, title: Text, said: Text
    ) -> View:
        match shape:
            case Leaf():
                return self._leaf(shape, value, name, path, title, said)
            case Group(required=needed, texts=texts):
                held = value if isinstance(value, Mapping) else {}
                made = [
                    self.view(part, held.get(key), below(name, key), dotted(path, key), required=key in needed)
                    for key, part in shape.shown(held)
                ]
                return View("texts" if texts else "group", name, path, title, said, parts=made)
            case Many(item=item):
                items = value if isinstance(value, list) else []
                rows = [self._row(item, one, name, path, place, place) for place, one in enumerate(items)]
                return View("list", name, path, title, said, parts=rows)
            case Keyed(grid=True):
                return View("grid", name, path, title, said, kept=mark_of(value), count=_length(value))
            case Keyed(item=item):
                entries = list(value.items()) if isinstance(value, Mapping) else []
                rows = []
                for place, (key, one) in enumerate(entries):
                    row = self._row(item, one, name, path, place, key)
                    row.key = key
                    rows.append(row)
                return View("map", name, path, title, said, parts=rows)
            case Union(branches=branches):
                place = branch_of(shape, value)
                key, _, branch = branches[place]
                inner = self.view(branch, value, name, path, required=True)
                options = [(one, words) for one, words, _ in branches]
                return View("union", name, path, title, said, options=options, branch=key, parts=[inner])

    def _row(self, item: Shape, value: Any, name: str, path: str, place: int, step: str | int) -> View:
        mark = f"r{place}"
        view = self.view(item, value, below(name, mark), dotted(path, step), required=True)
        view.row = mark
        return view

    def _leaf(self, leaf: Leaf, value: Any, name: str, path: str, title: Text, said: Text) -> View:
        text = self._typed.get(name)
        view = View("leaf", name, path, title, said, widget=leaf.widget, options=leaf.options, ref=leaf.ref)
        view.most, view.scope = leaf.most, leaf.scope
        view.value = text if text is not None else written(leaf, value)
        view.empty = value == "" and text is None
        if leaf.widget in ("text", "any") and "\n" in view.value:
            view.widget = "long"  # an input of one line would lose the others
        return view


def _above(path: str) -> Iterator[str]:
    """Yield a path and every part above it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _length(value: Any) -> int:
    return len(value) if isinstance(value, Mapping | list) else 0


def _gist(value: Any, most: int = 4) -> list[str]:
    """Return the first few plain values of a document."""
    if not isinstance(value, Mapping | list):
        return [str(value)[:60]] if value not in (None, "") and not isinstance(value, bool) else []
    found: list[str] = []
    for inner in value.values() if isinstance(value, Mapping) else value:
        if len(found) >= most:
            break
        found += _gist(inner, most - len(found))
    return found


def written(leaf: Leaf, value: Any) -> str:
    """Return a value as its input shows it."""
    if value is None:
        return ""
    match leaf.widget:
        case "bool":
            return "true" if value is True else "false" if value is False else ""
        case "secret":
            return KEPT if value else ""
        case "money" if isinstance(value, int) and not isinstance(value, bool):
            places = exponent(leaf.currency)
            return f"{to_unit(value, leaf.currency):.{places}f}"
        case "any" | "transform":
            return any_text(value)
        case _ if isinstance(value, str):
            return value
        case _ if isinstance(value, bool):
            return "true" if value else "false"
        case _ if isinstance(value, int | Decimal):
            return str(value)
        case _:
            return json.canonical(value).decode()


def any_text(value: Any) -> str:
    """Return any value as one text that reads back as the same: plain texts as they are, all else as JSON."""
    if isinstance(value, str) and not _looks_like_json(value):
        return value
    return json.canonical(value).decode()


def _looks_like_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.BadJson:
        return False
    return True
