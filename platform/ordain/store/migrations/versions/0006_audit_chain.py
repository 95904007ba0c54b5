"""The audit can only be added to, every row gets its place in a chain, and lists of it walk along indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEPT = ("audit", "audit_link")
_SQLITE_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"


def upgrade() -> None:
    op.add_column("audit", sa.Column("mac", sa.String(64), nullable=True))
    op.create_table(
        "audit_link",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.String(32), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_link"),
        sa.UniqueConstraint("audit_id", name="uq_audit_link_audit_id"),
    )
    op.create_table(
        "audit_waiting",
        sa.Column("audit_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit_waiting"),
    )
    op.execute("INSERT INTO audit_waiting (audit_id) SELECT id FROM audit")
    op.drop_index("ix_audit_entity", "audit")
    op.drop_index("ix_audit_actor", "audit")
    op.create_index("ix_audit_at", "audit", ["at", "id"])
    for name in ("entity", "actor", "action"):
        op.create_index(f"ix_audit_{name}", "audit", [name, "at", "id"])
    _partial("ix_audit_ip", "ip", "ip IS NOT NULL")
    _partial("ix_audit_request", "request_id", "request_id <> ''")
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _partial(name: str, column: str, where: str) -> None:
    op.create_index(name, "audit", [column, "at", "id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _sqlite() -> None:
    for table in _KEPT:
        key = "id" if table == "audit" else "number"
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {_SQLITE_REFUSAL}")
        op.execute(f"CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} {_SQLITE_REFUSAL}")
        # INSERT OR REPLACE deletes without a trigger's being asked.
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 our own names
        op.execute(f"CREATE TRIGGER {table}_is_new BEFORE INSERT ON {table} WHEN {there} {_SQLITE_REFUSAL}")
    op.execute(
        "CREATE TRIGGER audit_waits AFTER INSERT ON audit "
        "BEGIN INSERT INTO audit_waiting (audit_id) VALUES (NEW.id); END"
    )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is only ever added to'; END $$"
    )
    op.execute(
        "CREATE FUNCTION audit_waits() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO audit_waiting (audit_id) SELECT id FROM added; RETURN NULL; END $$"
    )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER audit_waits AFTER INSERT ON audit REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_waits()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("audit_stays", "audit_is_kept", "audit_is_new", "audit_waits"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER audit_stays ON audit")
        op.execute("DROP TRIGGER audit_waits ON audit")
        op.execute("DROP TRIGGER audit_link_stays ON audit_link")
        op.execute("DROP FUNCTION audit_refuses()")
        op.execute("DROP FUNCTION audit_waits()")
    op.drop_table("audit_waiting")
    op.drop_table("audit_link")
    for name in ("request", "ip", "action", "actor", "entity", "at"):
        op.drop_index(f"ix_audit_{name}", "audit")
    op.drop_column("audit", "mac")
    op.create_index("ix_audit_entity", "audit", ["entity", "id"])
    op.create_index("ix_audit_actor", "audit", ["actor", "id"])
