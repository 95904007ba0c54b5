"""What the pages of channels show: health at a glance, and one channel's runs and errors."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import ChannelName, Fault, State


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of the chart, in its coordinates; `kind` is "", none or failed."""

    x: int
    y: int
    height: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a channel is silent or in trouble, in words, and the one next step."""

    icon: str
    text: str
    action: str = ""
    href: str = ""
    post: str = ""
    more: str = ""
    more_href: str = ""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel's health; `minutes` is the chart, `minutes_text` its sentence."""

    channel: ChannelName
    href: str
    intake: str
    state: State
    minutes: Sequence[Bar]
    minutes_text: str
    last_order: str
    last_tone: str
    median: str
    p95: str
    backlog: str
    backlog_tone: str
    errors: str
    breaker: str
    breaker_tone: str
    cause: Cause | None
    stopped: bool
    paused: bool
    poll: str
    pause: str
    resume: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name; `unit` is written smaller beside it."""

    title: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ChannelsPage:
    """All channels."""

    summary: str
    figures: Sequence[Figure]
    rows: Sequence[ChannelRow]
    refresh: str
    may_act: bool


@dataclass(frozen=True, slots=True)
class Run:
    """One poll, webhook batch or import."""

    id: str
    at: str
    exact: str
    how: str
    state: State
    took: str
    records: str
    outcome: str
    problem: Fault | None


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """One channel with its latest runs and errors."""

    row: ChannelRow
    figures: Sequence[Figure]
    facts: Sequence[tuple[str, str, str]]
    runs: Sequence[Run]
    errors_only: bool
    all_href: str
    errors_href: str
    errors: str
    orders_href: str
    definition_href: str
    refresh: str
    may_act: bool
