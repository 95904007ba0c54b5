"""What channels were told of our stock, and how their hearing of it goes."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_push",
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("sku", sa.String(128), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.BigInteger(), nullable=False),
        sa.Column("lag_ms", sa.BigInteger(), nullable=False),
        sa.Column("pushed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "sku", name=op.f("pk_stock_push")),
    )
    op.create_index("ix_stock_push_at", "stock_push", ["channel", "pushed_at"])
    op.create_table(
        "stock_feed",
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("turn_until", Instant(), nullable=True),
        sa.Column("last_try", Instant(), nullable=True),
        sa.Column("last_success", Instant(), nullable=True),
        sa.Column("last_full", Instant(), nullable=True),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_stock_feed")),
    )


def downgrade() -> None:
    op.drop_table("stock_feed")
    op.drop_table("stock_push")
