"""Protected fields of forms: sealed for the one row that holds them, opened for who may read them."""

from collections.abc import Mapping
from typing import Any

from ordain.engines.form.staff import StaffForm
from ordain.store.vault import SEALED, Unopened, Vault


def sealed(vault: Vault, form: StaffForm, row_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's fields with the protected ones sealed for it."""
    return {
        name: value.sealed
        if isinstance(value, Unopened)
        else vault.seal_value(_place(form, name), row_id, value)
        if name in form.protected and value not in (None, "")
        else value
        for name, value in data.items()
    }


def opened(vault: Vault, form: StaffForm, row_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's fields with the protected ones opened, those that do not open as `Unopened`.

    Callers ask the access door first. What was written before its field was protected stands open until it is written
    again.
    """
    return {
        name: vault.show_value(_place(form, name), row_id, value)
        if name in form.protected and isinstance(value, str) and value.startswith(SEALED)
        else value
        for name, value in data.items()
    }


def _place(form: StaffForm, name: str) -> str:
    return f"record.{form.key}.{name}"
