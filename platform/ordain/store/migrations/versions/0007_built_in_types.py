"""Products and return requests take fields of the business's own, and two people on one of them lose nothing."""

import time

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sku", sa.Column("extra", Json, nullable=False, server_default="{}"))
    op.add_column("sku", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("sku", sa.Column("created_at", Instant(), nullable=False, server_default="0"))
    op.add_column("sku", sa.Column("updated_at", Instant(), nullable=False, server_default="0"))
    op.add_column("return_request", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    now = int(time.time() * 1000)
    sku = sa.table("sku", sa.column("created_at", sa.BigInteger), sa.column("updated_at", sa.BigInteger))
    op.execute(sa.update(sku).values(created_at=now, updated_at=now))


def downgrade() -> None:
    op.drop_column("return_request", "version")
    for name in ("updated_at", "created_at", "version", "extra"):
        op.drop_column("sku", name)
