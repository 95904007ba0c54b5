"""Outside systems: how the targets of connectors stand, answers kept for bad times, notices and their fate."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connector_target",
        sa.Column("connector", sa.String(128), nullable=False),
        sa.Column("target", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("open_until", Instant(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("last_try", Instant(), nullable=True),
        sa.Column("last_success", Instant(), nullable=True),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "target", name=op.f("pk_connector_target")),
    )
    op.create_table(
        "kept_call",
        sa.Column("connector", sa.String(128), nullable=False),
        sa.Column("operation", sa.String(128), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "operation", "question", name=op.f("pk_kept_call")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("notice", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
        sa.Column("connector", sa.String(128), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("shown", sa.String(128), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(128), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index("ix_notice_subject", "notice", ["subject", "id"])
    op.create_index("ix_notice_state", "notice", ["state", "id"])


def downgrade() -> None:
    for table in ("notice", "kept_call", "connector_target"):
        op.drop_table(table)
