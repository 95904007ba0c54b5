"""Languages: chosen by cookie, then by the browser; texts from the catalogue, compiled in memory at start."""

import io
from functools import cache
from pathlib import Path
from typing import Final, cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain

from ordain.base.text import Language

LANGUAGE_COOKIE: Final = "language"
CATALOGUE: Final = Path(__file__).parent / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
_LOCALES: Final[dict[Language, str]] = {"zh": "zh_Hans_CN", "en": "en"}


class _Catalogue(Domain):  # type: ignore[misc] # flask-babel ships no types
    """The one catalogue, read from its source: nothing to compile, nothing to forget."""

    def get_translations(self) -> NullTranslations:
        """Return the texts of the reader's language."""
        return _translations() if current_language() == "zh" else NullTranslations()


def install(app: Flask) -> None:
    """Set languages and the business's time zone up."""
    zone = str(app.extensions["ordain"].settings.timezone)
    made = Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone=zone,
        locale_selector=lambda: _LOCALES[current_language()],
    )
    made.domain_instance = _Catalogue()
    app.jinja_env.globals["current_language"] = current_language
    app.jinja_env.filters["say"] = lambda text: text.get(current_language())


def current_language() -> Language:
    """Return the reader's language: as chosen, else what the browser prefers, else Chinese."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        if chosen not in ("zh", "en"):
            best = request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh")
            chosen = "en" if best == "en" else "zh"
        g.language = chosen
    return cast("Language", g.language)


@cache
def _translations() -> Translations:
    if not CATALOGUE.exists():
        return Translations()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
