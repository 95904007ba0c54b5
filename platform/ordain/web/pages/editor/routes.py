"""Editing definitions: every change is kept as a draft at once; publishing asks for a note."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain import kinds
from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.base.ids import is_key
from ordain.engines.form import act, blank, read
from ordain.engines.form.acting import WORDS, rows_at
from ordain.engines.form.folding import after
from ordain.engines.form.folding import drawn as drawn_parts
from ordain.flows import publishing
from ordain.flows.probing import ask_once
from ordain.flows.publishing import Conflict
from ordain.flows.tables import csv_lines, shown_safely
from ordain.flows.trying import suggested, try_mapping
from ordain.kinds import Kind
from ordain.store import definitions as store
from ordain.web.here import services
from ordain.web.pages.definitions.naming import shape_of
from ordain.web.pages.editor import build, conditions
from ordain.web.pages.editor.changeset import places_of, weighty_drafts
from ordain.web.pages.editor.composing import GRID, MAP, composed, gridded, mapped, relinked, renamed
from ordain.web.pages.editor.group import effect_view, group_of
from ordain.web.pages.editor.map_context import Open
from ordain.web.pages.reader import given, reader
from ordain.web.pages.texts import _
from ordain.web.policy import current_origin, policy, weighty_kind

editor = Blueprint("editor", __name__, url_prefix="/admin/definitions")
_OWN = frozenset({"csrf_token", "group", "seen", "act", "sample", "tab", "text", "part"})
_LARGEST = 800_000


@editor.get("/<kind>/new")
@policy("definition.edit")
def new(kind: str) -> str:
    """Show the page on which a definition of a kind is begun."""
    _kind(kind)
    return _new(kind, {"like": request.args.get("like", "")}, [])


@editor.post("/<kind>/new")
@policy("definition.edit")
def begin(kind: str) -> Response:
    """Begin a definition as a draft: from nothing, or like another one."""
    known, values = (
        _kind(kind),
        {name: request.form.get(name, "").strip() for name in ("key", "zh", "en", "like", "sample")},
    )
    key = values["key"]
    with services().db.read() as conn:
        taken = store.draft(conn, kind, key) is not None or store.live(conn, kind, key) is not None
        like = store.live(conn, kind, values["like"]) if values["like"] else None
    found = []
    if not is_key(key):
        found.append(problem("key", "bad_key", "请用小写字母、数字和连字符", "use small letters, digits and hyphens"))
    elif taken:
        found.append(problem("key", "taken", f"“{key}”已存在", f"“{key}” is there already; choose another name"))
    payload = None
    if values["sample"]:
        try:
            payload = json.loads(values["sample"])
        except json.BadJson as error:
            found.append(problem("sample", "bad_json", f"不是有效的 JSON：{error}", f"this is no valid JSON: {error}"))
    if found:
        return make_response(_new(kind, values, found), 422)
    document = dict(like.document) if like else blank(shape_of(known))
    if kind == "form" and like is None:
        document["spec"]["record"] = key  # the type is called as its form is, until somebody says otherwise
    title = {"zh": values["zh"] or values["en"] or key, "en": values["en"] or values["zh"] or key}
    document |= {"kind": kind, "key": key, "title": title, "schema_version": known.version}
    if isinstance(payload, dict):
        document = suggested(services(), {**document, "examples": [{"payload": payload}]})
    publishing.save_draft(services(), document, current_origin(), seen=None)
    return redirect(url_for("editor.edit", kind=kind, key=key))


@editor.get("/<kind>/<key>/edit")
@policy("definition.edit")
def edit(kind: str, key: str) -> str:
    """Show the editor."""
    with services().db.read() as conn:
        if store.draft(conn, kind, key) is None and store.live(conn, kind, key) is None:
            abort(404)
        tab, at = request.args.get("tab", ""), _open()
        page = build.editor(conn, _kind(kind), key, reader(), tab=tab, sample=_sample(), at=at)
    return render_template("admin/editor.html", page=page)


@editor.get("/<kind>/<key>/effect")
@policy("definition.edit")
def effect(kind: str, key: str) -> str:
    """Tell what a mapping's draft would make of all messages of a group that wait."""
    if kind != "mapping" or given("message").mode("raw") == "hidden":
        abort(404)
    view = effect_view(_standing(kind, key), reader())
    return render_template("admin/editor_effect.html", effect=view) if view else _("This draft cannot be tried yet")


@editor.post("/<kind>/<key>/edit")
@policy("definition.edit")
def save(kind: str, key: str) -> Response:
    """Keep what was posted as the draft, after the act of the button that was pressed; show it anew."""
    known, before = _kind(kind), _standing(kind, key)
    shape, act_said = shape_of(known), request.form.get("act", "")
    posted_pairs = ((name, text) for name, text in request.form.items(multi=True) if name not in _OWN)
    rows = conditions.composed(posted_pairs, before.get("spec") or {}, act_said)
    pairs = composed(rows.pairs)
    posted = read(shape, pairs, before)
    document: Any = posted.document if isinstance(posted.document, Mapping) else before
    problems = posted.problems
    if kind == "mapping":
        document, found = _of_mapping(document, before, act_said)
        problems = [*problems, *found]
    drawn, (word, _, rest) = drawn_parts(pairs), act_said.partition(":")
    name, _, setting = rest.partition("=")
    if word == "open":
        drawn.add(name)
    elif word in WORDS:
        document = act(shape, document, word, name, setting)
        drawn = after(drawn, word, name, rows_at(document, name))
    moved = rows.moved(pairs)
    if word in WORDS:
        moved = replace(moved, open=after(moved.open, word, name, rows_at(document, name)), trees={})
    return _kept(known, key, document, problems, posted.typed, drawn=drawn, rows=moved)


def _of_mapping(document: Any, before: Mapping[str, Any], said: str) -> tuple[Any, list[Problem]]:
    """Return a mapping's draft with what its editor posts beside the form: tables, targets, suggestions."""
    form = request.form
    names = renamed(form, before)
    document, found = gridded({**document, "spec": relinked(document.get("spec"), names)}, form, names, said)
    if any(name.startswith(MAP) and text.strip() for name, text in form.items()):
        document = mapped(document, form, try_mapping(services(), document, _sample(), group_of()).payload)
    if said == "suggest":
        document = suggested(services(), document, _sample())
    return document, found


@editor.get("/mapping/<key>/edit/table.csv")
@policy("definition.edit")
def table(key: str) -> Response:
    """Give one lookup table of the draft as CSV."""
    lookups = _standing("mapping", key).get("spec", {}).get("lookups") or {}
    wanted = request.args.get("table", "")
    content = lookups.get(wanted)
    if not isinstance(content, Mapping):
        abort(404)
    rows = [(shown_safely(name), shown_safely(value)) for name, value in content.items()]
    text = "".join(csv_lines(rows[0], rows[1:])) if rows else ""
    answer = make_response("\ufeff" + text)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = "".join(letter for letter in wanted if letter.isalnum() or letter in "-_") or "table"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    return answer


@editor.post("/<kind>/<key>/edit/json")
@policy("definition.edit")
def save_json(kind: str, key: str) -> Response:
    """Keep posted JSON as the draft; what is no JSON stays as typed, with the line that is wrong."""
    known, text = _kind(kind), request.form.get("text", "")
    _standing(kind, key)
    try:
        document = json.loads(text, limit=_LARGEST)
    except json.BadJson as error:
        found = [problem("", "bad_json", f"不是有效的 JSON：{error}", f"this is no valid JSON: {error}")]
        return _shown(known, key, unread=found, text=text, status=422)
    if not isinstance(document, dict) or (document.get("kind"), document.get("key")) != (kind, key):
        zh, en = f"kind 必须为 {kind}，key 必须为 {key}", f"kind must be {kind} and key must be {key}"
        return _shown(known, key, unread=[problem("key", "other_place", zh, en)], text=text, status=422)
    return _kept(known, key, document, [], {}, tab="json", text=text)


@editor.post("/channel/<key>/edit/ask")
@policy("channel.operate")
def ask(key: str) -> Response:
    """Ask the channel once as the draft says, and show what came back."""
    document = _standing("channel", key)
    try:
        probe, found = ask_once(services(), document), []
    except Refused as refused:
        probe, found = None, list(refused.problems)
    return _shown(_kind("channel"), key, unread=found, probe=probe, status=422 if found else 200)


@editor.post("/<kind>/<key>/publish")
@policy("definition.publish", step_up=lambda arguments: weighty_kind(arguments) or weighty_drafts(arguments))
def publish(kind: str, key: str) -> Response:
    """Publish the draft, with the drafts chosen to go with it; back to the editor with what keeps it from running."""
    places, note = [(kind, key), *places_of(request.form.getlist("draft"))], request.form.get("note", "")
    try:
        publishing.publish_drafts(services(), places, note.strip()[:2000], current_origin())
    except Refused as refused:
        return _shown(_kind(kind), key, unread=refused.problems, status=422)
    return redirect(url_for("definitions.one", kind=kind, key=key))


@editor.post("/<kind>/<key>/discard")
@policy("definition.edit")
def discard(kind: str, key: str) -> Response:
    """Forget the draft."""
    publishing.discard_draft(services(), kind, key, current_origin())
    with services().db.read() as conn:
        there = store.live(conn, kind, key) is not None
    return redirect(
        url_for("definitions.one", kind=kind, key=key) if there else url_for("definitions.index", kind=kind)
    )


@editor.post("/<kind>/<key>/rollback")
@policy("definition.publish", step_up=weighty_kind)
def roll_back(kind: str, key: str) -> Response:
    """Make an earlier version live again."""
    number = request.form.get("version", "")
    if not number.isdecimal() or len(number) > 9:
        abort(404)
    publishing.roll_back(services(), kind, key, int(number), current_origin())
    return redirect(url_for("definitions.one", kind=kind, key=key))


@editor.post("/<kind>/<key>/restore")
@policy("definition.edit")
def restore(kind: str, key: str) -> Response:
    """Take an earlier version up as the draft."""
    number = request.form.get("version", "")
    with services().db.read() as conn:
        found = store.get(conn, kind, key, int(number)) if number.isdecimal() and len(number) < 9 else None
    if found is None:
        abort(404)
    publishing.save_draft(services(), found.document, current_origin(), seen=None)
    return redirect(url_for("editor.edit", kind=kind, key=key))


def _kept(
    kind: Kind, key: str, document: Any, unread: list[Problem], typed: Mapping[str, str], **more: Any
) -> Response:
    document = {**document, "kind": kind.name, "key": key}
    seen = request.form.get("seen") or None
    saved = publishing.save_draft(services(), document, current_origin(), seen=seen)
    conflict = saved if isinstance(saved, Conflict) else None
    return _shown(kind, key, document=document, unread=unread, typed=typed, conflict=conflict, **more)


def _shown(kind: Kind, key: str, *, status: int = 200, **more: Any) -> Response:
    more.setdefault("tab", "json" if "text" in more else "form")
    more.setdefault("at", _open())
    with services().db.read() as conn:
        page = build.editor(conn, kind, key, reader(), sample=_sample(), **more)
    whole = request.headers.get("HX-Request") != "true"
    template = "admin/editor.html" if whole else "admin/editor_work.html"
    return make_response(render_template(template, page=page), 409 if more.get("conflict") and whole else status)


def _new(kind: str, values: Mapping[str, str], found: list[Problem]) -> str:
    with services().db.read() as conn:
        page = build.new_page(conn, kind, reader(), values, found)
    return render_template("admin/definition_new.html", page=page)


def _kind(name: str) -> Kind:
    found = kinds.get(name)
    if found is None:
        abort(404)
    return found


def _standing(kind: str, key: str) -> Mapping[str, Any]:
    """Return the document that stands: the draft, else what runs; 404 where there is neither."""
    with services().db.read() as conn:
        draft, live = store.draft(conn, kind, key), store.live(conn, kind, key)
    found = draft.document if draft else live.document if live else None
    if found is None:
        abort(404)
    return found


def _open() -> Open:
    """Return which lookup table is open, and where in it the reader is."""
    form = request.values
    word, _, rest = form.get("act", "").partition(":")
    table, page = form.get(GRID, "")[:200], form.get("grid:page", "1")
    number = int(page) if page.isdecimal() and len(page) < 6 else 1
    part = rest if word == "part" else "" if word in ("up", "down", "remove") else form.get("part", "")
    found = Open(renamed(form, {}).get(table, table), form.get("grid:q", "")[:200], number, part[:200])
    if word == "grid-open":
        return Open(rest, part=part)
    return replace(found, page=int(rest)) if word == "grid-page" and rest.isdecimal() and len(rest) < 6 else found


def _sample() -> int:
    text = request.values.get("sample", "")
    g.sample = int(text) if text.isdecimal() and len(text) < 6 else 0
    return int(g.sample)
