"""One constant text for any number of values: `IN` with a list is another statement for each length.

What is asked for every order is prepared once on each connection, and found in the cache ever after.
"""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from ordain.base import json


class _Listed(sa.types.TypeDecorator[Collection[str]]):
    """Texts as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind = ARRAY(sa.Text) if dialect.name == "postgresql" else sa.Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[str] | None, dialect: sa.Dialect) -> list[str] | str:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else json.dumps(listed).decode()


class _Among(sa.sql.functions.FunctionElement[bool]):
    inherit_cache = True
    type: Final = sa.Boolean()  # type: ignore[misc] # the same for all, as the library's own have it

    def self_group(self, against: Any = None) -> "_Among":  # noqa: ARG002 as the library calls it
        """Return it as it is, a condition: compared with 1, as truths are on SQLite, it would find no index."""
        return self


def among(column: Any, name: str) -> sa.ColumnElement[bool]:
    """Return that a text column is one of those bound under `name`, in a statement that never changes."""
    return _Among(column, sa.bindparam(name, type_=_Listed()))


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, listed = (compiler.process(clause, **given) for clause in element.clauses)
    return f"{column} = ANY({listed})"


@compiles(_Among, "sqlite")
def _each(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, listed = (compiler.process(clause, **given) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 compiled clauses
