"""Reading back what a browser posted: the shape decides what may come; all else is a foreign key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.base.money import to_minor
from ordain.engines.form.drawing import KEPT
from ordain.engines.form.folding import kept
from ordain.engines.form.names import BRANCH, EMPTY, IS, KEY, ROW, below, dotted
from ordain.engines.form.names import KEPT as KEPT_WHOLE
from ordain.engines.form.shape import Group, Keyed, Leaf, Many, Shape, Union, blank, branch_of, resolve

LIMIT: Final = 20_000  # names in one post
_ABSENT: Final = object()


@dataclass(slots=True)
class Posted:
    """A document as it was posted; `typed` holds by name what could not be read, so that it is shown again."""

    document: Any
    problems: list[Problem] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)


def read(shape: Shape, pairs: Iterable[tuple[str, str]], before: Any = None) -> Posted:
    """Return the document of a post. `before` is what stood there: secrets posted back masked keep what they were.

    Names the shape does not know are problems, and nothing of them is kept.
    """
    values: dict[str, str] = {}
    rows: dict[str, list[str]] = {}
    for place, (name, text) in enumerate(pairs):
        if place >= LIMIT:
            found = problem("", "too_many_fields", f"表单超过 {LIMIT} 个字段", f"the form has over {LIMIT} fields")
            return Posted(before, [found])
        if name.endswith(ROW):
            rows.setdefault(name.removesuffix(ROW), []).append(text)
        else:
            values[name] = text
    reader = _Reader(values, rows)
    document = reader.value(shape, "", "", before, required=True)
    posted = Posted(None if document is _ABSENT else document, reader.problems, reader.typed)
    foreign = [name for name in values if name not in reader.seen]
    foreign += [name for name in rows if name not in reader.seen]
    posted.problems.extend(
        problem("", "foreign_field", f"表单中没有字段“{name[:80]}”", f"the form has no field “{name[:80]}”")
        for name in foreign[:5]
    )
    return posted


class _Reader:
    def __init__(self, values: Mapping[str, str], rows: Mapping[str, list[str]]) -> None:
        self._values = values
        self._rows = rows
        self.seen: set[str] = set()
        self.problems: list[Problem] = []
        self.typed: dict[str, str] = {}

    def value(
        self, shape: Shape, name: str, path: str, before: Any, *, required: bool, siblings: Sequence[Any] = ()
    ) -> Any:
        """Return the value of one part, _ABSENT where it is not there; a folded one is what stood there."""
        real = resolve(shape)
        if isinstance(real, Leaf):
            return self._leaf(real, name, path, before, required=required)
        mark = self._given(name + KEPT_WHOLE)
        if mark is not None:
            self.seen.update((name + IS, name))
            return self._kept(mark, before, siblings, path)
        if not required and self._given(name + IS) is None:
            return _ABSENT
        self.seen.add(name + IS)
        match real:
            case Group(parts=parts, required=needed, texts=texts):
                return self._group(parts, needed, name, path, before, texts=texts)
            case Many(item=item):
                self.seen.add(name)
                held = before if isinstance(before, list) else []
                return [
                    self._filled(item, below(name, mark), dotted(path, place), _at(held, mark), held)
                    for place, mark in enumerate(self._marks(name))
                ]
            case Keyed(item=item):
                return self._keyed(item, name, path, before)
            case Union():
                return self._union(real, name, path, before)

    def _group(
        self,
        parts: Iterable[tuple[str, Shape]],
        needed: frozenset[str],
        name: str,
        path: str,
        before: Any,
        *,
        texts: bool,
    ) -> dict[str, Any]:
        held = before if isinstance(before, Mapping) else {}
        made = {}
        for key, part in parts:
            inner = self.value(
                part, below(name, key), dotted(path, key), held.get(key), required=key in needed or texts
            )
            if inner is not _ABSENT:
                made[key] = inner
        return made

    def _keyed(self, item: Shape, name: str, path: str, before: Any) -> dict[str, Any]:
        self.seen.add(name)
        held = list(before.values()) if isinstance(before, Mapping) else []
        made: dict[str, Any] = {}
        for mark in self._marks(name):
            row = below(name, mark)
            key = (self._given(row + KEY) or "").strip()
            inner = self._filled(item, row, dotted(path, key), _at(held, mark), held)
            if key in made:
                self.problems.append(
                    problem(dotted(path, key), "doubled", f"名称“{key}”重复", f"the name “{key}” is there twice")
                )
                key = f"{key} 2"
            made[key] = inner
        return made

    def _union(self, union: Union, name: str, path: str, before: Any) -> Any:
        key = self._given(name + BRANCH)
        standing = branch_of(union, before)
        places = {one: place for place, (one, _, _) in enumerate(union.branches)}
        place = places.get(key or "", standing)
        shape = union.branches[place][2]
        found = self.value(shape, name, path, before if place == standing else None, required=True)
        if union.tagged and isinstance(found, dict):
            return {"type": union.branches[place][0], **found}
        return found

    def _kept(self, mark: str, before: Any, siblings: Sequence[Any], path: str) -> Any:
        found, same = kept(mark, before, siblings)
        if not same:
            zh, en = (
                "此部分已被他人修改，显示的是现在的内容",
                "somebody else changed this part meanwhile; it is as it is now",
            )
            self.problems.append(problem(path, "changed_meanwhile", zh, en))
        return _ABSENT if found is None else found

    def _filled(self, shape: Shape, name: str, path: str, before: Any, siblings: Sequence[Any]) -> Any:
        found = self.value(shape, name, path, before, required=True, siblings=siblings)
        return blank(shape) if found is _ABSENT else found

    def _marks(self, name: str) -> list[str]:
        return list(dict.fromkeys(self._rows.get(name, ())))

    def _given(self, name: str) -> str | None:
        self.seen.add(name)
        return self._values.get(name)

    def _leaf(self, leaf: Leaf, name: str, path: str, before: Any, *, required: bool) -> Any:
        if leaf.widget == "fixed":
            self.seen.add(name)
            return leaf.fixed
        text = self._given(name)
        was_empty = self._given(name + EMPTY) is not None
        if text is None:
            return _ABSENT
        if leaf.widget == "secret" and text == KEPT:
            return before
        text = text.replace("\r\n", "\n")
        if leaf.widget in (
            "text",
            "long",
            "expression",
            "reference",
            "secret",
            "date",
            "datetime",
            "choice",
            "file",
            "image",
        ):
            return text if text or required or was_empty else _ABSENT
        if leaf.widget in ("any", "transform") and (text or was_empty):
            return any_value(text)
        if not text.strip():
            return None if required else _ABSENT
        try:
            return _READ[leaf.widget](text.strip(), leaf)
        except (ValueError, InvalidOperation):
            self.typed[name] = text
            zh, en = _WANTED[leaf.widget]
            self.problems.append(problem(path, "type", f"“{text[:40]}”不是{zh}", f"“{text[:40]}” is no {en}"))
            return before


def _at(held: list[Any], mark: str) -> Any:
    number = mark.removeprefix("r")
    return held[int(number)] if number.isdecimal() and int(number) < len(held) else None


def _number(text: str, _: Leaf) -> Any:
    number = Decimal(text.replace(",", ""))
    if not number.is_finite() or number.adjusted() > 15:
        raise ValueError(text)
    return int(number) if number == number.to_integral_value() and "." not in text else number


def _bool(text: str, _: Leaf) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def any_value(text: str) -> Any:
    """Return what a text written freely means: JSON where it is some, else the text itself."""
    try:
        return json.loads(text)
    except json.BadJson:
        return text


_READ: Final = {
    "integer": lambda text, _: int(text.replace(",", "")),
    "number": _number,
    "money": lambda text, leaf: to_minor(Decimal(text.replace(",", "")), leaf.currency),
    "bool": _bool,
}
_WANTED: Final = {
    "integer": ("整数", "whole number"),
    "number": ("数字", "number"),
    "money": ("金额", "amount"),
    "bool": ("是或否", "yes or no"),
}
