"""Channels: all at a glance, one with its runs, and what may be done with one: poll now, pause, resume."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.flows import publishing
from ordain.store import audit, schedule
from ordain.store.definitions import Version
from ordain.web.here import services
from ordain.web.pages.channels.build import all_channels, one_channel
from ordain.web.pages.reader import reader, wants_part
from ordain.web.pages.texts import _
from ordain.web.policy import current_origin, policy

channels = Blueprint("channels", __name__, url_prefix="/admin/channels")


@channels.get("")
@policy("channel.read")
def index() -> str:
    """Show all channels."""
    with services().db.read() as conn:
        page = all_channels(conn, reader())
    return render_template("admin/channels_page.html" if wants_part("channels") else "admin/channels.html", page=page)


@channels.get("/<key>")
@policy("channel.read")
def one(key: str) -> str:
    """Show one channel with its latest runs."""
    with services().db.read() as conn:
        version = _live(conn, key)
        page = one_channel(conn, version, reader(), errors_only=request.args.get("show") == "errors")
    return render_template("admin/channel_page.html" if wants_part("channel") else "admin/channel.html", page=page)


@channels.post("/<key>/poll")
@policy("channel.operate")
def poll(key: str) -> Response:
    """Ask the channel at the next tick."""
    with services().db.write() as conn:
        version, now = _live(conn, key), services().now()
        for name in ("poll", "files"):
            schedule.next_due(conn, f"{name}:{version.key}", now)
        audit.record(conn, current_origin(), now, "channel.poll", f"channel:{version.key}")
    return _back(key)


@channels.post("/<key>/pause")
@policy("channel.operate")
def pause(key: str) -> Response:
    """Publish the channel paused: what it is asked for next waits."""
    return _publish(key, paused=True)


@channels.post("/<key>/resume")
@policy("channel.operate")
def resume(key: str) -> Response:
    """Publish the channel running again."""
    return _publish(key, paused=False)


def _publish(key: str, *, paused: bool) -> Response:
    with services().db.read() as conn:
        document = dict(_live(conn, key).document)
    spec: dict[str, Any] = {name: value for name, value in document["spec"].items() if name != "paused"}
    if paused:
        spec["paused"] = True
    note = _("paused on the channels page") if paused else _("resumed on the channels page")
    publishing.publish(services(), [{**document, "spec": spec}], note, current_origin())
    return _back(key)


def _live(conn: sa.Connection, key: str) -> Version:
    found = services().live.at(conn).get("channel", key)
    if found is None:
        abort(404)
    return found


def _back(key: str) -> Response:
    """Return to where the button stood."""
    asked = request.form.get("back", "")
    return redirect(url_for("channels.one", key=key) if asked == "one" else url_for("channels.index"))
