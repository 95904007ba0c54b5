"""Every text a person can read exists in both languages."""

import json
import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ordain.web.i18n import CATALOGUE

ROOT = Path(__file__).parents[1]


def wanted() -> set[str]:
    found: set[str] = set()
    for method, folder in (("jinja2", ROOT / "templates"), ("python", ROOT / "platform" / "ordain" / "web")):
        pattern = "**.html" if method == "jinja2" else "**.py"
        name = "jinja2.ext:babel_extract" if method == "jinja2" else method
        keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None, "many": (1, 2)}
        for _, _, message, *_ in extract_from_dir(str(folder), [(pattern, name)], keywords=keywords):
            found.update(text for text in (message if isinstance(message, tuple) else [message]) if text)
    return {text for text in found if text and re.search(r"[A-Za-z]{2}", text)}


def test_every_text_of_the_pages_has_its_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    known: dict[str, str] = {}
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        known.update({str(text): str(strings[0] or "") for text in ids})
    missing = sorted(text for text in wanted() if not known.get(text))
    assert missing == []


def test_every_title_and_help_of_the_schemas_stands_in_both_languages() -> None:
    def walk(value: object, place: str) -> list[str]:
        found: list[str] = []
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in ("x-title", "x-help") and not (inner.get("zh") and inner.get("en")):
                    found.append(f"{place}.{name}")
                found += walk(inner, f"{place}.{name}")
        elif isinstance(value, list):
            for inner in value:
                found += walk(inner, place)
        return found

    for file in sorted((ROOT / "definitions").rglob("*.json")):
        assert walk(json.loads(file.read_text()), file.name) == []
