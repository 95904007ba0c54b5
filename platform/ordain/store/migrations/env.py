"""Alembic's environment: runs on the connection `upgrade` hands over, or on ORDAIN's database when a developer asks."""

import os

from alembic import context

from ordain.store.database import Database
from ordain.store.tables import metadata


def _run(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type] # alembic hands it through as an attribute
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with Database(os.environ["DATABASE_URL"]).engine.connect() as opened:
        _run(opened)
        opened.commit()
