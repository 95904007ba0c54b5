"""What a form is made of: a tree of leaves, groups, lists, keyed maps and choices between shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ordain.base.errors import Refused, problem
from ordain.base.text import Text

Widget = Literal[
    "text", "long", "integer", "number", "money", "bool", "choice", "date", "datetime", "expression", "reference",
    "secret", "any", "fixed", "transform", "file", "image",
]  # fmt: skip
DEPTH: Final = 24
OWN: Final = "own-"  # before what a reference names in its own document: "own-fields"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value in one input.

    `options` are (value, words); `ref` is the kind or record type it names, or "own-" and what it names in its own
    document. `scope` says of a condition which names it may use: it can be set by rows too.
    """

    title: Text
    help: Text
    widget: Widget
    options: tuple[tuple[str, Text], ...] = ()
    ref: str = ""
    most: int | None = None
    fixed: Any = None
    currency: str = "CNY"
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Named parts; `texts` marks a sentence in both languages, which stands in one row.

    `shows` says of some parts beside which values of others they are asked for; one that holds something is shown
    all the same.
    """

    title: Text
    help: Text
    parts: tuple[tuple[str, "Shape"], ...]
    required: frozenset[str]
    texts: bool = False
    shows: Mapping[str, Mapping[str, tuple[Any, ...]]] = field(default_factory=dict)

    def shown(self, held: Mapping[str, Any]) -> list[tuple[str, "Shape"]]:
        """Return the parts that are asked for beside the values held."""
        return [(name, part) for name, part in self.parts if held.get(name) is not None or self._asked(name, held)]

    def _asked(self, name: str, held: Mapping[str, Any]) -> bool:
        return all(held.get(other) in wanted for other, wanted in self.shows.get(name, {}).items())


@dataclass(frozen=True, slots=True)
class Many:
    """A list of parts of one shape."""

    title: Text
    help: Text
    item: "Shape"
    least: int = 0


@dataclass(frozen=True, slots=True)
class Keyed:
    """Parts of one shape under names of the author's own, which begin like `begin`.

    A `grid` of them is never drawn with the form.
    """

    title: Text
    help: Text
    item: "Shape"
    grid: bool = False
    begin: str = "new-"


@dataclass(frozen=True, slots=True)
class Union:
    """One of several shapes; told apart by a `type` constant, or by what the value is."""

    title: Text
    help: Text
    branches: tuple[tuple[str, Text, "Shape"], ...]
    tagged: bool


@dataclass(slots=True)
class Again:
    """A shape that stands elsewhere in the tree: forms may hold forms."""

    name: str
    title: Text
    help: Text
    known: dict[str, "Shape"] = field(repr=False)


Shape = Leaf | Group | Many | Keyed | Union | Again

_NONE: Final = Text("", "")
_KINDS: Final[Mapping[str, Text]] = {
    "string": Text("一个", "one"), "array": Text("多个", "several"), "object": Text("带设置", "with settings"),
    "number": Text("数字", "a number"), "integer": Text("整数", "a whole number"),
    "boolean": Text("是或否", "yes or no"), "enum": Text("选择", "a choice"),
}  # fmt: skip


def compile_shape(schema: Mapping[str, Any]) -> Shape:
    """Return the shape of a schema; Refused where a form cannot draw it, with the place."""
    return _Compiler(schema.get("$defs", {})).shape(schema, Text("", ""), "", 0)


def resolve(shape: Shape) -> "Leaf | Group | Many | Keyed | Union":
    """Return the shape itself where another place holds it."""
    while isinstance(shape, Again):
        shape = shape.known[shape.name]
    return shape


def blank(shape: Shape) -> Any:
    """Return the least value of a shape: what a part holds when it is added."""
    match resolve(shape):
        case Leaf(widget="fixed", fixed=fixed):
            return fixed
        case Leaf(widget="bool"):
            return False
        case Leaf(widget="choice", options=options):
            return options[0][0] if options else ""
        case Leaf(widget="integer" | "number" | "money"):
            return None
        case Leaf():
            return ""
        case Group(parts=parts, required=required, texts=texts):
            return {name: blank(part) for name, part in parts if name in required or texts}
        case Many(item=item, least=least):
            return [blank(item) for _ in range(least)]
        case Keyed():
            return {}
        case Union(branches=branches):
            return blank(branches[0][2])


def branch_of(union: Union, value: Any) -> int:
    """Return which branch a value is of; the first where none fits."""
    for place, (key, _, shape) in enumerate(union.branches):
        if union.tagged:
            if isinstance(value, Mapping) and value.get("type") == key:
                return place
        elif _fits(resolve(shape), value):
            return place
    return 0


def _fits(shape: "Leaf | Group | Many | Keyed | Union", value: Any) -> bool:
    match shape:
        case Group() | Keyed():
            return isinstance(value, Mapping)
        case Many():
            return isinstance(value, list)
        case Leaf(widget="choice", options=options):
            return value in [key for key, _ in options]
        case Leaf(widget="bool"):
            return isinstance(value, bool)
        case Leaf(widget="integer" | "number" | "money"):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Leaf():
            return isinstance(value, str)
        case Union():
            return any(_fits(resolve(branch), value) for _, _, branch in shape.branches)


class _Compiler:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._known: dict[str, Shape] = {}
        self._making: set[str] = set()

    def shape(self, schema: Any, title: Text, path: str, depth: int) -> Shape:
        """Return the shape of one schema; `title` is what it is called where it says nothing itself."""
        if depth > DEPTH:
            raise _cannot(path, "嵌套过深", "it is nested too deeply")
        if not isinstance(schema, Mapping):
            return Leaf(title, _NONE, "any")
        named = Text.of(schema["x-title"]) if "x-title" in schema else title
        said = Text.of(schema["x-help"]) if "x-help" in schema else _NONE
        if "$ref" in schema:
            own = self._definitions.get(str(schema["$ref"]).rsplit("/", 1)[1], {})
            called = _NONE if "x-title" in own and "x-title" not in schema else named
            return self._again(str(schema["$ref"]), called, said, path, depth)
        told = self._told(schema, named, said, path, depth)
        if told is not None:
            return told
        match schema.get("type"):
            case "object":
                return self._object(schema, named, said, path, depth)
            case "array":
                one = Text.of(schema["x-item"]) if "x-item" in schema else _NONE
                item = self.shape(schema.get("items", {}), one, f"{path}[]", depth + 1)
                return Many(named, said, item, int(schema.get("minItems", 0)))
            case "boolean":
                return Leaf(named, said, "bool")
            case "integer":
                money = schema.get("x-widget") == "money"
                currency = str(schema.get("x-currency", "CNY"))
                return Leaf(named, said, "money" if money else "integer", currency=currency)
            case "number":
                return Leaf(named, said, "number")
            case "string":
                return self._text(schema, named, said)
            case None:
                return Leaf(named, said, "any")
            case other:
                raise _cannot(path, f"表单画不出类型 {other}", f"no form draws the type {other}")

    def _told(self, schema: Mapping[str, Any], named: Text, said: Text, path: str, depth: int) -> Shape | None:
        """Return the shape of a schema that says more than its type; None of all others."""
        if schema.get("x-widget") == "transform":
            return Leaf(named, said, "transform")
        if "oneOf" in schema:
            return self._union(schema["oneOf"], named, said, path, depth)
        if "const" in schema:
            return Leaf(named, said, "fixed", fixed=schema["const"])
        if "enum" in schema:
            words = schema.get("x-options", {})
            options = tuple((str(one), Text.of(words.get(str(one), str(one)))) for one in schema["enum"])
            return Leaf(named, said, "choice", options)
        return None

    def _text(self, schema: Mapping[str, Any], title: Text, said: Text) -> Leaf:
        widgets: dict[str, Widget] = {
            "expression": "expression", "long": "long", "secret": "secret", "date": "date", "datetime": "datetime",
            "file": "file", "image": "image",
        }  # fmt: skip
        widget = widgets.get(str(schema.get("x-widget", schema.get("format", ""))), "text")
        if schema.get("format") == "date-time":
            widget = "datetime"
        if schema.get("x-secret"):
            widget = "secret"
        if "x-ref" in schema or "x-among" in schema:
            widget = "reference"
        ref = str(schema.get("x-ref", "")) or (f"{OWN}{schema['x-among']}" if "x-among" in schema else "")
        condition = widget == "expression" and schema.get("x-expects", "bool") == "bool"
        scope = str(schema.get("x-scope") or schema.get("x-names") or "") if condition else ""
        return Leaf(title, said, widget, ref=ref, most=schema.get("maxLength"), scope=scope)

    def _object(self, schema: Mapping[str, Any], title: Text, said: Text, path: str, depth: int) -> Shape:
        parts = schema.get("properties", {})
        more = schema.get("additionalProperties")
        if not parts and more is not False:
            item = self.shape(more if isinstance(more, Mapping) else {}, _NONE, f"{path}.*", depth + 1)
            begin = str(schema.get("x-begin", "new-"))
            return Keyed(title, said, item, schema.get("x-widget") == "grid", begin)
        made = tuple(
            (name, self.shape(part, Text(name, name), f"{path}.{name}".lstrip("."), depth + 1))
            for name, part in parts.items()
        )
        texts = set(parts) == {"zh", "en"}
        shows = {
            name: {other: tuple(values) for other, values in part["x-show-if"].items()}
            for name, part in parts.items()
            if isinstance(part, Mapping) and "x-show-if" in part
        }
        return Group(title, said, made, frozenset(schema.get("required", ())), texts, shows)

    def _union(self, branches: list[Any], title: Text, said: Text, path: str, depth: int) -> Shape:
        tags = [branch.get("properties", {}).get("type", {}).get("const") for branch in branches]
        made = tuple(
            (
                str(place if tag is None else tag),
                _branch_title(branch, tag),
                self.shape(branch, _NONE, f"{path}|{place}", depth + 1),
            )
            for place, (branch, tag) in enumerate(zip(branches, tags, strict=True))
        )
        return Union(title, said, made, None not in tags)

    def _again(self, ref: str, title: Text, said: Text, path: str, depth: int) -> Shape:
        name = ref.rsplit("/", 1)[1]
        if name not in self._definitions:
            raise _cannot(path, f"没有定义 {ref}", f"there is no {ref}")
        if name not in self._known and name not in self._making:
            self._making.add(name)
            self._known[name] = self.shape(self._definitions[name], _NONE, path, depth + 1)
            self._making.discard(name)
        return Again(name, title, said, self._known)


def _branch_title(branch: Mapping[str, Any], tag: object) -> Text:
    if "x-title" in branch:
        return Text.of(branch["x-title"])
    kind = "enum" if "enum" in branch else str(branch.get("type", ""))
    return Text.of(tag) if tag is not None else _KINDS.get(kind, Text(kind, kind))


def _cannot(path: str, zh: str, en: str) -> Refused:
    return Refused([problem(path, "not_drawable", f"{zh}，请在 JSON 中编辑", f"{en}; edit it as JSON")])
