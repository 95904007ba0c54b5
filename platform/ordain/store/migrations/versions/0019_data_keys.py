"""Data keys stand in the database, wrapped; what they sealed can be sealed anew while everything runs."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_CURRENT = sa.text("state = 'current'")


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("kid", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_data_key")),
    )
    op.create_index(
        "ux_data_key_current", "data_key", ["state"], unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT
    )
    op.create_table(
        "reseal",
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("cursor", Json, nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_reseal")),
    )


def downgrade() -> None:
    op.drop_table("reseal")
    op.drop_table("data_key")
