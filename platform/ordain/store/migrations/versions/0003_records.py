"""Records of the types that admins make for themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from ordain.store.tables.base import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "record",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(128), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("type", "number", name=op.f("uq_record_type_number")),
    )
    op.create_index("ix_record_type", "record", ["type", "created_at", "id"])
    op.create_index("ix_record_state", "record", ["type", "state", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("record")
