"""Simulations that were run are kept."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("rush", Json, nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_simulation"),
    )
    op.create_index("ix_simulation_kind", "simulation", ["kind", "at"])


def downgrade() -> None:
    op.drop_table("simulation")
