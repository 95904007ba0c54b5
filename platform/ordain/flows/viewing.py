"""Saved views of lists: kept, renamed, shared, renewed and forgotten by their owners alone; columns remembered."""

from collections.abc import Sequence
from dataclasses import replace

from ordain.base.errors import Refused, problem
from ordain.base.ids import new_id
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import audit, views
from ordain.store.views import SavedView

MOST: int = 50


def save(services: Services, made: SavedView, origin: Origin) -> None:
    """Keep a new view; Refused where its owner has very many of this list."""
    with services.db.write() as conn:
        if sum(one.owner == made.owner for one in views.find(conn, made.list, made.owner)) >= MOST:
            zh, en = f"每个列表最多保存 {MOST} 个视图", f"A list takes at most {MOST} views of yours; delete one first"
            raise Refused([problem("title", "too_many_views", zh, en)])
        views.add(conn, made, services.now())
        audit.record(conn, origin, services.now(), "view.save", f"view:{made.id}", None, _told(made))


def change(services: Services, view_id: str, owner: str, made: SavedView | None, origin: Origin) -> SavedView | None:
    """Write a view of the owner's own anew, or forget it (None); return how it stood, None where there was none."""
    with services.db.write() as conn:
        standing = views.get(conn, view_id, owner)
        if standing is None or standing.owner != owner:
            return None
        if made is None:
            views.remove(conn, view_id)
        else:
            views.put(conn, replace(made, id=standing.id, list=standing.list, owner=owner))
        action = "view.delete" if made is None else "view.change"
        told = None if made is None else _told(made)
        audit.record(conn, origin, services.now(), action, f"view:{view_id}", _told(standing), told)
    return standing


def own(services: Services, view_id: str, owner: str) -> SavedView | None:
    """Return a view that is this owner's."""
    with services.db.read() as conn:
        found = views.get(conn, view_id, owner)
    return found if found is not None and found.owner == owner else None


def remember_columns(services: Services, subject: str, owner: str, columns: Sequence[str]) -> None:
    """Remember which columns somebody wants of a list; none gives the usual ones back."""
    with services.db.write() as conn:
        made = SavedView(new_id(), subject, owner, "", (), columns, shared=False)
        views.keep_columns(conn, made, services.now())


def _told(view: SavedView) -> dict[str, object]:
    return {"list": view.list, "title": view.title, "shared": view.shared}
