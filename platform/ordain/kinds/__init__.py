"""One module per definition kind: what a document means. A module with a `KIND` is a kind by being here."""

import pkgutil
from functools import cache
from importlib import import_module

from ordain.kinds.kind import Document, Kind, Reference, unknown_kind

__all__ = ["Document", "Kind", "Reference", "all_kinds", "get", "unknown_kind"]


@cache
def _registry() -> dict[str, Kind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    kinds = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


def get(name: str) -> Kind | None:
    """Return a kind by its name, None where there is none."""
    return _registry().get(name)


def all_kinds() -> list[Kind]:
    """Return every kind, by name."""
    return list(_registry().values())
