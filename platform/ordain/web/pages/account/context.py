"""What the page "my account" shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ordain.web.pages.lists import Option


@dataclass(frozen=True, slots=True)
class Spot:
    """One place one is signed in at; `current` is this very browser."""

    id: str
    device: str
    small: bool
    place: str
    seen: str
    since: str
    current: bool


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One API token; `tone` warns of one that ends soon, or has ended."""

    id: str
    name: str
    roles: str
    expires: str
    tone: str
    used: str


@dataclass(frozen=True, slots=True)
class FactorLine:
    """How the second factor stands."""

    on: bool
    required: bool
    by_phone: bool
    phone: str
    codes_left: int


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the last form: its section, what was typed, faults by field, or that all went well."""

    section: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    done: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class AccountPage:
    """My account."""

    name: str
    display_name: str
    mail: str
    phone: str
    roles: str
    regions: str
    least: int
    factor: FactorLine
    spots: Sequence[Spot]
    tokens: Sequence[TokenLine]
    token_roles: Sequence[Option]
    token_days: Sequence[Option]
    language: str
    said: Said
