"""All tables. A module in this folder is part of the schema by being here."""

import pkgutil
from importlib import import_module

from ordain.store.tables.base import Base

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

metadata = Base.metadata
