"""The fields and states of forms in the reader's words; lists and pages of records use the same."""

from collections.abc import Mapping
from typing import Any, Final

from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm, record_name
from ordain.store.records import Record
from ordain.web.pages.lists import State
from ordain.web.pages.texts import _
from ordain.web.pages.words import field_words
from ordain.web.show import Show

_TONES: Final[Mapping[str, Any]] = {"open": "idle"} | {
    name: name for name in ("done", "running", "look", "act", "unknown", "off")
}


def title_of(form: StaffForm, name: str, show: Show) -> str:
    """Return what a field is called."""
    own = {"created_at": _("Created"), "updated_at": _("Changed"), "created_by": _("By"), "state": _("State")}
    found = form.fields.get(name)
    return show.text(Text.of(found["title"])) if found else own.get(name, name)


def words_of(form: StaffForm, name: str, value: Any, show: Show, currency: str = "") -> str:
    """Return a value in words: titles of choices and states, amounts with their currency."""
    if name == "state" and name not in form.fields:
        state = form.states.get(str(value))
        return show.text(state.title) if state else str(value)
    return field_words(form.fields.get(name, {}), value, show, currency or "CNY")


def state_of(form: StaffForm, key: str, show: Show) -> State | None:
    """Return a record's state as its mark and word; None where it has none. One the form does not name is called so."""
    state = form.states.get(key)
    if state is None:
        return State("idle", key) if key else None
    return State(_TONES.get(state.mark, "idle"), show.text(state.title))


def is_number(form: StaffForm, name: str) -> bool:
    """Tell whether a field stands to the right in its column."""
    return form.fields.get(name, {}).get("type") in ("integer", "decimal", "money")


def name_of_record(form: StaffForm, record: Record) -> str:
    """Return what people call a record."""
    return record_name(form, record.number, record.label)
