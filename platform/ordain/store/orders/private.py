"""What lists of orders leave out: contacts and lines, for orders that are written out, as the role may see them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ordain.records.access import Access
from ordain.store.orders.show import mask_phone
from ordain.store.tables.orders import OrderLineRow, OrderRow
from ordain.store.vault import Unopened, Vault

CONTACTS: Final[Mapping[str, str]] = {"buyer.phone": "phone", "buyer.email": "email", "buyer.address.street": "street"}
_ROW: Final = OrderRow.__table__.c
_LINE: Final = OrderLineRow.__table__.c


def contacts(
    conn: sa.Connection, vault: Vault, given: Access, ids: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return these contacts of these orders; hidden ones are left out, masked ones masked. Callers saw the rows."""
    shown = [name for name in names if given.shows(name)]
    if not shown:
        return {}
    chosen = sa.select(_ROW.id, _ROW.state, *(_ROW[CONTACTS[name]].label(CONTACTS[name]) for name in shown))
    return {
        row["id"]: {name: _opened(vault, given, name, row) for name in shown}
        for row in conn.execute(chosen.where(_ROW.id.in_(ids))).mappings()
    }


def lines(conn: sa.Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Return the SKU and quantity of every line of these orders."""
    chosen = sa.select(_LINE.order_id, _LINE.sku, _LINE.quantity).where(_LINE.order_id.in_(ids))
    found: dict[str, list[tuple[str, int]]] = {}
    for order_id, sku, quantity in conn.execute(chosen.order_by(_LINE.order_id, _LINE.position)):
        found.setdefault(order_id, []).append((sku, quantity))
    return found


def _opened(vault: Vault, given: Access, name: str, row: Any) -> str:
    column, given = CONTACTS[name], given.within(row["state"])
    if row[column] is None or given.mode(name) == "hidden":
        return ""
    text = vault.show(f"orders.{column}", row["id"], row[column])
    if isinstance(text, Unopened) or given.mode(name) == "read":
        return text
    return mask_phone(text) if column == "phone" else "••••••"
