"""Compiling a mapping: every path, pipeline, expression and check becomes a closure, once."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.engines.mapping.pipeline import Fit, Read, compile_fit, compile_read
from ordain.engines.mapping.sources import Lookup, compile_path, first_of
from ordain.engines.mapping.transforms import Surroundings, compile_transform
from ordain.language.expression import (
    BOOL,
    TEXT,
    UNTYPED,
    Explanation,
    Expression,
    Scope,
    Type,
    compile_expression,
    list_of,
)
from ordain.language.template import compile_template
from ordain.records.access import PROTECTED
from ordain.records.fields import LINES, RECORDS

FACTS: Final[Mapping[str, Type]] = {"facts.unknown_skus": list_of(TEXT)}
LET: Final = "let."
UNTOLD: Final = PROTECTED | {"source", "let"}  # an explanation is kept in the clear
EXTRA: Final = "extra."


@dataclass(frozen=True, slots=True)
class Field:
    """One target field: what reads it from the source, or an expression with the fit of its value.

    `steps` is its place in the record, `step` the same where it is one step deep.
    """

    name: str
    steps: tuple[str, ...]
    step: str
    type: Type
    read: Read | None
    expression: Expression | None
    fit: Fit
    required: bool
    code: str
    fallback: Any = None
    on_failure: Literal["hold", "default", "drop-line"] = "hold"


@dataclass(frozen=True, slots=True)
class LineList:
    """A list of the record: which items of the document, and the fields of each; `steps` as those of a field."""

    name: str
    steps: tuple[str, ...]
    each: Lookup
    where: Expression | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must not hold; `then` says what follows where it does."""

    key: str
    when: Expression
    explain: Explanation
    then: str
    path: str
    text: Text

    @property
    def code(self) -> str:
        """The problem's code."""
        return self.key.replace("-", "_")


@dataclass(frozen=True, slots=True)
class MappingProgram:
    """A compiled mapping: fields read from the source, then lists, then expressions in the order they need.

    `spread` says that what order-level discounts leave open goes over the lines, `size` how many fields there are.
    """

    key: str
    version: int
    record: str
    currency: str
    sourced: tuple[Field, ...]
    lists: tuple[LineList, ...]
    derived: tuple[Field, ...]
    checks: tuple[Check, ...]
    spread: bool
    size: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """A document read by a mapping: the record (nested), what could not be read, the codes to look up.

    `tainted` names what could not be read and all that was to be worked out from it: nothing is judged by those.
    `beside` is what checks may see and nobody keeps: the document itself and the mapping's own names.
    """

    record: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    skus: frozenset[str] = field(default_factory=frozenset)
    tainted: frozenset[str] = field(default_factory=frozenset)
    beside: Mapping[str, Any] = field(default_factory=dict)


def compile_mapping(spec: Mapping[str, Any], key: str = "", version: int = 0) -> MappingProgram:
    """Return the program of a mapping's spec; Refused with every problem, paths as in the spec."""
    return _Compiler(spec).program(key, version)


def compile_once(spec: Mapping[str, Any], key: str = "") -> MappingProgram:
    """Return the program of a spec as `compile_mapping` does, once for each content while a draft is worked on."""
    place = (json.content_hash(spec), key)
    found = _ONCE.get(place)
    if found is None:
        found = compile_mapping(spec, key)
        while len(_ONCE) >= _ONCE_MOST:
            _ONCE.pop(next(iter(_ONCE)), None)
        _ONCE[place] = found
    return found


_ONCE_MOST: Final = 32
_ONCE: Final[dict[tuple[str, str], MappingProgram]] = {}


class _Compiler:
    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._record = spec.get("record", "order")
        self._currency = spec.get("currency", "CNY")
        self._around = Surroundings(spec.get("lookups", {}), ZoneInfo(spec.get("timezone", "Asia/Shanghai")))
        self._problems: list[Problem] = []

    def program(self, key: str, version: int) -> MappingProgram:
        fields = self._spec.get("fields", {})
        types = dict(RECORDS.get(self._record, {}))
        sourced = self._fields(fields, types, "fields", expressions=False)
        names: dict[str, Type] = {item.name: item.type for item in sourced}
        lists = []
        for name, spec in sorted(self._spec.get("lists", {}).items()):
            line_list = self._list(name, spec, f"lists.{name}")
            if line_list is not None:
                lists.append(line_list)
                names |= {f"{name}.{item.name}": list_of(item.type) for item in line_list.fields}
        known = {name: kind for name, kind in types.items() if name in fields} | names | {"source": UNTYPED}
        derived = self._derived(fields, known, types, "fields")
        known |= {item.name: item.type for item in derived}
        judged = {name: kind for name, kind in known.items() if ".let." not in name}  # those end with their line
        checks = list(self._checks(Scope({**types, **judged, **FACTS}, self._currency)))
        if self._problems:
            raise Refused(self._problems)
        return MappingProgram(
            key,
            version,
            self._record,
            self._currency,
            tuple(sourced),
            tuple(lists),
            tuple(derived),
            tuple(checks),
            self._spec.get("spread") == "lines.amount",
            len(sourced) + len(derived) + sum(len(line.fields) for line in lists),
        )

    def _fields(
        self, specs: Mapping[str, Any], types: Mapping[str, Type] | None, path: str, *, expressions: bool
    ) -> list[Field]:
        found = []
        for name, spec in sorted(specs.items(), key=lambda item: (item[0] != "currency", item[0])):
            if ("expression" in spec) == expressions:
                made = self._collect(partial(self._field, name, spec, types, f"{path}.{name}"))
                if made is not None:
                    found.append(made)
        return found

    def _field(self, name: str, spec: Mapping[str, Any], types: Mapping[str, Type] | None, path: str) -> Field:
        kind = self._type(name, types, path)
        transforms = tuple(
            compile_transform(step, self._around, f"{path}.via.{place}")
            for place, step in enumerate(spec.get("via", ()))
        )
        if kind == UNTYPED and transforms:
            kind = transforms[-1].gives
        return self._made(name, spec, kind, compile_read(self._lookup(spec, path), transforms, kind), None)

    def _made(
        self,
        name: str,
        spec: Mapping[str, Any],
        kind: Type,
        read: Read | None,
        expression: Expression | None,
    ) -> Field:
        otherwise = spec.get("otherwise", "hold")
        defaulted = isinstance(otherwise, dict)
        return Field(
            name,
            tuple(name.split(".")),
            "" if "." in name else name,
            kind,
            read,
            expression,
            compile_fit(kind),
            spec.get("required", not name.startswith((LET, EXTRA))),
            spec.get("code", ""),
            otherwise["value"] if isinstance(otherwise, dict) else None,
            "default" if defaulted else otherwise,
        )

    def _type(self, name: str, types: Mapping[str, Type] | None, path: str) -> Type:
        if types is None or name.startswith((LET, EXTRA)):
            return UNTYPED  # a name of the mapping's own: its pipeline says what it holds
        if name not in types:
            raise Refused(
                [
                    problem(
                        path,
                        "unknown_field",
                        f"{self._record} 没有字段“{name}”，自定义字段请写 extra.{name}",
                        f"{self._record} has no field “{name}”; write extra.{name} for a field of your own",
                    )
                ]
            )
        return types[name]

    def _lookup(self, spec: Mapping[str, Any], path: str) -> Lookup:
        if "value" in spec:
            value = spec["value"]
            return lambda _, __: value
        if "template" in spec:
            template = compile_template(spec["template"], f"{path}.template")
            return lambda item, _: template.render(item) if isinstance(item, Mapping) else None
        paths = spec["from"] if isinstance(spec["from"], list) else [spec["from"]]
        return first_of([compile_path(one, f"{path}.from") for one in paths])

    def _list(self, name: str, spec: Mapping[str, Any], path: str) -> LineList | None:
        types = dict(LINES.get(self._record, {})) if name == "lines" else None
        sourced = self._fields(spec["fields"], types, f"{path}.fields", expressions=False)
        known = {item.name: item.type for item in sourced} | {"source": UNTYPED}
        derived = self._derived(spec["fields"], known, types, f"{path}.fields")
        each = self._collect(lambda: compile_path(spec["each"], f"{path}.each"))
        where = None
        if "where" in spec:
            scope = Scope({"source": UNTYPED}, self._currency)
            where = self._collect(lambda: compile_expression(spec["where"], scope, expects=BOOL, path=f"{path}.where"))
        return LineList(name, tuple(name.split(".")), each, where, (*sourced, *derived)) if each is not None else None

    def _derived(
        self, specs: Mapping[str, Any], known: Mapping[str, Type], types: Mapping[str, Type] | None, path: str
    ) -> list[Field]:
        """Compile expressions so that each stands behind those it names; a circle is a problem."""
        waiting = {name: spec for name, spec in sorted(specs.items()) if "expression" in spec}
        names = dict(known)
        done: list[Field] = []
        while waiting:
            ready = [name for name, spec in waiting.items() if not _names_any(spec["expression"], waiting, name)]
            if not ready:
                self._problems.append(
                    problem(
                        path, "circle", "表达式互相引用", f"these expressions need each other: {', '.join(waiting)}"
                    )
                )
                return done
            for name in ready:
                spec = waiting.pop(name)
                made = self._collect(partial(self._expression, name, spec, dict(names), types, f"{path}.{name}"))
                if made is not None:
                    done.append(made)
                    names[name] = made.type
        return done

    def _expression(
        self, name: str, spec: Mapping[str, Any], known: Mapping[str, Type], types: Mapping[str, Type] | None, path: str
    ) -> Field:
        kind = self._type(name, types, path)
        expects = None if kind == UNTYPED else kind
        scope = Scope(known, self._currency)
        compiled = compile_expression(spec["expression"], scope, expects=expects, path=f"{path}.expression")
        return self._made(name, spec, compiled.type if kind == UNTYPED else kind, None, compiled)

    def _checks(self, scope: Scope) -> Iterable[Check]:
        for place, spec in enumerate(self._spec.get("checks", ())):
            path = f"checks.{place}"
            when = self._collect(partial(compile_expression, spec["when"], scope, expects=BOOL, path=f"{path}.when"))
            if when is not None:
                text = Text.of(spec.get("text", spec["key"]))
                explain = when.explanation(spec["key"], UNTOLD)
                yield Check(spec["key"], when, explain, spec.get("then", "hold"), spec.get("path", ""), text)

    def _collect(self, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except Refused as refused:
            self._problems.extend(refused.problems)
            return None


def _names_any(source: str, waiting: Iterable[str], own: str) -> bool:
    return any(name != own and re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", source) for name in waiting)
