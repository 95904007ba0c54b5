"""Stock: bundles, pools, levels, reservations, movements."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bundle_part",
        sa.Column("bundle", sa.String(128), nullable=False),
        sa.Column("sku", sa.String(128), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", "sku", name="pk_bundle_part"),
        sa.ForeignKeyConstraint(["bundle"], ["sku.sku"], name="fk_bundle_part_bundle", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name="fk_bundle_part_sku", ondelete="CASCADE"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bundle_part_quantity")),
        sa.CheckConstraint("bundle <> sku", name=op.f("ck_bundle_part_itself")),
    )
    op.create_table(
        "stock_pool",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_stock_pool"),
    )
    op.bulk_insert(
        sa.table("stock_pool", *(sa.column(name, sa.Text) for name in ("key", "title_zh", "title_en"))),
        [
            {"key": "main", "title_zh": "主仓", "title_en": "Main warehouse"},
            {"key": "returned", "title_zh": "退货待处理", "title_en": "Came back"},
        ],
    )
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(128), nullable=False),
        sa.Column("pool", sa.String(64), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("safety", sa.BigInteger(), nullable=False),
        sa.Column("backorder_limit", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "pool", name="pk_stock"),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved")),
        sa.CheckConstraint("on_hand - reserved >= -backorder_limit", name=op.f("ck_stock_sold_once")),
        sa.CheckConstraint("safety >= 0 AND backorder_limit >= 0", name=op.f("ck_stock_limits")),
        postgresql_with={"fillfactor": 50},  # a hot row is written over and over: its next version lies beside it
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=True),
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("policy", sa.String(128), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("asked_hash", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
        sa.UniqueConstraint("reference", name="uq_reservation_reference"),
    )
    _partial("ix_reservation_due", "reservation", ["expires_at"], "state = 'held'")
    _partial("ix_reservation_order", "reservation", ["order_id", "id"], "order_id IS NOT NULL")
    op.create_table(
        "reservation_line",
        sa.Column("reservation_id", sa.String(32), nullable=False),
        sa.Column("sku", sa.String(128), nullable=False),
        sa.Column("pool", sa.String(64), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("open_quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reservation_id", "sku", "pool", name="pk_reservation_line"),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name="fk_reservation_line_reservation_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("open_quantity >= 0 AND open_quantity <= quantity", name=op.f("ck_reservation_line_open")),
    )
    _partial("ix_reservation_line_open", "reservation_line", ["sku", "pool"], "open_quantity > 0")
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sku", sa.String(128), nullable=False),
        sa.Column("pool", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("reservation_id", sa.String(32), nullable=True),
        sa.Column("order_id", sa.String(32), nullable=True),
        sa.Column("key", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movement"),
        sa.UniqueConstraint("key", name="uq_stock_movement_key"),
    )
    op.create_index("ix_stock_movement_sku", "stock_movement", ["sku", "pool", "id"])


def downgrade() -> None:
    for name in ("stock_movement", "reservation_line", "reservation", "stock", "stock_pool", "bundle_part"):
        op.drop_table(name)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
