"""What people have begun to write of a record is kept for them."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_draft",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("form", sa.String(128), nullable=False),
        sa.Column("record", sa.String(128), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_draft")),
        sa.UniqueConstraint("person", "form", "record", name=op.f("uq_record_draft_person_form_record")),
    )


def downgrade() -> None:
    op.drop_table("record_draft")
