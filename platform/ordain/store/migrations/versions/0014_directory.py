"""Directories of people: how a feed stands, and what it tells of each person."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("last_try", Instant(), nullable=True),
        sa.Column("last_success", Instant(), nullable=True),
        sa.Column("alarm", sa.String(32), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_directory")),
    )
    op.create_table(
        "directory_person",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_directory_person")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_directory_person_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_directory_person_external", "directory_person", ["source", "external_id"])


def downgrade() -> None:
    op.drop_table("directory_person")
    op.drop_table("directory")
