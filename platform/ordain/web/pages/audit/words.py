"""Actions, people and values of the audit in the reader's words."""

from collections.abc import Mapping
from typing import Any, Final

from ordain.base import json
from ordain.records.access import Access
from ordain.store.orders.find import AMOUNTS, order_mode
from ordain.web.pages.lists import Option
from ordain.web.pages.story import CHANGED, DOTS, field_word
from ordain.web.pages.texts import Word, _, later
from ordain.web.pages.words import lane_word, state_word
from ordain.web.show import NOTHING, Show

_ACTIONS: Final[Mapping[str, Word]] = {
    "order.receive": later("Order received"),
    "order.update": later("Order updated"),
    "order.edit": later("Own fields written"),
    "order.reveal": later("Covered value shown in full"),
    "return_request.receive": later("Return request received"),
    "return_request.update": later("Return request updated"),
    "message.discard": later("Message discarded"),
    "definition.draft": later("Draft saved"),
    "definition.discard": later("Draft given up"),
    "definition.publish": later("Definition published"),
    "definition.roll_back": later("Definition rolled back"),
    "connection.set": later("Connection set"),
    "connection.renew": later("Channel's access renewed"),
    "channel.poll": later("Channel asked by hand"),
    "catalogue.add": later("Products added"),
    "login": later("Signed in"),
    "login.failed": later("Sign-in failed"),
    "logout": later("Signed out"),
    "password.set": later("Password set"),
    "person.add": later("Person added"),
    "view_as.begin": later("Looks as a role"),
    "view_as.end": later("Looks as themselves again"),
    "person.change": later("Person changed"),
    "person.edit": later("Person changed"),
    "person.deactivate": later("Person deactivated"),
    "person.reactivate": later("Person reactivated"),
    "token.add": later("API token made"),
    "audit.strange": later("Foreign row in the audit"),
    "vault.unreadable": later("Protected value cannot be read"),
    "installation.backup": later("Backed up"),
    "installation.restore": later("Restored from a backup"),
    "keys.rotate": later("Keys rotated"),
    "role.view": later("Viewed as another role"),
    "role.view_end": later("Back to own role"),
}
URGENT: Final = frozenset({"audit.strange", "vault.unreadable"})
_TYPES: Final[Mapping[str, Word]] = {
    "order": later("Order"),
    "return_request": later("Return request"),
    "shipment": later("Shipment"),
    "record": later("Record"),
    "message": later("Message"),
    "definition": later("Definition"),
    "connection": later("Connection"),
    "channel": later("Channel"),
    "person": later("Person"),
    "token": later("API token"),
    "catalogue": later("Catalogue"),
    "audit": later("Audit log"),
    "keys": later("Keys"),
}
_FIELDS: Final[Mapping[str, Word]] = {
    "version": later("Version"),
    "note": later("Note"),
    "reason": later("Reason"),
    "fields": later("Fields"),
    "field": later("Field"),
    "changed": later("Changed fields"),
    "roles": later("Roles"),
    "role": later("Role"),
    "name": later("Name"),
    "secrets": later("Secrets"),
    "base_url": later("Address"),
    "hosts": later("Hosts"),
    "hash": later("Content hash"),
    "products": later("Products"),
}
_LONGEST: Final = 300


def action_word(action: str) -> str:
    """Return what was done; an action without a word as it is called."""
    known = _ACTIONS.get(action)
    if known is not None:
        return str(known)
    act = action.rpartition(".")[2]
    plain = {"create": _("Record created"), "change": _("Record changed"), "move": _("Record moved on")}
    return plain.get(act, action)


def action_options(actions: list[str], chosen: str) -> list[Option]:
    """Return the actions there are entries of, by their words."""
    words = sorted((action_word(name), name) for name in actions)
    return [Option(name, word, name == chosen) for word, name in words]


def type_word(entity: str) -> str:
    """Return what kind of thing an entity is."""
    kind = entity.partition(":")[0]
    known = _TYPES.get(kind)
    return str(known) if known is not None else kind


def actor_word(actor: str, on_behalf_of: str | None = None) -> str:
    """Return who acted: a person by name, a job of ours as such."""
    kind, _sep, name = actor.partition(":")
    if kind == "system":
        word = _("System: %(job)s", job=name)
        return _("%(who)s for %(person)s", who=word, person=on_behalf_of) if on_behalf_of else word
    return name or _("Nobody signed in")


def audit_field(name: str) -> str:
    """Return a field's name in the reader's words."""
    known = _FIELDS.get(name)
    return str(known) if known is not None else field_word(name)


def audit_value(name: str, value: Any, currency: str, access: Access | None, show: Show) -> str:
    """Return a value as this reader may be told it: what their role covers on the record is covered here."""
    if value in (None, "", [], {}):
        return NOTHING
    if value == CHANGED:
        return _("changed")
    if access is not None and order_mode(access, name) != "read":
        return DOTS
    if name in AMOUNTS and isinstance(value, int) and currency:
        return show.money(value, currency)
    match name, value:
        case "state", str():
            return state_word(value)
        case "priority", str():
            return lane_word(value)
        case _, bool():
            return _("yes") if value else _("no")
        case _, list():
            return _(", ").join(str(item) for item in value)[:_LONGEST]
        case _, dict():
            return json.dumps(value).decode()[:_LONGEST]
        case _:
            return str(value)[:_LONGEST]
