"""My account: one page of sections, each with its own small forms."""

from collections.abc import Sequence

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem
from ordain.flows import account as flow
from ordain.flows import login_factor
from ordain.flows.account import Reopened
from ordain.flows.login_factor import Enrolled
from ordain.flows.people_reach import Contact
from ordain.store.sessions import Session
from ordain.web import session
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.pages.account import build
from ordain.web.pages.account.context import Said
from ordain.web.pages.account.factor import codes_page, enrol_page
from ordain.web.pages.reader import reader
from ordain.web.policy import current_origin, policy

account = Blueprint("account", __name__, url_prefix="/account")
_SECTIONS = frozenset({"contact", "password", "factor", "sessions", "tokens"})


@account.get("")
@policy()
def index() -> Response:
    """Show my account."""
    done = request.args.get("done", "")
    return _page(Said(section=done, done=done) if done in _SECTIONS else Said())


@account.post("/contact")
@policy(step_up=True)
def contact() -> Response:
    """Write how I am called and reached."""
    typed = {name: request.form.get(name, "").strip() for name in ("display_name", "mail", "phone")}
    found = flow.write_contact(services(), _held(), Contact(**typed), current_origin())
    return _page(_said("contact", found, typed), 422) if found else _back("contact")


@account.post("/password")
@policy(rate="login")
def password() -> Response:
    """Change my password."""
    old, new = request.form.get("old", ""), request.form.get("password", "")
    made = flow.change_password(services(), _held(), old, new, session.agent(), current_origin())
    if not isinstance(made, Reopened):
        return _page(_said("password", made), 422)
    session.reopened(made.secret)
    return _back("password")


@account.get("/second-factor")
@policy(step_up=True)
def enrol() -> str:
    """Show the QR code of a new second factor."""
    return enrol_page(_held(), url_for("account.confirm"))


@account.post("/second-factor")
@policy(rate="login")
def confirm() -> Response | str | tuple[str, int]:
    """Take the first code of the app, and show the recovery codes."""
    held = _held()
    made = login_factor.confirm(services(), held, request.form.get("code", ""), session.agent(), current_origin())
    if not isinstance(made, Enrolled):
        return enrol_page(held, url_for("account.confirm"), made), 422
    session.reopened(made.secret)
    return codes_page(made.codes, url_for("account.index", done="factor"))


@account.post("/second-factor/drop")
@policy(step_up=True)
def drop() -> Response:
    """Switch my second factor off."""
    made = login_factor.drop(services(), _held(), session.agent(), current_origin())
    if isinstance(made, Problem):
        return _page(_said("factor", [made]), 422)
    session.reopened(made)
    return _back("factor")


@account.post("/second-factor/phone")
@policy(step_up=True)
def by_phone() -> Response:
    """Let codes come to my phone, too, or no longer."""
    login_factor.set_by_phone(services(), _held(), current_origin(), on=request.form.get("on") == "1")
    return _back("factor")


@account.post("/recovery-codes")
@policy(step_up=True)
def recovery_codes() -> Response | str:
    """Replace my recovery codes and show them."""
    codes = login_factor.new_codes(services(), _held(), current_origin())
    return codes_page(codes, url_for("account.index", done="factor")) if codes else _back("factor")


@account.post("/sessions/others/end")
@policy()
def end_others() -> Response:
    """Sign me out everywhere else."""
    flow.end_others(services(), _held(), current_origin())
    return _back("sessions")


@account.post("/sessions/<public_id>/end")
@policy()
def end_session(public_id: str) -> Response:
    """Sign me out in one place."""
    if not flow.end_session(services(), _held(), public_id, current_origin()):
        abort(404)
    return _back("sessions")


@account.post("/tokens")
@policy(step_up=True)
def add_token() -> Response:
    """Make a token and show it, this once."""
    name, days = request.form.get("name", ""), request.form.get("days", "")
    roles = request.form.getlist("role")
    number = int(days) if days.isdecimal() and len(days) < 6 else 0
    made = flow.add_token(services(), _held(), name, roles, number, current_origin())
    if not isinstance(made, str):
        return _page(_said("tokens", made, {"token_name": name}), 422)
    return _page(Said(section="tokens", token=made))


@account.post("/tokens/<token_id>/revoke")
@policy()
def revoke_token(token_id: str) -> Response:
    """End a token."""
    if not flow.revoke_token(services(), _held(), token_id, current_origin()):
        abort(404)
    return _back("tokens")


def _held() -> Session:
    """Return the session; programs have no account."""
    held = session.current()
    if held is None:
        abort(404)
    return held


def _page(said: Said, status: int = 200) -> Response:
    with services().db.read() as conn:
        page = build.account(conn, _held(), reader(), said)
    if page is None:
        abort(404)
    return make_response(render_template("staff/account.html", page=page), status)


def _said(section: str, found: Sequence[Problem], typed: dict[str, str] | None = None) -> Said:
    return Said(section, typed or {}, {item.path: item.message.get(current_language()) for item in found})


def _back(section: str) -> Response:
    return redirect(url_for("account.index", done=section, _anchor=section))
