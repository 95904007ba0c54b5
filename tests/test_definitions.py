"""Every starter definition may run, and every kind can be upgraded."""

from pathlib import Path
from typing import Any

import pytest

from ordain import kinds
from ordain.base import json
from ordain.flows.publishing import check
from ordain.kinds import Kind

ROOT = Path(__file__).parents[1]
STARTERS = sorted((ROOT / "definitions" / "starter").rglob("*.json"))


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_starter_definition_may_run_and_stands_in_its_place(file: Path) -> None:
    document = json.loads(file.read_bytes())
    assert (document["kind"], document["key"]) == (file.parent.name, file.stem)
    assert check(document) == []
    assert all(document["title"][language] for language in ("zh", "en"))


def test_every_order_mapping_shows_by_example_what_it_does() -> None:
    for file in STARTERS:
        if file.parent.name == "mapping" and file.stem.endswith("-order"):
            assert json.loads(file.read_bytes())["examples"], file.stem


def test_every_kind_of_the_house_is_there_with_a_starter() -> None:
    names = {kind.name for kind in kinds.all_kinds()}
    assert names == {
        "channel", "mapping", "form", "reservation", "approval", "evidence", "automation", "lane", "connector", "notice",
        "metric", "alert", "dashboard", "report", "role", "page",
    }  # fmt: skip
    assert {file.parent.name for file in STARTERS} == names


def test_a_new_kind_is_a_schema_and_a_line_and_old_documents_are_upgraded(tmp_path: Path) -> None:
    schema = {
        "type": "object", "additionalProperties": False, "x-version": 2, "x-title": {"zh": "颜色", "en": "Colour"},
        "required": ["name"], "properties": {"name": {"type": "string"}},
    }  # fmt: skip
    (tmp_path / "colour.json").write_bytes(json.dumps(schema))

    def renamed(spec: dict[str, Any]) -> dict[str, Any]:
        return {"name": spec["label"]}

    kind = Kind("colour", {1: renamed}, tmp_path)
    old = {
        "kind": "colour",
        "key": "red",
        "title": {"zh": "红", "en": "red"},
        "schema_version": 1,
        "spec": {"label": "red"},
    }
    upgraded = kind.upgrade(old)
    assert (upgraded["schema_version"], upgraded["spec"]) == (2, {"name": "red"})
    assert kind.check(upgraded) == []
    assert {p.code for p in kind.check(old)} == {"const", "required", "unknown_key"}


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_every_field_and_every_choice_of_an_editor_has_its_words(kind: Kind) -> None:
    bare: list[str] = []

    def walk(schema: Any, path: str) -> None:
        if not isinstance(schema, dict):
            return
        missing = [str(one) for one in schema.get("enum", ()) if str(one) not in schema.get("x-options", {})]
        bare.extend(f"{path}={one}" for one in missing)
        for name, part in schema.get("properties", {}).items():
            said = isinstance(part, dict) and ("x-title" in part or "const" in part or "$ref" in part)
            if not said and set(schema["properties"]) != {"zh", "en"}:
                bare.append(f"{path}.{name}")
            walk(part, f"{path}.{name}")
        for inner in ("items", "additionalProperties"):
            walk(schema.get(inner), f"{path}[]")
        for branch in (*schema.get("oneOf", ()), *schema.get("$defs", {}).values()):
            walk(branch, f"{path}|")

    walk(kind.spec_schema, "")
    assert bare == []


def test_no_platform_is_named_in_python_outside_the_sandbox() -> None:
    names = ("taobao", "pinduoduo", "douyin", "shopify", "woocommerce", "jingdong")
    files = [f for f in (ROOT / "platform").rglob("*.py") if "sandbox" not in f.parts]
    found = [(file.name, name) for file in files for name in names if name in file.read_text().lower()]
    assert found == []
