"""Parcels that left are records of their own; those that left before are taken from the stories of their orders."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shipment = op.create_table(
        "shipment",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(128), nullable=False),
        sa.Column("carrier", sa.String(128), nullable=False),
        sa.Column("tracking", sa.String(128), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("shipped_at", Instant(), nullable=False),
        sa.Column("shipped_by", sa.String(128), nullable=False),
        sa.Column("extra", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipment_order_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("name", name=op.f("uq_shipment_name")),
    )
    op.create_index("ix_shipment_order", "shipment", ["order_id"])
    op.create_index("ix_shipment_shipped", "shipment", ["shipped_at"])
    op.create_index("ix_shipment_tracking", "shipment", ["tracking"])
    _take_over(op.get_bind(), shipment)


def _take_over(conn: sa.Connection, shipment: sa.Table) -> None:
    order = sa.table("orders", sa.column("id"), sa.column("number"))
    event = sa.table(
        "order_event", sa.column("id"), sa.column("order_id"), sa.column("at", Instant()), sa.column("type"),
        sa.column("data", Json),
    )  # fmt: skip
    told = (
        sa.select(event.c.id, event.c.order_id, event.c.at, event.c.data, order.c.number)
        .join(order, order.c.id == event.c.order_id)
        .where(event.c.type == "order.shipped")
        .order_by(event.c.id)
    )
    seen: dict[str, int] = {}
    for row in conn.execute(told).all():
        seen[row.order_id] = seen.get(row.order_id, 0) + 1
        lines = [{"sku": one["sku"], "quantity": one["quantity"]} for one in row.data.get("lines", [])]
        values = {
            "id": row.id, "name": f"{row.number}-{seen[row.order_id]}", "order_id": row.order_id,
            "order_number": row.number, "carrier": str(row.data.get("carrier", ""))[:128],
            "tracking": str(row.data.get("tracking", ""))[:128], "pieces": sum(one["quantity"] for one in lines),
            "lines": lines, "shipped_at": row.at, "shipped_by": str(row.data.get("by", ""))[:128], "extra": {},
            "version": 1, "updated_at": row.at,
        }  # fmt: skip
        conn.execute(sa.insert(shipment).values(**values))


def downgrade() -> None:
    op.drop_table("shipment")
