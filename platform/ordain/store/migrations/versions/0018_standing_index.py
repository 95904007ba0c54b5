"""Where orders stand is counted along one index that holds all that is asked for."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NARROW = ["state", "held", "priority", "region"]


def upgrade() -> None:
    op.drop_index("ix_orders_standing", "orders")
    more = ["channel", "placed_at", "paid_at", "shipped_at", "total"]
    op.create_index("ix_orders_standing", "orders", [*_NARROW, *more])


def downgrade() -> None:
    op.drop_index("ix_orders_standing", "orders")
    op.create_index("ix_orders_standing", "orders", _NARROW)
