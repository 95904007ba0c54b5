"""When the sales of a channel were counted last."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stock_feed", sa.Column("counted_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("stock_feed", "counted_at")
