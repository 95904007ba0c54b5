"""People: who may sign in, with which roles and regions. The same rules as on the pages."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, abort, g
from werkzeug.wrappers import Response

from ordain.flows import staffing
from ordain.flows.notifying import mask
from ordain.flows.people_reach import Contact
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import factors
from ordain.store import people as store
from ordain.store.people import MAIL, PHONE, Person
from ordain.web.api.asking import PAGED, asked, body, described
from ordain.web.api.shapes import listed, reply, time_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_actor, current_origin, policy
from ordain.web.rights import may

people = Blueprint("api_people", __name__, url_prefix="/api/v1/people")
_KEYS: Final = {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": 50}
_PERSON: Final[dict[str, Any]] = {
    "display_name": {"type": "string", "maxLength": 64},
    "mail": {"type": "string", "maxLength": 254, "description": "empty for none"},
    "phone": {"type": "string", "maxLength": 32, "description": "empty for none"},
    "roles": _KEYS,
    "regions": _KEYS,
}
_CHANGE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["roles"],
    "properties": _PERSON,
}
_NEW: Final[dict[str, Any]] = {
    **_CHANGE,
    "required": ["name", "roles"],
    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 64}, **_PERSON},
}
_STATE: Final[dict[str, Any]] = {"active": {"type": "boolean"}}


@people.get("")
@policy("person.read", kind="api")
@described(query={**PAGED, **_STATE}, returns={200: "PersonList"}, errors=(422,))
def index() -> Response:
    """List all people, by name; `active` takes one side."""
    wanted = asked("active")
    with services().db.read() as conn:
        found = [who for who in store.find(conn) if wanted is None or who.active == wanted]
        g.holders = factors.holders(conn)
    return listed(found, _shown, lambda who: who.name)


@people.get("/<person_id>")
@policy("person.read", kind="api")
@described(returns={200: "Person"}, errors=(404,))
def one(person_id: str) -> Response:
    """Get one person."""
    return _answer(person_id)


@people.post("")
@policy("person.edit", kind="api", step_up=True)
@described(body=_NEW, returns={201: "Invited"}, errors=(409, 422))
@idempotent
def add() -> Response:
    """Add a person; `link` sets their password, once, within 24 hours."""
    given = body()
    made = staffing.add(
        services(), given["name"], given["roles"], given.get("regions", []), _contact(given), current_origin()
    )
    return reply({"id": made.id, "link": services().settings.base_url + made.link}, 201)


@people.put("/<person_id>")
@policy("person.edit", kind="api", step_up=True)
@described(body=_CHANGE, returns={200: "Person"}, errors=(404, 422))
def change(person_id: str) -> Response:
    """Change a person as a whole; other roles or regions end all they are signed in with."""
    given = body()
    _known(person_id)
    staffing.change(services(), person_id, given["roles"], given.get("regions", []), _contact(given), current_origin())
    return _answer(person_id)


@people.post("/<person_id>/deactivate")
@policy("person.edit", kind="api", step_up=True)
@described(returns={200: "Person"}, errors=(404, 422))
def deactivate(person_id: str) -> Response:
    """Shut a person out everywhere at once."""
    return _act(person_id, staffing.deactivate)


@people.post("/<person_id>/reactivate")
@policy("person.edit", kind="api", step_up=True)
@described(returns={200: "Person"}, errors=(404, 422))
def reactivate(person_id: str) -> Response:
    """Let a person sign in again."""
    return _act(person_id, staffing.reactivate)


@people.post("/<person_id>/end-sessions")
@policy("person.edit", kind="api", step_up=True)
@described(returns={200: "Person"}, errors=(404, 422))
def end_sessions(person_id: str) -> Response:
    """End all a person is signed in with, tokens included."""
    return _act(person_id, staffing.end_sessions)


@people.post("/<person_id>/reset-factor")
@policy("person.edit", kind="api", step_up=True)
@described(returns={200: "Person"}, errors=(404, 422))
def reset_factor(person_id: str) -> Response:
    """Forget the second factor of a person who lost it."""
    return _act(person_id, staffing.reset_factor)


@people.post("/<person_id>/link")
@policy("person.edit", kind="api", step_up=True)
@described(returns={200: "Invited"}, errors=(404, 422))
def link(person_id: str) -> Response:
    """Make a fresh link to set a password; earlier links end."""
    _known(person_id)
    made = staffing.new_link(services(), person_id, current_origin())
    return reply({"id": person_id, "link": services().settings.base_url + made})


def _act(person_id: str, act: Callable[[Services, str, Origin], None]) -> Response:
    _known(person_id)
    act(services(), person_id, current_origin())
    return _answer(person_id)


def _known(person_id: str) -> Person:
    with services().db.read() as conn:
        found = store.get(conn, person_id)
        g.holders = factors.holders(conn)
    if found is None:
        abort(404)
    return found


def _answer(person_id: str) -> Response:
    return reply(_shown(_known(person_id)))


def _contact(given: dict[str, Any]) -> Contact:
    return Contact(*(str(given.get(name, "")).strip() for name in ("display_name", "mail", "phone")))


def _shown(who: Person) -> dict[str, Any]:
    vault, whole = services().vault, may(services(), current_actor(), "person.edit")
    mail, phone = vault.show(MAIL, who.id, who.mail or None), vault.show(PHONE, who.id, who.phone or None)
    return {
        **{name: getattr(who, name) for name in ("id", "name", "display_name", "active", "demo")},
        "roles": list(who.roles),
        "regions": list(who.regions),
        "mail": mail if whole else mask(mail),
        "phone": phone if whole else mask(phone),
        "second_factor": who.id in g.holders,
        "entered_at": time_json(who.entered_at),
        "created_at": time_json(who.created_at),
    }
