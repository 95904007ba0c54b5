"""Running numbers come from sequences where the database has them, so that no writer waits for another's commit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    last = bind.scalar(sa.text("SELECT value FROM counter WHERE name = 'order'")) or 0
    op.execute(f"CREATE SEQUENCE counter_order START WITH {int(last) + 1}")


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    op.execute("DELETE FROM counter WHERE name = 'order'")
    op.execute("INSERT INTO counter (name, value) SELECT 'order', nextval('counter_order')")
    op.execute("DROP SEQUENCE counter_order")
