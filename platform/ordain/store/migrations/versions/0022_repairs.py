"""Corrections of held messages are kept beside the raw content, sealed."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Sealed

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repair",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_repair")),
    )
    op.create_index("ix_repair_record", "repair", ["channel", "external_id"])


def downgrade() -> None:
    op.drop_table("repair")
