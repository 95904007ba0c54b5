"""What all lists are made of: tabs, filter chips, heads that sort, pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["done", "running", "idle", "look", "act", "unknown", "off"]


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view: its name, how many it holds, and whether it is the one shown. `urgent` is over its limit."""

    key: str
    title: str
    count: str
    href: str
    current: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is set, and the way to be rid of it."""

    title: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in a form; `chosen` where it is set."""

    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `href` sorts by it, `order` is ascending, descending or ""."""

    title: str
    kind: str = ""
    href: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in the list: a sentence, and the ways to the first and the next page."""

    sentence: str
    first: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state as its mark, its word, and a remark where there is one."""

    tone: Tone
    word: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ChannelName:
    """A channel as lists show it: one character in a box, and its title."""

    key: str
    letter: str
    title: str


@dataclass(frozen=True, slots=True)
class Age:
    """How long something waits; `part` is the share of its limit in 44ths, None where it has no limit."""

    text: str
    part: int | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One knot of the thread across a list. `line` is how the stretch behind it is drawn: done, look or ""."""

    title: str
    count: str
    href: str
    knot: str
    remark: str = ""
    remark_tone: str = ""
    line: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem for people: which field, what is wrong, and its code."""

    path: str
    code: str
    message: str
    anchor: str = ""


def options(values: Sequence[tuple[str, str]], chosen: Sequence[str]) -> tuple[Option, ...]:
    """Return the choices with those marked that are set."""
    return tuple(Option(value, title, value in chosen) for value, title in values)
