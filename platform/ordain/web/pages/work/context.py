"""What pages show of long work."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Fault, State


@dataclass(frozen=True, slots=True)
class WorkView:
    """One piece of long work as parts/work.html draws it. `part` of `parts` is the bar, None where no end is known.

    `file` is the address of what is kept, "" where there is none; `stop` that which cancels, "" once it has ended.
    """

    id: str
    href: str
    title: str
    state: State
    going: bool
    part: int | None
    parts: int
    sentence: str
    pace: str
    left: str
    counts: Sequence[tuple[str, str]]
    problems: Sequence[Fault]
    more: str
    stop: str
    stopping: bool
    file: str
    file_name: str
    file_size: str
    kept: str
    started: str
    started_exact: str


@dataclass(frozen=True, slots=True)
class WorksPage:
    """All of the reader's long work, newest first."""

    items: Sequence[WorkView]
