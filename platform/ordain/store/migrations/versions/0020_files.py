"""Files that people upload: what is known of each; their content stands sealed outside the database."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Sealed

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", Sealed(), nullable=False),
        sa.Column("key", Sealed(), nullable=False),
        sa.Column("media", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("small", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("form", sa.String(128), nullable=False),
        sa.Column("record", sa.String(128), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("loose_since", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_index("ix_file_record", "file", ["form", "record"])
    op.create_index("ix_file_loose", "file", ["loose_since"])


def downgrade() -> None:
    op.drop_table("file")
