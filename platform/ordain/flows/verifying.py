"""Checking an installation: that what is stored holds together, and that what it needs is there."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ordain.base.errors import Problem, problem
from ordain.flows.key_health import examine_file, examine_keys
from ordain.flows.sealing import FILE, anchors
from ordain.flows.services import Services
from ordain.store import audit_chain, connections
from ordain.store.migrations import is_current
from ordain.store.stock import proof
from ordain.store.tables.orders import OrderLineRow, OrderRow
from ordain.store.vault import VaultError


def verify(services: Services) -> Iterator[Problem]:
    """Return what does not hold: sums of orders that are not held, levels of stock, the audit."""
    yield from _sums(services)
    with services.db.read() as conn:
        yield from _stock(conn)
    yield from _audit(services)


def _audit(services: Services) -> Iterator[Problem]:
    """Return what was done to the audit, the first bad row first."""
    seals = services.db.seals
    if seals is None:
        return
    thrown = anchors(services)
    with services.db.read() as conn:
        if not thrown and audit_chain.head(conn).count:
            yield problem(
                FILE,
                "no_anchor",
                "数据目录中没有操作日志的锚点文件，无法判断日志是否被截断",
                "the data folder holds no anchors of the audit: nobody can tell whether it was truncated",
            )
        yield from audit_chain.verify(conn, seals, thrown)


def _sums(services: Services) -> Iterator[Problem]:
    row = OrderRow
    sums = row.goods - row.seller_discount - row.platform_discount + row.freight + row.tax
    with services.db.read() as conn:
        wrong = conn.execute(sa.select(row.number).where(row.held == sa.false(), sums != row.total).limit(20))
        for number in wrong.scalars():
            yield problem(
                f"order {number}", "sums", "金额合计不等于应付", "goods - discounts + freight + tax is not the total"
            )
        lines = sa.func.coalesce(sa.func.sum(OrderLineRow.amount), 0)
        spread = (
            sa.select(row.number)
            .join(OrderLineRow, OrderLineRow.order_id == row.id)
            .where(row.held == sa.false())
            .group_by(row.id, row.number, row.total, row.freight, row.tax)
            .having(lines + row.freight + row.tax != row.total)
            .limit(20)
        )
        for number in conn.execute(spread).scalars():
            yield problem(
                f"order {number}", "line_sums", "行金额合计不等于应付", "the lines do not add up to the total"
            )


def _stock(conn: sa.Connection) -> Iterator[Problem]:
    """Return the levels that are not the sums they must be, and reservations whose lines deny their state."""
    for found in proof.standings(conn, drifted=True, limit=20):
        numbers = f"{found.on_hand}/{found.moved}, {found.reserved}/{found.open}"
        yield problem(
            f"stock {found.sku} {found.pool}",
            "stock_drift",
            f"现有与流水、预占与预占单合计不一致：{numbers}",
            f"on hand and its movements, reserved and its reservations disagree: {numbers}",
        )
    for sku, pool in proof.homeless(conn):
        yield problem(
            f"stock {sku} {pool}", "no_level", "有流水或预占，但没有库存记录", "told of, but there is no level"
        )
    for reference in proof.misfits(conn):
        yield problem(f"reservation {reference}", "misfit", "预占单与其状态不符", "its lines deny its state")


def examine(services: Services) -> Iterator[tuple[str, bool, str]]:
    """Return what an installation needs: each with whether it is well, and what is to be done."""
    settings = services.settings
    yield "home", settings.home.is_dir(), str(settings.home)
    yield from examine_file(services)
    try:
        current = is_current(services.db)
        yield "database", current, "schema is current" if current else "run: python app.py init"
    except SQLAlchemyError as error:
        yield "database", False, f"cannot be reached: {type(error).__name__}"
        return
    if not current:
        return
    with services.db.read() as conn:
        yield from examine_keys(services, conn)
        for name in connections.names(conn):
            try:
                connections.get(conn, services.vault, name)
                yield f"connection {name}", True, "opens"
            except VaultError as error:
                yield f"connection {name}", False, str(error)
