"""What is vendored is what the manifest says, and templates keep to the content security policy."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from ordain.base import json

ROOT = Path(__file__).parents[3]
MANIFEST: dict[str, Any] = json.loads((ROOT / "static" / "vendor" / "manifest.json").read_bytes())
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("entry", MANIFEST["files"], ids=lambda entry: entry["file"])
def test_vendored_files_are_those_of_the_manifest(entry: dict[str, str]) -> None:
    assert hashlib.sha256((ROOT / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert all(entry.get(name) for name in ("name", "version", "licence", "package"))


def test_nothing_is_vendored_without_its_entry() -> None:
    known = {entry["file"] for entry in MANIFEST["files"]}
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "static" / "vendor").rglob("*") if path.is_file()}
    assert {path for path in found if "LICENSE" not in path and not path.endswith("manifest.json")} <= known


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "vendor" / "icons" / "sprite.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = set()
    for path in TEMPLATES:
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', path.read_text()))
    for path in (ROOT / "platform" / "ordain" / "web" / "pages").rglob("*.py"):
        named |= set(re.findall(r'(?:Cause|_failing)\(\s*"([a-z-]+)"', path.read_text()))
    assert named
    assert named <= known


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|\|\s*safe", text)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))


def test_colours_stand_in_one_file_only() -> None:
    for path in (ROOT / "static" / "css").glob("*.css"):
        if path.name != "tokens.css":
            outside_print = re.sub(r"@media print \{.*?\n\}", "", path.read_text(), flags=re.DOTALL)
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", outside_print), path.name
