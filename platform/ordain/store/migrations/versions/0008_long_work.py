"""Long work by steps, with its files; the table made for it before was used by nothing."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("work")
    op.create_table(
        "work",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("ip", sa.String(64)),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("permission", sa.String(255), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("begun_at", Instant()),
        sa.Column("finished_at", Instant()),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("place", Json, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("problems", Json, nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_type", sa.String(128), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
    )
    op.create_index("ix_work_owner", "work", ["owner", "id"])
    op.create_index("ix_work_started", "work", ["started_at"])
    op.create_table(
        "work_part",
        sa.Column("work_id", sa.String(32), nullable=False),
        sa.Column("file", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name="fk_work_part_work_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "file", "position", name="pk_work_part"),
    )


def downgrade() -> None:
    op.drop_table("work_part")
    op.drop_table("work")
    op.create_table(
        "work",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("result", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
    )
    op.create_index("ix_work_kind", "work", ["kind", "started_at"])
