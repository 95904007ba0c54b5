"""Step-up: before a weighty act somebody signed in proves once more who they are; the proof holds for five minutes.

What was posted is not lost: the page that asks carries it along and sends it on with the proof, to the same address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.flows import demo, login_factor
from ordain.flows.login_factor import FRESH
from ordain.store import factors
from ordain.store.sessions import Session
from ordain.web import session
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.policy import Policy, current_origin, policy, policy_of
from ordain.web.problems import answer

step_up: Final = Blueprint("step_up", __name__)
PROOF: Final = "step_up_proof"
HEADER: Final = "X-Step-Up"  # a program whose owner has a second factor sends a code along
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN: Final = frozenset({PROOF, "csrf_token"})


@dataclass(frozen=True, slots=True)
class StepUpPage:
    """What the page shows: where the proof goes, what goes with it, what is asked for, what was wrong."""

    action: str
    fields: Sequence[tuple[str, str]]
    by_code: bool
    hint: str
    problem: str
    back: str


def asked_of(asked: Policy) -> Response | None:
    """Return the page, or problem, that asks for a proof; None where none is due, or a good one came along."""
    needed = asked.step_up(request.view_args or {}) if callable(asked.step_up) else asked.step_up
    if not needed:
        return None
    if asked.kind == "api" and g.holder is not None:
        return _of_program()
    held = session.current()
    if held is None:
        abort(401)
    if is_proven(held):
        return None
    if asked.kind == "api":
        return _required()
    if request.method in _SAFE:
        return _page(held, url_for("step_up.prove"), _place())
    return _of_post(held)


def is_proven(held: Session) -> bool:
    """Tell whether somebody proved who they are within the last five minutes."""
    return held.proven_at is not None and services().now() - held.proven_at <= FRESH


@step_up.post("/step-up")
@policy(rate="login")
def prove() -> Response:
    """Take the proof, then lead on to the page that asked for it, or begin its download."""
    held = session.current()
    if held is None:
        abort(404)
    target = _target()
    fields = [(name, request.form.get(name, "")) for name in ("endpoint", "arguments")]
    proven = login_factor.step_up(services(), held, request.form.get(PROOF, ""), current_origin())
    if isinstance(proven, Problem):
        return _page(held, url_for("step_up.prove"), fields, proven)
    session.renewed(proven)
    return make_response(render_template("session/proven.html", target=target))


@step_up.get("/step-up")
@policy()
def index() -> Response:
    """Nothing is asked for here by itself."""
    return redirect(url_for("orders.index"))


def _of_post(held: Session) -> Response | None:
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _OWN]
    action = request.full_path.rstrip("?")
    if PROOF not in request.form:
        return _page(held, action, fields)
    proven = login_factor.step_up(services(), held, request.form[PROOF], current_origin())
    if isinstance(proven, Problem):
        return _page(held, action, fields, proven)
    session.renewed(proven)
    return None


def _of_program() -> Response | None:
    """Take a program's proof: those of the command line need none, a person's send a code of its owner along."""
    if not g.holder.owned or login_factor.proves(services(), g.actor.id, request.headers.get(HEADER, "")):
        return None
    return _required()


def _required() -> Response:
    zh = f"请在请求头 {HEADER} 中附上当前验证码，或在页面中完成二次验证"
    en = f"Send a current code of the second factor in the header {HEADER}, or do this on the pages"
    return answer(403, [problem("", "step_up_required", zh, en)])


def _page(held: Session, action: str, fields: Sequence[tuple[str, str]], found: Problem | None = None) -> Response:
    """Draw the page; for htmx a dialog over the page that asked, which stays as it is."""
    part = request.headers.get("HX-Request") == "true"
    message = found.message.get(current_language()) if found else ""
    with services().db.read() as conn:
        by_code = factors.confirmed(conn, held.user.id) is not None
    page = StepUpPage(action, fields, by_code, _hint(held), message, _back())
    made = make_response(render_template("session/step_up_part.html" if part else "session/step_up.html", page=page))
    if part:
        made.headers.update({"HX-Retarget": "body", "HX-Reswap": "beforeend"})
    else:
        made.status_code = 403
    return made


def _hint(held: Session) -> str:
    """Return the password of somebody of the demo, who was never told it."""
    known = {who.name for who in demo.people(services())}
    return demo.password(services(), held.user.name) if held.user.name in known else ""


def _place() -> list[tuple[str, str]]:
    """Return the page that was asked for as an endpoint with its arguments: no address goes out and comes back."""
    arguments: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    return [("endpoint", request.endpoint or ""), ("arguments", json.dumps(arguments).decode())]


def _target() -> str:
    """Return the address of the page that asked; 404 where the form names none of ours that asks for a proof."""
    endpoint = request.form.get("endpoint", "")
    asked = policy_of(current_app, endpoint)
    try:
        arguments = json.loads(request.form.get("arguments", "") or "{}")
        if asked is None or not asked.step_up or not isinstance(arguments, Mapping):
            abort(404)
        names = {str(name): value for name, value in arguments.items() if not str(name).startswith("_")}
        return url_for(endpoint, **names)
    except (json.BadJson, BuildError, TypeError, ValueError):
        abort(404)


def _back() -> str:
    """Return the page of ours that one came from; the list of orders where that cannot be told."""
    origin, _, path = (request.referrer or "").partition(request.host)
    try:
        if origin.endswith("://") and path.startswith("/"):
            endpoint, arguments = current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
            return url_for(endpoint, **arguments)
    except HTTPException:
        pass
    return url_for("orders.index")
