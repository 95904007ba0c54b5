"""What rows can become, and who may make it so: records of a form, orders of a channel, orders' own fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.importing import Goal, Plan
from ordain.flows.importing.into_fields import fields_target
from ordain.flows.importing.into_orders import order_targets
from ordain.flows.importing.into_records import record_targets
from ordain.flows.importing.units import Judged, Look, Unit
from ordain.flows.recording import forms
from ordain.flows.services import Services
from ordain.records.actor import Origin, User
from ordain.store.access import access
from ordain.store.definitions import Live
from ordain.store.imports.rows import Row

__all__ = ["Judged", "Look", "Target", "Unit", "may_import", "target_of", "targets"]


class Target(Protocol):
    """What rows become. `into` is its name ("record:product"), `permission` the right its work is held to.

    `goals` are the fields to fill. There are none where the channel's own mapping reads the file's `columns`; `fills`
    then tells the column of each field. `atomic` is how many rows go in at once, `atomic_changes` how many that stood.
    """

    @property
    def into(self) -> str:
        """Its name."""

    @property
    def goals(self) -> Sequence[Goal]:
        """The fields to fill."""

    @property
    def columns(self) -> Sequence[str]:
        """The names a file has that the channel's own mapping reads."""

    @property
    def fills(self) -> Mapping[str, str]:
        """The column of each field, where the plan does not say."""

    @property
    def reads_cells(self) -> bool:
        """Whether writing needs the rows' cells once more; else what was found out about them is enough."""

    @property
    def atomic(self) -> int:
        """How many rows go in at once."""

    @property
    def atomic_changes(self) -> int:
        """How many of them may change what stood."""

    @property
    def title(self) -> Text:
        """What people call it."""

    @property
    def permission(self) -> str:
        """The right its work is held to."""

    def match(self, plan: Plan, /) -> tuple[str, ...]:
        """Return the fields that tell records apart under this plan; () for the whole row."""

    def missing(self, plan: Plan, names: Sequence[str], /) -> list[Problem]:
        """Return what a plan lacks before its rows can be looked at."""

    def keys(self, look: Look, row: Row, values: Mapping[str, Any], /) -> str | None:
        """Return what tells this row's record apart as text; None where the row stands alone."""

    def standing(self, look: Look, after: str | None, /) -> tuple[dict[str, str], str | None]:
        """Return a page of what stands, text that tells it apart -> its id; and where the next page begins."""

    def judge(self, look: Look, units: Sequence[Unit], /) -> list[Judged]:
        """Return what each unit would become; nothing is written."""

    def write(self, look: Look, groups: Sequence[Sequence[Row]], origin: Origin, /) -> Mapping[int, tuple[str, str]]:
        """Make groups of rows so that were judged, in the running transaction; return by number what became of them."""


def targets(services: Services, conn: sa.Connection, actor: User) -> list[Target]:
    """Return what this person may bring files into."""
    live = services.live.at(conn)
    return [
        *order_targets(live, actor),
        *fields_target(live, actor),
        *record_targets(live, actor),
    ]


def may_import(live: Live, actor: User) -> bool:
    """Tell whether this person may bring files into anything."""
    if access(live, actor, "order").may("import") or fields_target(live, actor):
        return True
    given = ((form, access(live, actor, form.right)) for form in forms(live))
    return any((one.may("create") and form.made_here) or one.may("edit") for form, one in given)


def target_of(services: Services, conn: sa.Connection, actor: User, into: str) -> Target | None:
    """Return one of them; None where there is none, or not for this person."""
    return next((found for found in targets(services, conn, actor) if found.into == into), None)
