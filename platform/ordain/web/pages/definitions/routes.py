"""Definitions: the list by kind, one definition at any version, any two versions compared. Read-only."""

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request

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
    with services().db.read() as conn:
        history = _history(conn, kind, key)
        live = store.live(conn, kind, key)
        page = build.one(conn, history, _version(history, "version", live or history[0]), reader())
    return render_template("admin/definition.html", page=page)


@definitions.get("/<kind>/<key>/compare")
@policy("definition.read")
def compare(kind: str, key: str) -> str:
    """Show two versions side by side: those asked for, else the newest and the one before it."""
    with services().db.read() as conn:
        history = _history(conn, kind, key)
        right = _version(history, "right", history[0])
        left = _version(history, "left", next((item for item in history if item.number < right.number), right))
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
    found = next((version for version in history if str(version.number) == wanted), None)
    if found is None:
        abort(404)
    return found
