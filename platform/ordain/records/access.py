"""What one actor may do with one type of record: actions, rows, fields."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ordain.language.expression import Expression

Mode = Literal["read", "masked", "hidden"]

OWN: Final = "record:"  # how roles name a type that an admin made
PROTECTED: Final = frozenset({"buyer.phone", "buyer.email", "buyer.address.street", "raw"})
_RANK: Final[dict[Mode, int]] = {"hidden": 0, "masked": 1, "read": 2}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role gives: `rows` None means all rows."""

    do: frozenset[str]
    rows: Expression | None = None
    fields: Mapping[str, Mode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """The grants of all roles of one actor for one type of record.

    Rows are those of any grant; a field shows as the most open grant shows it. A field no grant names is
    readable, a protected one hidden. `everything` is for our own jobs.
    """

    grants: tuple[Grant, ...] = ()
    me: Mapping[str, Any] = field(default_factory=dict)
    everything: bool = False

    def may(self, action: str) -> bool:
        """Tell whether any grant allows the action."""
        return self.everything or any(action in grant.do for grant in self.grants)

    @property
    def sees_all(self) -> bool:
        """Tell whether every row may be read."""
        return self.everything or any(grant.rows is None for grant in self.grants if "read" in grant.do)

    def mode(self, name: str) -> Mode:
        """Tell how a field shows; the field's parents speak for it where it is not named itself."""
        if self.everything:
            return "read"
        modes = [_mode(grant, name) for grant in self.grants if "read" in grant.do]
        return max(modes, key=_RANK.__getitem__, default="hidden")

    def reads(self, name: str) -> bool:
        """Tell whether the field may be searched, sorted and filtered by."""
        return self.mode(name) == "read"


NOTHING: Final = Access()
EVERYTHING: Final = Access(everything=True)


def _mode(grant: Grant, name: str) -> Mode:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (found := grant.fields.get(".".join(parts[:length]))) is not None:
            return found
    return "hidden" if name in PROTECTED else "read"


def covers(held: Access, grant: Grant, regions: Collection[str]) -> bool:
    """Tell whether somebody who holds `held` holds all that a grant gives, so that they may pass it on.

    Rows must be all rows for them, or the very same rule of somebody with regions; fields as open at least.
    """
    if held.everything:
        return True
    same = [one for one in held.grants if one.rows is None or (one.rows == grant.rows and bool(regions))]
    actions = frozenset[str]().union(*(one.do for one in same))
    names = {*grant.fields, *PROTECTED, *(name for one in same for name in one.fields)}
    own = Access(tuple(same))
    return grant.do <= actions and all(_RANK[_mode(grant, name)] <= _RANK[own.mode(name)] for name in names)
