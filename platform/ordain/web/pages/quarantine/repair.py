"""The form that repairs one case: fields with something wrong first, then the lines, then all the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for

from ordain.base.errors import Problem
from ordain.engines.mapping.wording import title_of
from ordain.flows.repairing import Field, RepairForm
from ordain.web.pages.lists import Fault, Option
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _
from ordain.web.pages.words import faults, state_word
from ordain.web.show import Show

_ALWAYS = ("buyer.name", "buyer.phone", "buyer.address.province", "buyer.address.city", "buyer.address.district",
           "buyer.address.street")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """One field: `name` as it is posted, `source` where the mapping reads it, `remark` what a correction did there."""

    id: str
    name: str
    title: str
    value: str
    kind: str
    options: Sequence[Option]
    faults: Sequence[str]
    source: str
    source_value: str
    remark: str
    writable: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class RepairView:
    """The form of one case."""

    action: str
    seen: str
    reason: str
    asked: Sequence[Input]
    lines: Sequence[Sequence[Input]]
    rest: Sequence[Input]
    elsewhere: Sequence[Fault]
    earlier: str
    refused: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed and refused, to be drawn once more."""

    message_id: str
    texts: Mapping[str, str]
    reason: str
    problems: Sequence[Problem] = field(default_factory=tuple)


def repair_view(form: RepairForm, tried: Tried | None, show: Show) -> RepairView:
    """Return the form as it is drawn; with what was typed where that was refused."""
    told: set[str] = set()
    drawn = [(one, _input(one, tried, told, show)) for one in form.fields]
    order = [(one, made) for one, made in drawn if not one.path.startswith("lines.")]
    wrong = {
        one.path for one, made in order if made.faults or one.problems or one.standing or one.overtaken is not None
    }
    lines: dict[str, list[Input]] = {}
    for one, made in drawn:
        if one.path.startswith("lines."):
            lines.setdefault(one.path.split(".")[1], []).append(made)
    asked = [made for one, made in order if one.path in wrong or one.path in _ALWAYS]
    inputs = {made.name for _, made in drawn}
    refused = [found for found in tried.problems if f"field:{found.path}" not in inputs] if tried else []
    return RepairView(
        url_for("quarantine.repair", message_id=form.message_id),
        form.seen,
        tried.reason if tried else "",
        asked,
        list(lines.values()),
        [made for _, made in order if made not in asked],
        faults(form.elsewhere, show),
        _earlier(form, show),
        faults(refused, show),
    )


def _input(one: Field, tried: Tried | None, told: set[str], show: Show) -> Input:
    new = [found for found in tried.problems if found.path == one.path] if tried else []
    old = [found for found in one.problems if f"{found.path}|{found.code}" not in told or found.path == "lines.sku"]
    told |= {f"{found.path}|{found.code}" for found in old}
    typed = tried.texts.get(one.path) if tried else None
    value = one.text if typed is None or not one.writable else typed
    name = one.path.split(".", 2)[2] if one.path.startswith("lines.") else one.path
    return Input(
        f"repair-{one.path.replace('.', '-')}",
        f"field:{one.path}",
        show.text(title_of(name)),
        value,
        one.type.family,
        [Option(key, state_word(key) if name == "state" else key, key == value) for key in one.type.options],
        [show.text(found.message) for found in (new or old)],
        one.source,
        one.source_value if given("message").mode("raw") == "read" else "",
        _remark(one),
        one.writable,
        one.shown,
    )


def _remark(one: Field) -> str:
    if one.overtaken is not None:
        return _(
            "The mapping reads a sound value by now; “%(value)s”, as corrected, no longer counts", value=one.overtaken
        )
    if one.standing:
        return _("Corrected; the mapping alone reads “%(value)s”", value=one.read or "—")
    return ""


def _earlier(form: RepairForm, show: Show) -> str:
    if form.repair is None:
        return ""
    return _(
        "%(who)s corrected this %(when)s: %(why)s",
        who=form.repair.by,
        when=show.exact(form.repair.at),
        why=form.repair.reason,
    )
