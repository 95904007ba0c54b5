"""What an operation is: a small form, and the flow that does what it asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ordain.base.errors import Refused
from ordain.base.text import Text
from ordain.engines.form.staff import StaffForm, compile_staff_form
from ordain.flows.services import Services
from ordain.language.schema import check_document
from ordain.records.actor import Origin
from ordain.records.types.built_in import Field
from ordain.store.records import Record

# Does the operation and returns what to tell: on one record, or on the list (None). Refused with problems by field.
Flow = Callable[[Services, Record | None, Mapping[str, Any], Origin], Text]

_NONE: Final = Text("", "")


def _any(_: Record) -> bool:
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation: `fields` as form definitions write them; `on` is "record" or "list"; `offered` tells for which."""

    key: str
    title: Text
    fields: Mapping[str, Field]
    flow: Flow
    on: str = "record"
    offered: Callable[[Record], bool] = _any
    danger: bool = False
    help: Text = _NONE

    @property
    def form(self) -> StaffForm:
        """The operation's form, compiled."""
        return _form(self)


@lru_cache(maxsize=256)
def _form(operation: Operation) -> StaffForm:
    spec = {"record": operation.key, "fields": operation.fields}
    title = {"zh": operation.title.zh, "en": operation.title.en}
    return compile_staff_form({"key": operation.key, "title": title, "spec": spec})


def perform(
    services: Services, operation: Operation, record: Record | None, data: Mapping[str, Any], origin: Origin
) -> Text:
    """Do the operation and return what to tell; Refused with every problem of what was given."""
    found = check_document(operation.form.schema, data)
    if found:
        raise Refused(found)
    return operation.flow(services, record, data, origin)
