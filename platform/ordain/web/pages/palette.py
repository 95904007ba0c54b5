"""The palette: places, definitions and orders by a few letters, from anywhere (Ctrl-K)."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request, url_for

from ordain.base.text import Text
from ordain.store import definitions
from ordain.store.orders import find
from ordain.store.orders.find import OrderQuery
from ordain.web.here import services
from ordain.web.pages.definitions.build import kind_title
from ordain.web.pages.frame import frame
from ordain.web.pages.reader import given, reader
from ordain.web.policy import policy

palette: Final = Blueprint("palette", __name__)
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing to go to."""

    title: str
    what: str
    href: str
    icon: str


@palette.get("/palette")
@policy()
def hits() -> str:
    """Show what the letters may mean: places first, then definitions, then orders."""
    q = request.args.get("q", "").strip()[:100]
    found = [*_places(q), *(_definitions(q) if q else ()), *(_orders(q) if len(q) > 2 else ())]
    return render_template("parts/palette_hits.html", hits=found)


def _places(q: str) -> list[Hit]:
    wanted = q.casefold()
    return [
        Hit(place.title, group.title, place.href, place.icon)
        for group in frame().groups
        for place in group.places
        if wanted in place.title.casefold()
    ]


def _definitions(q: str) -> list[Hit]:
    if not given("definition").may("read"):
        return []
    show, wanted = reader(), q.casefold()
    with services().db.read() as conn:
        listed = definitions.listed(conn)
    return [
        Hit(
            show.text(Text.of(dict(item.title))) or item.key,
            kind_title(item.kind, show),
            url_for("definitions.one" if item.versions else "editor.edit", kind=item.kind, key=item.key),
            "braces",
        )
        for item in listed
        if wanted in f"{item.key} {' '.join(item.title.values())}".casefold()
    ][:_MOST]


def _orders(q: str) -> list[Hit]:
    if not given("order").may("read"):
        return []
    with services().db.read() as conn:
        page = find.find(conn, services().vault, given("order"), OrderQuery(q=q), limit=_MOST)
    return [
        Hit(item.number, item.title, url_for("order.index", order_id=item.id), "list-details") for item in page.items
    ]
