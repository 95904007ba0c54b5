"""What a bulk action is: which rows it fits, what it asks for, and what it does with one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm, compile_staff_form
from ordain.flows.services import Services
from ordain.records.actor import Origin


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `key` is counted under, `text` told of it, `problems` say what kept it."""

    key: str
    text: Text
    problems: Sequence[Problem] = ()


# Does the action with one row: services, the list, the row, what was asked for, who asks.
Do = Callable[[Services, Any, Any, Mapping[str, Any], Origin], Outcome]


def _any(_: Any) -> bool:
    return True


def _all(query: Any) -> Any:
    return query


@dataclass(frozen=True, slots=True, eq=False)
class BulkAction:
    """One action. `fits` tells which rows it fits, `narrow` leaves of a query those; `reason` says why others stay.

    `right` is what the role must allow on the list's type; `fields` are asked for as form definitions write them.
    """

    key: str
    title: Text
    right: str
    icon: str
    do: Do
    fits: Callable[[Any], bool] = _any
    narrow: Callable[[Any], Any] = _all
    reason: Text = field(default_factory=lambda: Text("", ""))
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def form(self) -> StaffForm:
        """The form of what it asks for."""
        return _form(self)


def fitting(action: BulkAction, query: Any) -> Any:
    """Return the query of those rows that an action fits."""
    return action.narrow(query)


@lru_cache(maxsize=256)
def _form(action: BulkAction) -> StaffForm:
    title = {"zh": action.title.zh, "en": action.title.en}
    fields = {
        name: {key: value for key, value in one.items() if key != "required"} for name, one in action.fields.items()
    }
    return compile_staff_form({"key": action.key, "title": title, "spec": {"record": action.key, "fields": fields}})
