"""The columns an order list can show: what they are called, how they sort, what a role must read to see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ordain.base.text import Text
from ordain.records.access import Access
from ordain.store.fields import NUMBERS
from ordain.store.orders.find import OWN
from ordain.web.pages.listing.filtering import can_ask
from ordain.web.pages.lists import Head
from ordain.web.pages.orders.asked import Asked
from ordain.web.pages.texts import Word, later
from ordain.web.show import Show

FIRST: Final = "number"
USUAL: Final = (
    "number", "channel", "buyer", "goods", "quantity", "total", "state", "lane", "region", "waiting", "placed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """One column: `sort` is by what it sorts, `reads` the field a role must not have hidden."""

    title: Word
    kind: str = ""
    sort: str = ""
    reads: str = ""


_KNOWN: Final[Mapping[str, Known]] = {
    "number": Known(later("Order no."), sort="number"),
    "channel": Known(later("Channel")),
    "buyer": Known(later("Buyer"), reads="buyer.name"),
    "goods": Known(later("Goods")),
    "quantity": Known(later("Qty"), "num", "quantity", "lines"),
    "total": Known(later("Total"), "num", "total", "total"),
    "state": Known(later("State")),
    "lane": Known(later("Lane")),
    "region": Known(later("Region")),
    "waiting": Known(later("Waiting"), sort="received_at"),
    "placed_at": Known(later("Placed"), "num", "placed_at"),
    "external_id": Known(later("Channel's number")),
    "shop": Known(later("Shop")),
    "paid": Known(later("Paid amount"), "num", reads="total"),
    "place": Known(later("Place"), reads="buyer.address.city"),
    "paid_at": Known(later("Paid at"), "num"),
    "shipped_at": Known(later("Shipped at"), "num"),
    "received_at": Known(later("In the hub"), "num", "received_at"),
}


def titles(access: Access, own: Mapping[str, Mapping[str, Any]], show: Show) -> dict[str, str]:
    """Return all columns this reader may see, the business's own fields last."""
    found = {name: str(one.title) for name, one in _KNOWN.items() if not one.reads or access.shows(one.reads)}
    return found | {OWN + name: show.text(Text.of(field["title"])) for name, field in own.items()}


def heads(
    asked: Asked, path: str, columns: Mapping[str, str], access: Access, own: Mapping[str, Mapping[str, Any]]
) -> list[Head]:
    """Return the columns' heads; a click sorts by one, a second click the other way round."""
    return [_head(asked, path, name, title, access, own) for name, title in columns.items()]


def css(name: str) -> str:
    """Return the class a column's width goes by."""
    return "c-own" if name.startswith(OWN) else f"c-{name.removesuffix('_at')}"


def _head(asked: Asked, path: str, name: str, title: str, access: Access, own: Mapping[str, Mapping[str, Any]]) -> Head:
    known = _KNOWN.get(name)
    if known is not None:
        sort = known.sort if not known.reads or access.reads(known.reads) else ""
        kind = known.kind
    else:
        field = own[name.removeprefix(OWN)]
        sort = name if field.get("searchable") and can_ask(field, name.removeprefix(OWN)) else ""
        kind = "num" if field["type"] in NUMBERS else ""
    classes = f"{css(name)} {kind}".strip()
    if not sort:
        return Head(title, classes)
    order = {sort: "ascending", f"-{sort}": "descending"}.get(asked.sort, "")
    turned = sort if order == "descending" else f"-{sort}"
    return Head(title, classes, asked.but(sort=turned).href(path), order)
