"""What one actor may do with one type of record: actions, rows, fields."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from ordain.language.expression import Expression

Mode = Literal["read", "masked", "hidden"]
Right = Literal["write", "read", "masked", "hidden"]

OWN: Final = "record:"  # how roles name a type that an admin made
PROTECTED: Final = frozenset({"buyer.phone", "buyer.email", "buyer.address.street", "raw"})
_RANK: Final[dict[Right, int]] = {"hidden": 0, "masked": 1, "read": 2, "write": 3}
_WRITING: Final = frozenset({"create", "edit", "import"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What a role says of one state: `do` are the only actions of the role's left there (None: all)."""

    do: frozenset[str] | None = None
    fields: Mapping[str, Right] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role gives: `rows` None means all rows; `states` say what is otherwise in single states."""

    do: frozenset[str]
    rows: Expression | None = None
    fields: Mapping[str, Right] = field(default_factory=dict)
    states: Mapping[str, Stage] = field(default_factory=dict)

    def within(self, state: str | None) -> "Grant":
        """Return what the role gives in one state; what may be read stays readable as a row."""
        stage = self.states.get(state or "")
        if stage is None:
            return self if not self.states else replace(self, states={})
        left = self.do if stage.do is None else self.do & (stage.do | {"read"})
        return Grant(left, self.rows, {**self.fields, **stage.fields})


@dataclass(frozen=True, slots=True)
class Access:
    """The grants of all roles of one actor for one type of record.

    Rows are those of any grant; a field shows as the most open grant shows it. A field no grant names is
    readable, and written by who may write at all, a protected one hidden. `everything` is for our own jobs.
    What the type's states change counts only `within` one of them. Nothing goes beyond `bound`, where there is one.
    """

    grants: tuple[Grant, ...] = ()
    me: Mapping[str, Any] = field(default_factory=dict)
    everything: bool = False
    bound: "Access | None" = None

    def may(self, action: str) -> bool:
        """Tell whether any grant allows the action."""
        if self.bound is not None and not self.bound.may(action):
            return False
        return self.everything or any(action in grant.do for grant in self.grants)

    @property
    def sees_all(self) -> bool:
        """Tell whether every row may be read."""
        if self.bound is not None and not self.bound.sees_all:
            return False
        return self.everything or any(grant.rows is None for grant in self.grants if "read" in grant.do)

    def mode(self, name: str) -> Mode:
        """Tell how a field shows; the field's parents speak for it where it is not named itself."""
        if self.bound is not None:
            return min(replace(self, bound=None).mode(name), self.bound.mode(name), key=_RANK.__getitem__)
        if self.everything:
            return "read"
        rights = [_right(grant, name) for grant in self.grants if "read" in grant.do]
        found: Right = max(rights, key=_RANK.__getitem__, default="hidden")
        return "read" if found == "write" else found

    def reads(self, name: str) -> bool:
        """Tell whether the field may be searched, sorted and filtered by: it must be readable in every state."""
        return all(one.mode(name) == "read" for one in self._everywhere())

    def shows(self, name: str) -> bool:
        """Tell whether the field is shown at all, masked or in full, in any state."""
        return any(one.mode(name) != "hidden" for one in self._everywhere())

    def writes(self, name: str) -> bool:
        """Tell whether the field may be written."""
        if self.bound is not None and not self.bound.writes(name):
            return False
        return self.everything or any(
            _right(grant, name) == "write" and bool(grant.do & _WRITING) for grant in self.grants if "read" in grant.do
        )

    def within(self, state: str | None) -> "Access":
        """Return what may be done with records in one state."""
        if self.bound is None and not any(grant.states for grant in self.grants):
            return self
        bound = self.bound.within(state) if self.bound else None
        return replace(self, grants=tuple(grant.within(state) for grant in self.grants), bound=bound)

    def doing(self, action: str) -> "Access":
        """Return the access by those grants alone that allow an action: its rows, its fields."""
        if self.everything or action == "read":
            return self
        allowed = (replace(grant, do=grant.do | {"read"}) for grant in self.grants if action in grant.do)
        return replace(self, grants=tuple(allowed), bound=self.bound.doing(action) if self.bound else None)

    def _everywhere(self) -> list["Access"]:
        grants = [*self.grants, *(self.bound.grants if self.bound else ())]
        states = {state for grant in grants for state in grant.states}
        return [self.within(""), *(self.within(state) for state in sorted(states))] if states else [self]


NOTHING: Final = Access()
EVERYTHING: Final = Access(everything=True)


def _right(grant: Grant, name: str) -> Right:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (found := grant.fields.get(".".join(parts[:length]))) is not None:
            return found
    return "hidden" if name in PROTECTED else "write"


def covers(held: Access, grant: Grant, regions: Collection[str]) -> bool:
    """Tell whether somebody who holds `held` holds all that a grant gives, so that they may pass it on.

    Rows must be all rows for them, or the very same rule of somebody with regions; fields as open at least.
    """
    if held.everything:
        return True
    same = [one for one in held.grants if one.rows is None or (one.rows == grant.rows and bool(regions))]
    actions = frozenset[str]().union(*(one.do for one in same))
    names = {*grant.fields, *PROTECTED, *(name for one in same for name in one.fields)}
    names |= {name for one in (grant, *same) for stage in one.states.values() for name in stage.fields}
    states = {"", *grant.states, *(state for one in same for state in one.states)}
    return grant.do <= actions and all(_passes(grant.within(state), same, state, names) for state in states)


def _passes(grant: Grant, held: list[Grant], state: str, names: Collection[str]) -> bool:
    standing = [one.within(state) for one in held]
    return grant.do <= frozenset[str]().union(*(one.do for one in standing)) and all(
        _RANK[_right(grant, name)] <= max((_RANK[_right(one, name)] for one in standing), default=0) for name in names
    )
