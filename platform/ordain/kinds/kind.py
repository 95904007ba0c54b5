"""What a definition kind is: a schema, a version, the upgrades to it, and what its expressions may name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.base.ids import KEY_PATTERN
from ordain.base.text import Text
from ordain.language.expression import BOOL, DECIMAL, INTEGER, TEXT, UNTYPED, Scope, compile_expression, list_of
from ordain.language.schema import check_document
from ordain.records.fields import form_names, record_names
from ordain.records.types import TYPES

Document = Mapping[str, Any]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
SCHEMAS: Final = Path(__file__).parents[3] / "definitions" / "schemas"
_TEXT: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "required": ["zh", "en"],
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One definition named by another, and where."""

    kind: str
    key: str
    path: str


@dataclass(frozen=True)
class Kind:
    """One kind: `upgrades[n]` turns the spec of schema version n into that of n + 1."""

    name: str
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    folder: Path = SCHEMAS

    @property
    def spec_schema(self) -> dict[str, Any]:
        """The schema of the kind's `spec`."""
        return _load(self.folder / f"{self.name}.json")

    @property
    def title(self) -> Text:
        """The kind's name for people."""
        return Text.of(self.spec_schema["x-title"])

    @property
    def version(self) -> int:
        """The schema version documents are written in today."""
        return int(self.spec_schema["x-version"])

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of a whole document of this kind."""
        spec = dict(self.spec_schema)
        definitions = spec.pop("$defs", {})
        return {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "key", "title", "schema_version", "spec"],
            "properties": {
                "kind": {"const": self.name},
                "key": {"type": "string", "pattern": KEY_PATTERN, "maxLength": 64},
                "title": {**_TEXT, "x-title": {"zh": "标题", "en": "Title"}},
                "description": {**_TEXT, "x-title": {"zh": "说明", "en": "Description"}},
                "schema_version": {"const": self.version},
                "spec": spec,
                "examples": {
                    "type": "array",
                    "items": {"type": "object"},
                    "maxItems": 200,
                    "x-title": {"zh": "样例", "en": "Examples"},
                    "x-help": {"zh": "发布时会执行，必须成立", "en": "They run when it is published, and must hold"},
                },
            },
            "$defs": definitions,
        }

    def upgrade(self, document: Document) -> dict[str, Any]:
        """Return the document in today's schema version; the same content where it already is."""
        current = dict(document)
        version = current.get("schema_version")
        while isinstance(version, int) and version < self.version and version in self.upgrades:
            current["spec"] = self.upgrades[version](dict(current["spec"]))
            version += 1
            current["schema_version"] = version
        return current

    def check(self, document: Document) -> list[Problem]:
        """Return every problem of a document: its shape first, then each expression against its scope."""
        problems = check_document(self.schema, document)
        return problems or [*self._expressions(document)]

    def references(self, document: Document) -> list[Reference]:
        """Return the definitions this document names."""
        return [
            Reference(hints["x-ref"], value, path)
            for path, value, hints in self._walk(document)
            if "x-ref" in hints and isinstance(value, str)
        ]

    def _expressions(self, document: Document) -> Iterator[Problem]:
        for path, value, hints in self._walk(document):
            if hints.get("x-widget") == "expression" and "x-scope" in hints:
                expects = BOOL if hints.get("x-expects", "bool") == "bool" else None
                try:
                    compile_expression(value, scope_of(hints["x-scope"], document["spec"]), expects=expects, path=path)
                except Refused as refused:
                    yield from refused.problems

    def _walk(self, document: Document) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
        schema = self.spec_schema
        yield from _visit(schema, document.get("spec"), "spec", schema.get("$defs", {}))


def scope_of(name: str, spec: Document) -> Scope:
    """Return the scope a schema names by `x-scope`."""
    currency = spec.get("currency")
    match name:
        case "answer":
            return Scope({"status": INTEGER, "source": UNTYPED})
        case "source":
            return Scope({"source": UNTYPED})
        case "value":
            return Scope({"value": DECIMAL})
        case "access":
            return Scope({**record_names("order"), "me.regions": list_of(TEXT), "me.name": TEXT}, currency or "CNY")
        case "form":
            base = TYPES.get(str(spec.get("record"))) if spec.get("extends") else None
            fields = {**(base.fields if base else {}), **spec.get("fields", {})}
            return Scope(form_names(fields), currency or "CNY")
        case "facts":
            return Scope({"facts": UNTYPED})
        case "check":
            names = record_names(str(spec.get("record") or "order"))
            return Scope({**names, "facts.unknown_skus": list_of(TEXT), "source": UNTYPED}, currency or "CNY")
        case _:
            record = str(spec.get("record") or str(spec.get("form", "order")).replace("-", "_"))
            names = {**_FACTS, **(record_names(record) or record_names("order"))}
            return Scope(names, currency)


_FACTS: Final = {
    "facts.refunded_before": record_names("order")["total"],
    "facts.customer_30d": record_names("order")["total"],
    "payment_method": TEXT,
    "return_type": TEXT,
    "region": TEXT,
    "priority": record_names("order")["priority"],
    "state": TEXT,
}


@cache
def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def _visit(
    schema: Mapping[str, Any], value: Any, path: str, definitions: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    if "oneOf" in schema:
        chosen = _branch(schema["oneOf"], value)
        if chosen is not None:
            yield from _visit(chosen, value, path, definitions)
        return
    yield path, value, schema
    if isinstance(value, Mapping):
        for name, inner in value.items():
            below = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(below, Mapping):
                yield from _visit(below, inner, f"{path}.{name}", definitions)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for place, inner in enumerate(value):
            yield from _visit(schema["items"], inner, f"{path}.{place}", definitions)


def _branch(branches: list[Mapping[str, Any]], value: Any) -> Mapping[str, Any] | None:
    for branch in branches:
        constant = branch.get("properties", {}).get("type", {}).get("const")
        if constant is not None and isinstance(value, Mapping) and value.get("type") == constant:
            return branch
    return None


def unknown_kind(name: str) -> Problem:
    """Return the problem of a document whose kind nobody knows."""
    return problem("kind", "unknown_kind", f"没有类型“{name}”", f"there is no kind “{name}”")
