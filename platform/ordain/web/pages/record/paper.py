"""A record as a sheet of paper: what it is, its fields and lines, who printed it when."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from ordain.engines.form.staff import StaffForm
from ordain.records.actor import User
from ordain.store.records import Record
from ordain.web.pages.lists import State
from ordain.web.pages.record.context import Block
from ordain.web.pages.record.words import name_of_record, state_of
from ordain.web.pages.texts import _
from ordain.web.show import Show


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet; `sums` stand under the tables, `foot` says who printed it when."""

    title: str
    kind: str
    state: State | None
    blocks: Sequence[Block]
    foot: str
    sums: Sequence[tuple[str, str, bool]] = ()


def paper_page(form: StaffForm, record: Record, blocks: Sequence[Block], show: Show) -> Paper:
    """Return the paper of a record."""
    state = state_of(form, record.state, show)
    return Paper(name_of_record(form, record), show.text(form.title), state, blocks, foot(show))


def foot(show: Show) -> str:
    """Return who printed it, and when."""
    name = g.actor.name if isinstance(g.actor, User) else ""
    return _("Printed by %(name)s, %(time)s", name=name, time=show.exact(show.now))
