"""Definitions: the list by kind, one definition at any version, any two versions compared. Read-only."""

import sqlalchemy as sa
from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain import kinds
from ordain.store import definitions as store
from ordain.store.definitions import Version
from ordain.web.here import services
from ordain.web.pages.definitions import build
from ordain.web.pages.reader import given, reader
from ordain.web.policy import policy

definitions = Blueprint("definitions", __name__, url_prefix="/admin/definitions")


@definitions.get("")
@policy("definition.read")
def index() -> str:
    """Show the list."""
    kind = request.args.get("kind", "")
    if kind and kinds.get(kind) is None:
        abort(404)
    with services().db.read() as conn:
        page = build.listed(conn, kind, request.args.get("q", "").strip()[:100], reader())
    return render_template("admin/definitions.html", page=page, may_edit=given("definition").may("edit"))


@definitions.get("/<kind>/<key>")
@policy("definition.read")
def one(kind: str, key: str) -> str:
    """Show one definition: the live version, or the one asked for."""
    tab = "json" if request.args.get("tab") == "json" else "form"
    with services().db.read() as conn:
        history = _history(conn, kind, key)
        live = store.live(conn, kind, key)
        page = build.one(conn, history, _version(history, "version", live or history[0]), reader(), tab)
    return render_template("admin/definition.html", page=page)


@definitions.get("/<kind>/<key>/history")
@policy("definition.read")
def history(kind: str, key: str) -> Response:
    """Show the versions alone, for the drawer beside an editor; a page of its own without htmx."""
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("definitions.one", kind=kind, key=key))
    with services().db.read() as conn:
        found = store.history(conn, kind, key)
        versions = build.history_of(conn, kind, key, found, None, reader())
    return make_response(render_template("admin/definition_history.html", history=versions))


@definitions.get("/<kind>/<key>/compare")
@policy("definition.read")
def compare(kind: str, key: str) -> str:
    """Show two versions side by side: those asked for, else the newest and the one before it."""
    with services().db.read() as conn:
        history = _history(conn, kind, key)
        draft = store.draft(conn, kind, key)
        if draft is not None:
            history.insert(0, build.as_version(draft))
        right = _version(history, "right", history[0])
        left = _version(history, "left", build.before(history, right, store.live(conn, kind, key)))
        page = build.compared(conn, history, left, right, reader())
    return render_template("admin/definition_compare.html", page=page)


def _history(conn: sa.Connection, kind: str, key: str) -> list[Version]:
    found = store.history(conn, kind, key)
    if not found:
        abort(404)
    return found


def _version(history: list[Version], name: str, otherwise: Version) -> Version:
    """Return the version the address names; 404 for one that never was."""
    wanted = request.args.get(name, "")
    if not wanted:
        return otherwise
    number = "0" if wanted == "draft" else wanted
    found = next((version for version in history if str(version.number) == number), None)
    if found is None:
        abort(404)
    return found
