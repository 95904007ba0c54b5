"""The docs keep their promises: every kind, command and setting is in them."""

import argparse
import re
from pathlib import Path

from ordain.cli import _parser
from ordain.kinds.manual import manual

ROOT = Path(__file__).parents[1]


def test_the_reference_of_kinds_is_that_of_the_schemas() -> None:
    assert (ROOT / "docs" / "kinds.md").read_text() == manual()


def test_every_command_is_described() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    (actions,) = [a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)]
    for name in actions.choices:
        assert name == "_child" or f"`{name}" in text, name


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    for name in re.findall(r'"((?:ORDAIN|DATABASE|REDIS)_[A-Z_]+)"', (ROOT / "platform/ordain/wiring.py").read_text()):
        assert f"`{name}`" in text, name


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
