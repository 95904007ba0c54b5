"""What the page of outside systems shows."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """A state as a mark and a word."""

    tone: str
    word: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """One target of a connector: how it stands and how fast it answers."""

    title: str
    target: str
    href: str
    state: State
    latency: str
    success: str
    exact: str
    error: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One notice; `again` is where to have it sent once more, "" where that makes no sense."""

    title: str
    by: str
    to: str
    state: State
    at: str
    exact: str
    why: str
    error: str
    again: str


@dataclass(frozen=True, slots=True)
class People:
    """A directory of people: `alarm` says why it is stopped, `accept` lets it go on."""

    title: str
    state: State
    sentence: str
    alarm: str
    accept: str


@dataclass(frozen=True, slots=True)
class OutsidePage:
    """The page; `failed` where only notices that reached nobody are shown."""

    systems: Sequence[System]
    directories: Sequence[People]
    notices: Sequence[Sent]
    failed: bool
    failures: str
    all_href: str
    failed_href: str
