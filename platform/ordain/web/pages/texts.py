"""Texts in the reader's language: `_` at once, `many` by number, `later` when it is shown (for tables of words)."""

from typing import Protocol

from flask_babel import gettext, lazy_gettext, ngettext


class Word(Protocol):
    """A text that becomes one language's when it is written."""

    def __str__(self) -> str: ...


def _(text: str, **values: object) -> str:
    """Return a text in the reader's language, `%(name)s` filled in."""
    return str(gettext(text, **values))


def many(one: str, more: str, number: int, **values: object) -> str:
    """Return a text for a number of things, `%(num)s` filled in with it."""
    return str(ngettext(one, more, number, **values))


def later(text: str) -> Word:
    """Return a text that takes the reader's language when it is written."""
    found: Word = lazy_gettext(text)
    return found
