"""People get a name to show, mail, phone, a second factor; sessions know how far in somebody is; tokens have owners."""

import sqlalchemy as sa
from alembic import op

from ordain.store.tables.base import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("display_name", sa.String(64), nullable=False, server_default=""))
    op.add_column("person", sa.Column("mail", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("mail_index", sa.String(32), nullable=True))
    op.add_column("person", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("entered_at", Instant(), nullable=True))
    op.create_index("ix_person_mail", "person", ["mail_index"])
    op.add_column("session", sa.Column("stage", sa.String(16), nullable=False, server_default="open"))
    op.add_column("session", sa.Column("proven_at", Instant(), nullable=True))
    op.add_column("one_time_link", sa.Column("purpose", sa.String(16), nullable=False, server_default="first"))
    with op.batch_alter_table("api_token") as batch:
        batch.add_column(sa.Column("owner", sa.String(32), nullable=False, server_default=""))
        batch.add_column(sa.Column("auth_epoch", sa.Integer(), nullable=True))
        batch.drop_constraint("uq_api_token_name", type_="unique")
        batch.create_unique_constraint("uq_api_token_owner_name", ["owner", "name"])
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE", name="fk_second_factor_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE", name="fk_recovery_code_person_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_person", "recovery_code", ["person_id"])
    op.create_table(
        "phone_code",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE", name="fk_phone_code_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_phone_code"),
    )


def downgrade() -> None:
    for name in ("phone_code", "recovery_code", "second_factor"):
        op.drop_table(name)
    with op.batch_alter_table("api_token") as batch:
        batch.drop_constraint("uq_api_token_owner_name", type_="unique")
        batch.create_unique_constraint("uq_api_token_name", ["name"])
        batch.drop_column("auth_epoch")
        batch.drop_column("owner")
    op.drop_column("one_time_link", "purpose")
    op.drop_column("session", "proven_at")
    op.drop_column("session", "stage")
    op.drop_index("ix_person_mail", "person")
    for name in ("entered_at", "demo", "phone", "mail_index", "mail", "display_name"):
        op.drop_column("person", name)
