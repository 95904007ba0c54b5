"""Conditions set by rows beside their text: what the editor shows of one, and the text of what it posted.

A condition posts its text, the text as it was drawn, and its open rows under names with `//if`. Where the text was
typed in, it wins; else the rows are what it becomes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from ordain.base.text import Text
from ordain.engines.form import View
from ordain.engines.form.folding import placed
from ordain.engines.mapping.wording import title_of
from ordain.kinds.kind import scope_of
from ordain.language.expression import Scope, Type
from ordain.language.expression.conditions import (
    Free,
    Group,
    Part,
    Row,
    Word,
    begun,
    operators,
    takes_value,
    text_of,
    tree_of,
    type_of,
)
from ordain.records.types import TYPES
from ordain.records.words import LANE_WORDS, STATE_WORDS
from ordain.web.pages.lists import Option
from ordain.web.pages.texts import _
from ordain.web.show import Show

OPEN: Final = "rows"  # names the conditions whose rows are open
IF: Final = "//if"
WAS: Final = "//was"
SCOPE: Final = "//scope"
ACTS: Final = frozenset({"if-open", "if-close", "if-add", "if-group", "if-remove"})
_WORDS: Final = ("all", "any", "none")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: the fields and operators to choose from, and its values in one input or several."""

    name: str
    field: str
    fields: Sequence[Option]
    operators: Sequence[Option]
    how: Literal["none", "choice", "choices", "text", "texts", "list"]
    values: Sequence[str]
    options: Sequence[Option]
    numeric: bool
    typed: bool
    kind: Literal["row"] = "row"


@dataclass(frozen=True, slots=True)
class FreeView:
    """A part that only its text can say."""

    name: str
    text: str
    kind: Literal["free"] = "free"


@dataclass(frozen=True, slots=True)
class GroupView:
    """Parts of which all, any or none must hold."""

    name: str
    place: str
    words: Sequence[Option]
    parts: Sequence["RowView | FreeView | GroupView"]
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The rows under one condition; no `root` where its text cannot be read."""

    root: GroupView | None
    open: bool


@dataclass(slots=True)
class Composed:
    """A post with the text of each condition, and the rows as they were posted, for those that stay open."""

    pairs: Pairs
    open: set[str]
    trees: dict[str, Group] = field(default_factory=dict)

    def moved(self, pairs: Pairs) -> "Composed":
        """Return the same for the rows of lists as they stand after the post: they may have been dragged."""
        trees = {name: tree for old, tree in self.trees.items() for name in placed(pairs, [old])}
        return Composed(self.pairs, placed(pairs, self.open), trees)


def composed(pairs: Iterable[tuple[str, str]], spec: Mapping[str, Any], act: str) -> Composed:
    """Return a post's pairs with rows turned into texts, after the act on rows that `act` names."""
    plain: Pairs = []
    nodes: dict[str, Pairs] = {}
    texts: dict[str, str] = {}
    opened: set[str] = set()
    for name, text in pairs:
        owner, mark, rest = name.partition(IF)
        if mark:
            nodes.setdefault(owner, []).append((rest, text))
        elif name == OPEN:
            opened.add(text)
        else:
            if not name.endswith((WAS, SCOPE)):
                plain.append((name, text))
            texts[name] = text
    found = Composed(plain, opened)
    word, _colon, rest = act.partition(":")
    target, _equals, place = rest.partition("=")
    for owner in list(opened):
        scope = scope_of(texts.get(owner + SCOPE, "value"), spec)
        text, was = texts.get(owner, ""), texts.get(owner + WAS, "")
        if text != was:
            tree = tree_of(text, scope)
        else:
            posted = _posted(dict_of(nodes.get(owner, [])), "", scope)
            tree = posted if isinstance(posted, Group) else tree_of(text, scope)
        if tree is not None and word in ACTS and target == owner:
            tree = acted(tree, word, place, scope)
        if tree is not None and (text == was or word in ACTS):
            found.trees[owner] = tree
            found.pairs = [(name, text_of(tree, scope) if name == owner else one) for name, one in found.pairs]
    if word == "if-open":
        opened.add(target)
    elif word == "if-close":
        opened.discard(target)
    return found


def acted(tree: Group, word: str, place: str, scope: Scope) -> Group:
    """Return the rows after one act: a row or group added to the group at `place`, or what stands there removed."""
    steps = [int(step) for step in place.split("/") if step.isdecimal() and len(step) < 4]
    return cast("Group", _changed(tree, steps, word, scope))


def laid(view: View, spec: Mapping[str, Any], rows: Composed, show: Show) -> None:
    """Lay rows under each condition of a form: all those that are open, and of the others the way to open them."""
    for part in view.walk():
        if not part.scope:
            continue
        if part.name not in rows.open:
            part.rows = Conditions(None, open=False)
            continue
        scope = scope_of(part.scope, spec)
        tree = rows.trees.get(part.name) or tree_of(part.value, scope)
        root = _Drawer(scope, spec, show).group(tree, f"{part.name}{IF}", "") if tree is not None else None
        part.rows = Conditions(root, open=True)


def dict_of(nodes: Pairs) -> dict[str, list[str]]:
    """Return what rows posted, by name, with every value of names posted more than once."""
    found: dict[str, list[str]] = {}
    for name, text in nodes:
        found.setdefault(name, []).append(text)
    return found


def _posted(nodes: Mapping[str, list[str]], place: str, scope: Scope) -> Part | None:
    """Return the part posted under a place; None where nothing of it was."""
    if f"{place}/word" in nodes:
        word = nodes[f"{place}/word"][0]
        inner = {name[len(place) + 1 :].split("/", 1)[0] for name in nodes if name.startswith(f"{place}/")}
        steps = sorted((step for step in inner if step.isdecimal() and len(step) < 4), key=int)
        parts = [part for step in steps if (part := _posted(nodes, f"{place}/{step}", scope)) is not None]
        return Group(cast("Word", word if word in _WORDS else "all"), tuple(parts))
    if f"{place}/text" in nodes:
        return Free(nodes[f"{place}/text"][0])
    if f"{place}/field" not in nodes:
        return None
    name = nodes[f"{place}/field"][0].strip()
    if name != nodes.get(f"{place}/was", [name])[0]:
        return begun(name, scope)
    operator = nodes.get(f"{place}/op", ["=="])[0]
    values = tuple(value for value in nodes.get(f"{place}/value", ()) if value or operator not in ("in", "not in"))
    return _fitting(Row(name, operator, values), scope)


def _fitting(row: Row, scope: Scope) -> Row:
    """Return a row with as many values as its operator takes, and an operator there is."""
    known = operators(type_of(row.field, scope))
    operator = row.operator if row.operator in known else known[0]
    if not takes_value(operator):
        return Row(row.field, operator)
    plain = begun(row.field, scope).values or ("",)
    if operator in ("in", "not in"):
        return Row(row.field, operator, row.values or plain)
    return Row(row.field, operator, (row.values or plain)[:1])


def _changed(part: Part, steps: Sequence[int], word: str, scope: Scope) -> Part:
    if not isinstance(part, Group):
        return part
    if not steps:
        name = next((name for name, kind in scope.names.items() if kind.family != "untyped"), "text(source.x)")
        last = next((one.field for one in reversed(part.parts) if isinstance(one, Row)), name)
        row = begun(last, scope)
        added: Part = row if word == "if-add" else Group("any" if part.word == "all" else "all", (row, row))
        return Group(part.word, (*part.parts, added)) if word in ("if-add", "if-group") else part
    first, rest = steps[0], steps[1:]
    if first >= len(part.parts):
        return part
    if not rest and word == "if-remove":
        return Group(part.word, (*part.parts[:first], *part.parts[first + 1 :]))
    inner = _changed(part.parts[first], rest, word, scope)
    return Group(part.word, (*part.parts[:first], inner, *part.parts[first + 1 :]))


class _Drawer:
    """Draws the rows of one condition."""

    def __init__(self, scope: Scope, spec: Mapping[str, Any], show: Show) -> None:
        self._scope, self._spec, self._show = scope, spec, show
        base = TYPES.get(str(spec.get("record"))) if spec.get("extends") else None
        self._fields: Mapping[str, Any] = {**(base.fields if base else {}), **(spec.get("fields") or {})}

    def group(self, tree: Group, name: str, place: str) -> GroupView:
        """Return a group with all that is in it."""
        words = [("all", _("all of these")), ("any", _("any of these")), ("none", _("none of these"))]
        parts = [self._part(part, f"{name}/{at}", f"{place}/{at}") for at, part in enumerate(tree.parts)]
        return GroupView(name, place, [Option(key, said, key == tree.word) for key, said in words], parts)

    def _part(self, part: Part, name: str, place: str) -> RowView | FreeView | GroupView:
        if isinstance(part, Group):
            return self.group(part, name, place)
        return FreeView(name, part.text) if isinstance(part, Free) else self._row(part, name)

    def _row(self, row: Row, name: str) -> RowView:
        kind = type_of(row.field, self._scope)
        known = [one for one, type_ in self._scope.names.items() if type_.family != "untyped"]
        fields = [Option(one, self._called(one), one == row.field) for one in known]
        if fields and row.field not in known:
            fields.insert(0, Option(row.field, row.field, chosen=True))
        options = self._options(row, kind)
        return RowView(
            name=name,
            field=row.field,
            fields=fields,
            operators=[
                Option(one, self._operator(one, kind), one == row.operator)
                for one in dict.fromkeys((*operators(kind), row.operator))
            ],
            how=self._how(row, kind),
            values=row.values,
            options=options,
            numeric=kind.family in ("integer", "decimal", "money"),
            typed=not fields,
        )

    def _how(self, row: Row, kind: Type) -> Literal["none", "choice", "choices", "text", "texts", "list"]:
        if not takes_value(row.operator):
            return "none"
        if row.operator in ("among", "not among"):
            return "list"
        if row.operator in ("in", "not in"):
            return "choices" if kind.family == "choice" else "texts"
        return "choice" if kind.family == "choice" else "text"

    def _options(self, row: Row, kind: Type) -> list[Option]:
        if row.operator in ("among", "not among"):
            lists = [name for name, one in self._scope.names.items() if one.family == "list"]
            return [Option(name, self._called(name), name in row.values) for name in lists]
        if kind.family != "choice":
            return []
        named = dict.fromkeys((*kind.options, *row.values))
        return [Option(value, self._worded(row.field, value), value in row.values) for value in named]

    def _called(self, name: str) -> str:
        """Return what a field is called, with its name, so that rows and text are read as one."""
        head, _dot, rest = name.partition(".")
        listed = self._fields.get(head, {}).get("fields", {})
        if name in self._fields:
            said = self._show.text(Text.of(self._fields[name]["title"]))
        elif rest in listed:
            said = self._show.text(Text.of(listed[rest]["title"]))
        else:
            plain = name.removeprefix("lines.") if name.startswith("lines.") else name
            said = self._show.text(_NAMES.get(name) or title_of(plain))
            said = f"{_('Lines')} · {said}" if plain != name else said
        return said if said == name else f"{said} ({name})"

    def _worded(self, name: str, value: str) -> str:
        options = self._fields.get(name, {}).get("options", {})
        words = Text.of(options[value]) if value in options else _VALUES.get(name, {}).get(value)
        return self._show.text(words) if words else value

    def _operator(self, operator: str, kind: Type) -> str:
        if operator in ("<", "<=", ">", ">=") and kind.family in ("date", "datetime"):
            return {"<": _("before"), "<=": _("not after"), ">": _("after"), ">=": _("not before")}[operator]
        return _said().get(operator, operator)


_VALUES: Final[Mapping[str, Mapping[str | None, Text]]] = {
    "state": STATE_WORDS,
    "priority": cast("Mapping[str | None, Text]", LANE_WORDS),
}
_NAMES: Final[Mapping[str, Text]] = {
    "number": Text("订单号", "Order no."),
    "channel": Text("渠道", "Channel"),
    "shop": Text("店铺", "Shop"),
    "received_at": Text("入库时间", "Received at"),
    "held": Text("已挂起", "Held"),
    "lane": Text("队列通道", "Lane"),
    "me.regions": Text("我的区域", "My regions"),
    "me.name": Text("我的账号", "My name"),
    "value": Text("指标值", "Value"),
    "status": Text("应答状态码", "HTTP status"),
    "payment_method": Text("付款方式", "Payment method"),
    "facts.refunded_before": Text("此前已退金额", "Refunded before"),
    "facts.customer_30d": Text("该客户 30 天退款额", "Customer's refunds in 30 days"),
    "facts.unknown_skus": Text("未知商品编码", "Unknown SKUs"),
}


def _said() -> Mapping[str, str]:
    return {
        "==": _("is"),
        "!=": _("is not"),
        "<": _("is under"),
        "<=": _("is at most"),
        ">": _("is over"),
        ">=": _("is at least"),
        "in": _("is one of"),
        "not in": _("is none of"),
        "among": _("is in the list"),
        "not among": _("is not in the list"),
        "has": _("holds the item"),
        "has not": _("does not hold the item"),
        "starts_with": _("begins with"),
        "ends_with": _("ends with"),
        "contains": _("contains"),
        "empty": _("is empty"),
        "not empty": _("is not empty"),
        "true": _("is yes"),
        "false": _("is no"),
    }
