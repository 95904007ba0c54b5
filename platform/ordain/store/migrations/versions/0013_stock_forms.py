"""Levels and movements are records that forms show: each has a name of its own, and fields of the business's own."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = True if op.get_bind().dialect.name == "postgresql" else None  # SQLite adds only what it computes anew
    op.add_column("stock", sa.Column("id", sa.String(193), sa.Computed("sku || '@' || pool", persisted=kept)))
    available = sa.Computed("on_hand - reserved - safety", persisted=kept)
    op.add_column("stock", sa.Column("available", sa.BigInteger(), available))
    op.create_index("ix_stock_id", "stock", ["id"])
    for table in ("stock", "stock_movement"):
        op.add_column(table, sa.Column("extra", Json, nullable=False, server_default="{}"))
        op.add_column(table, sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for table in ("stock_movement", "stock"):
        op.drop_column(table, "edition")
        op.drop_column(table, "extra")
    op.drop_index("ix_stock_id", "stock")
    op.drop_column("stock", "available")
    op.drop_column("stock", "id")
