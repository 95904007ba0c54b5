"""People: the list, one person, somebody new, and what is done for whoever is locked out."""

from collections.abc import Callable

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.flows import staffing
from ordain.flows.people_reach import Contact
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import people as store
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.pages.people import build
from ordain.web.pages.people.context import Outcome
from ordain.web.pages.reader import reader
from ordain.web.policy import current_origin, policy

people = Blueprint("people", __name__, url_prefix="/admin/people")
_DONE = frozenset({"saved", "deactivated", "reactivated", "ended", "reset", "mailed"})


@people.get("")
@policy("person.read")
def index() -> str:
    """Show the list."""
    view = "gone" if request.args.get("view") == "gone" else "active"
    with services().db.read() as conn:
        page = build.listed(conn, reader(), request.args.get("q", "")[:100].strip(), view)
    return render_template("admin/people.html", page=page)


@people.get("/new")
@policy("person.edit")
def new() -> Response:
    """Show the form for somebody new."""
    return _new(Outcome())


@people.post("/new")
@policy("person.edit", step_up=True)
def add() -> Response:
    """Add somebody, and show the link to set their password, once, or mail it."""
    typed, mail_link = _typed("name"), request.form.get("link") == "mail"
    roles, regions = request.form.getlist("role"), request.form.getlist("region")
    try:
        made = staffing.add(
            services(), typed["name"], roles, regions, _contact(typed), current_origin(), mail_link=mail_link
        )
    except Refused as refused:
        return _new(Outcome(typed, roles, regions, _faults(refused)), 422)
    if mail_link:
        return _back(made.id, "mailed")
    return _page(made.id, Outcome(link=services().settings.base_url + made.link))


@people.get("/<person_id>")
@policy("person.read")
def one(person_id: str) -> Response:
    """Show one person."""
    done = request.args.get("done", "")
    return _page(person_id, Outcome(done=done if done in _DONE else ""))


@people.post("/<person_id>")
@policy("person.edit", step_up=True)
def change(person_id: str) -> Response:
    """Change how a person is called and reached, their roles and regions."""
    typed, roles, regions = _typed(), request.form.getlist("role"), request.form.getlist("region")
    try:
        _known(person_id)
        staffing.change(services(), person_id, roles, regions, _contact(typed), current_origin())
    except Refused as refused:
        return _page(person_id, Outcome(typed, roles, regions, _faults(refused)), 422)
    return _back(person_id, "saved")


@people.post("/<person_id>/deactivate")
@policy("person.edit", step_up=True)
def deactivate(person_id: str) -> Response:
    """Shut a person out everywhere at once."""
    return _act(person_id, staffing.deactivate, "deactivated")


@people.post("/<person_id>/reactivate")
@policy("person.edit", step_up=True)
def reactivate(person_id: str) -> Response:
    """Let a person in again."""
    return _act(person_id, staffing.reactivate, "reactivated")


@people.post("/<person_id>/end-sessions")
@policy("person.edit", step_up=True)
def end_sessions(person_id: str) -> Response:
    """Sign a person out everywhere."""
    return _act(person_id, staffing.end_sessions, "ended")


@people.post("/<person_id>/reset-factor")
@policy("person.edit", step_up=True)
def reset_factor(person_id: str) -> Response:
    """Forget a person's second factor."""
    return _act(person_id, staffing.reset_factor, "reset")


@people.post("/<person_id>/link")
@policy("person.edit", step_up=True)
def link(person_id: str) -> Response:
    """Make a fresh link to set a password, and show it once or mail it."""
    mail = request.form.get("link") == "mail"
    try:
        _known(person_id)
        made = staffing.new_link(services(), person_id, current_origin(), mail=mail)
    except Refused as refused:
        return _page(person_id, Outcome(faults=_faults(refused)), 422)
    return _back(person_id, "mailed") if mail else _page(person_id, Outcome(link=services().settings.base_url + made))


def _act(person_id: str, act: Callable[[Services, str, Origin], None], done: str) -> Response:
    try:
        _known(person_id)
        act(services(), person_id, current_origin())
    except Refused as refused:
        return _page(person_id, Outcome(faults=_faults(refused)), 422)
    return _back(person_id, done)


def _known(person_id: str) -> None:
    with services().db.read() as conn:
        if store.get(conn, person_id) is None:
            abort(404)


def _typed(*more: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("display_name", "mail", "phone", *more)}


def _contact(typed: dict[str, str]) -> Contact:
    return Contact(typed["display_name"], typed["mail"], typed["phone"])


def _faults(refused: Refused) -> dict[str, str]:
    return {item.path: item.message.get(current_language()) for item in refused.problems}


def _new(outcome: Outcome, status: int = 200) -> Response:
    with services().db.read() as conn:
        page = build.new(conn, reader(), outcome)
    return make_response(render_template("admin/person.html", page=page), status)


def _page(person_id: str, outcome: Outcome, status: int = 200) -> Response:
    with services().db.read() as conn:
        who = store.get(conn, person_id)
        if who is None:
            abort(404)
        page = build.one(conn, reader(), who, outcome)
    return make_response(render_template("admin/person.html", page=page), status)


def _back(person_id: str, done: str) -> Response:
    return redirect(url_for("people.one", person_id=person_id, done=done))
