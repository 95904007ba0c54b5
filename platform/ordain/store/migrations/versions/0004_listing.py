"""Lists count along indexes and keep what readers save of them."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WIDE = ("state", "held", "region", "priority", "channel", "total", "received_at", "paid_at", "shipped_at")


def upgrade() -> None:
    op.drop_index("ix_orders_placed", "orders")
    op.create_index("ix_orders_placed", "orders", ["placed_at", "id", *_WIDE])
    op.create_index("ix_orders_standing", "orders", ["state", "held", "priority", "region"])
    op.create_index("ix_orders_total", "orders", ["total", "id"])
    op.create_index("ix_orders_quantity", "orders", ["quantity", "id"])
    op.create_index("ix_orders_search", "orders", ["buyer_name", "title", "number", "external_id", "id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("list", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("query", Json, nullable=False),
        sa.Column("columns", Json, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_list", "saved_view", ["list", "owner"])


def downgrade() -> None:
    op.drop_table("saved_view")
    for name in ("search", "quantity", "total", "standing", "placed"):
        op.drop_index(f"ix_orders_{name}", "orders")
    op.create_index("ix_orders_placed", "orders", ["placed_at", "id"])
