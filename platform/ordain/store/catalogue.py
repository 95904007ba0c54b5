"""The catalogue that product codes are checked by: SKUs and the other codes channels sell them under."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.text import Text
from ordain.store.adding import add_new
from ordain.store.among import among
from ordain.store.tables.orders import SkuAliasRow, SkuRow
from ordain.store.tables.stock import BundlePartRow

_OWN: Final = sa.select(SkuRow.sku).where(among(SkuRow.sku, "codes"), SkuRow.active)
_ALIASES: Final = (
    sa.select(SkuAliasRow.alias, SkuAliasRow.channel, SkuAliasRow.sku)
    .join(SkuRow, SkuRow.sku == SkuAliasRow.sku)
    .where(among(SkuAliasRow.alias, "codes"), SkuRow.active)
)


def resolve(conn: sa.Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the SKU for each known (channel, code); unknown codes are left out.

    A code is an active SKU itself, or an alias: the channel's own before one for all channels.
    """
    asked = set(wanted)
    codes = {code for _, code in asked}
    if not codes:
        return {}
    own = set(conn.scalars(_OWN, {"codes": list(codes)}))
    aliases: dict[tuple[str, str], str] = {}
    if codes - own:
        rows = conn.execute(_ALIASES, {"codes": list(codes - own)})
        aliases = {(row.channel, row.alias): row.sku for row in rows}
    found = {}
    for channel, code in asked:
        sku = code if code in own else aliases.get((channel, code)) or aliases.get(("", code))
        if sku:
            found[channel, code] = sku
    return found


def add(conn: sa.Connection, products: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Make products known that were not: `{sku, title{zh, en}, price, currency, aliases, bundle}`; count the new ones.

    `bundle` says how many of which SKUs a bundle is made of; they stand before it or are known.
    """
    new = 0
    for product in products:
        title = Text.of(product["title"])
        row = {
            "sku": product["sku"],
            "title_zh": title.zh,
            "title_en": title.en,
            "price": int(product["price"]),
            "currency": product["currency"],
            "active": True,
            "created_at": now,
            "updated_at": now,
        }
        new += add_new(conn, SkuRow, ["sku"], row)
        for alias in product.get("aliases", ()):
            code, channel = (alias, "") if isinstance(alias, str) else (alias["code"], alias.get("channel", ""))
            values = {"alias": code, "channel": channel, "sku": product["sku"]}
            add_new(conn, SkuAliasRow, ["alias", "channel"], values)
        for sku, quantity in product.get("bundle", {}).items():
            part = {"bundle": product["sku"], "sku": sku, "quantity": quantity}
            add_new(conn, BundlePartRow, ["bundle", "sku"], part)
    return new


def codes(conn: sa.Connection) -> list[str]:
    """Return every active SKU, for suggestions."""
    return list(conn.scalars(sa.select(SkuRow.sku).where(SkuRow.active).order_by(SkuRow.sku)))


def parts(conn: sa.Connection, skus: Iterable[str]) -> tuple[set[str], dict[str, list[tuple[str, int]]]]:
    """Return which of these are active SKUs, and for the bundles among them what they are made of."""
    known: set[str] = set()
    bundles: dict[str, list[tuple[str, int]]] = {}
    wanted = list(skus)
    if not wanted:
        return known, bundles
    for sku, part, quantity in conn.execute(_PARTS, {"codes": wanted}):
        known.add(sku)
        if part is not None:
            bundles.setdefault(sku, []).append((part, quantity))
    return known, bundles


_PARTS: Final = (
    sa.select(SkuRow.sku, BundlePartRow.sku, BundlePartRow.quantity)
    .outerjoin(BundlePartRow, BundlePartRow.bundle == SkuRow.sku)
    .where(among(SkuRow.sku, "codes"), SkuRow.active)
    .order_by(SkuRow.sku, BundlePartRow.sku)
)
