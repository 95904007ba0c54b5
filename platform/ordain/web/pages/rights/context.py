"""What the page of rights shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ordain.web.pages.lists import Option


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why: how deep it stands, whether it holds, what it says, what it saw."""

    depth: int
    mark: str
    word: str
    text: str
    facts: str


@dataclass(frozen=True, slots=True)
class RightsPage:
    """The page: what may be chosen, what was asked, the verdict and its reasons."""

    roles: Sequence[Option]
    regions: Sequence[Option]
    people: Sequence[Option]
    types: Sequence[Option]
    asked: Mapping[str, str]
    verdict: str = ""
    tone: str = ""
    reasons: Sequence[Reason] = ()
    fault: str = ""
