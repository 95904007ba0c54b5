"""The reference page of all kinds, made from their schemas: `python -m ordain.kinds.manual > docs/kinds.md`."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ordain.kinds import all_kinds


def manual() -> str:
    """Return the page, in Markdown."""
    lines = [
        "# Definition kinds",
        "",
        (
            "Made from `definitions/schemas/`; do not edit by hand. A document is "
            '`{"kind", "key", "title": {"zh", "en"}, "description", "schema_version", "spec", "examples"}`; '
            "below is what stands in `spec`."
        ),
    ]
    for kind in all_kinds():
        schema = kind.spec_schema
        title, help_ = schema["x-title"], schema["x-help"]
        lines += ["", f"## {kind.name} · {title['zh']}", "", f"{help_['en']}. {help_['zh']}。", ""]
        lines += ["| field | type | 中文 | English |", "|---|---|---|---|"]
        lines += list(_rows(schema, "", schema.get("$defs", {}), 0))
    return "\n".join(lines) + "\n"


def _rows(schema: Mapping[str, Any], prefix: str, definitions: Mapping[str, Any], depth: int) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for name, spec in schema.get("properties", {}).items():
        found = definitions[spec["$ref"].rsplit("/", 1)[1]] if "$ref" in spec else spec
        title = found.get("x-title", {"zh": "", "en": ""})
        mark = "*" if name in required else ""
        yield f"| `{prefix}{name}`{mark} | {_type(found)} | {title['zh']} | {title['en']} |"
        if depth < 2:
            inner = found.get("items", found) if found.get("type") == "array" else found
            yield from _rows(inner, f"{prefix}{name}.", definitions, depth + 1)


def _type(spec: Mapping[str, Any]) -> str:
    if spec.get("x-widget") == "expression":
        return "expression"
    if "x-ref" in spec:
        return f"key of a {spec['x-ref']}"
    if "enum" in spec:
        return " \\| ".join(str(option) for option in spec["enum"])
    if "oneOf" in spec:
        constants = [branch.get("properties", {}).get("type", {}).get("const") for branch in spec["oneOf"]]
        return "one of " + ", ".join(str(found) for found in constants) if all(constants) else "one of several"
    return str(spec.get("const") or spec.get("type", "any"))


if __name__ == "__main__":
    sys.stdout.write(manual())
