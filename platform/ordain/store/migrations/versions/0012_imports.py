"""Files that people bring in: the file, its rows while they wait, what is wrong with them, how it was mapped."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant, Json, Sealed

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _of_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["import_id"], ["import_file.id"], name=op.f(f"fk_{table}_import_id"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("into", sa.String(128), nullable=False),
        sa.Column("layout", Json, nullable=False),
        sa.Column("plan", Json, nullable=False),
        sa.Column("wish", Json, nullable=False),
        sa.Column("signature", sa.String(32), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("problems", Json, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(32), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index("ix_import_file_owner", "import_file", ["owner", "id"])
    op.create_table(
        "import_piece",
        sa.Column("import_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _of_import("import_piece"),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_import_piece")),
    )
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", Sealed(), nullable=False),
        sa.Column("faults", Sealed(), nullable=True),
        sa.Column("mark", sa.String(32), nullable=True),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("made", Json, nullable=True),
        sa.Column("subject", sa.String(128), nullable=True),
        _of_import("import_row"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_head", "import_row", ["import_id", "head", "number"])
    op.create_index("ix_import_row_fate", "import_row", ["import_id", "fate", "number"])
    op.create_index("ix_import_row_mark", "import_row", ["import_id", "mark", "number"])
    op.create_table(
        "import_fault",
        sa.Column("import_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("value", sa.String(32), nullable=False),
        _of_import("import_fault"),
        sa.PrimaryKeyConstraint("import_id", "number", "place", name=op.f("pk_import_fault")),
    )
    op.create_index("ix_import_fault_kind", "import_fault", ["import_id", "column", "code", "value"])
    op.create_table(
        "import_known",
        sa.Column("import_id", sa.String(32), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("record", sa.String(128), nullable=False),
        _of_import("import_known"),
        sa.PrimaryKeyConstraint("import_id", "mark", name=op.f("pk_import_known")),
    )
    op.create_table(
        "import_habit",
        sa.Column("signature", sa.String(32), nullable=False),
        sa.Column("into", sa.String(128), nullable=False),
        sa.Column("plan", Json, nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.Column("used_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("signature", "into", name=op.f("pk_import_habit")),
    )


def downgrade() -> None:
    for name in ("habit", "known", "fault", "row", "piece", "file"):
        op.drop_table(f"import_{name}")
