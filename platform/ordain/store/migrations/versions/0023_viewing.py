"""A session remembers through the eyes of which role somebody looks."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Json

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("viewing", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("session", "viewing")
