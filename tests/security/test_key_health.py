import base64
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Refused
from ordain.flows import rotating
from ordain.flows.services import Services
from ordain.flows.verifying import examine
from ordain.records.actor import Origin, System
from ordain.store import key_file
from ordain.store.tables.keys import DataKeyRow
from ordain.store.tables.records import RecordDraftRow
from ordain.store.vault import Keys, Vault
from ordain.wiring import build
from tests.conftest import Clock

ORIGIN = Origin(System("test"))


def bad(services: Services) -> dict[str, str]:
    return {name: text for name, good, text in examine(services) if not good}


def put(services: Services, sealed: str) -> None:
    values = {"id": "d1", "person": "p", "form": "f", "record": "", "seen": 1, "saved_at": services.now()}
    with services.db.write() as conn:
        conn.execute(sa.insert(RecordDraftRow).values(**values, data=sealed))


def test_all_is_well_with_keys_as_they_are_made(keyed: Services) -> None:
    put(keyed, keyed.vault.seal("record_draft.data", "d1", "x"))
    assert bad(keyed) == {}


def test_a_key_that_rows_ask_for_and_nobody_has_is_named_with_its_column(keyed: Services) -> None:
    put(keyed, Vault(Keys("fe12", {"fe12": b"k" * 32}, b"i" * 32)).seal("record_draft.data", "d1", "x"))
    assert list(bad(keyed)) == ["key fe12"]
    assert "record_draft.data" in bad(keyed)["key fe12"]


def test_a_key_file_of_another_installation_is_told_and_refused_at_the_start(keyed: Services) -> None:
    path = keyed.settings.key_file
    key_file.write(path, key_file.KeyFile(key_file.fresh(), key_file.fresh(), key_file.fresh()))
    other = replace(keyed.settings, database_url=keyed.db.url.render_as_string(hide_password=False))
    begun = build(other)
    try:
        assert "data keys" in bad(begun)
        with pytest.raises(Refused) as refused:
            rotating.prepare(begun)
        assert refused.value.problems[0].code == "kek_wrong"
    finally:
        begun.db.close()


def test_a_lost_key_file_is_not_made_anew_over_a_used_database(keyed: Services) -> None:
    keyed.settings.key_file.unlink()
    with pytest.raises(Refused) as refused:
        build(replace(keyed.settings, database_url=keyed.db.url.render_as_string(hide_password=False)))
    assert [found.code for found in refused.value.problems] == ["key_file_missing"]
    assert not keyed.settings.key_file.exists()


@pytest.mark.parametrize("production", [False, True])
def test_a_weak_or_exposed_key_file_is_refused_at_the_start_and_told(
    services: Services, production: bool, tmp_path: Path
) -> None:
    settings = replace(services.settings, production=production, database_url=f"sqlite:///{tmp_path / 'new.db'}")
    key_file.make(settings.key_file)
    stored = json.loads(settings.key_file.read_bytes())
    settings.key_file.write_bytes(json.dumps({**stored, "kek": base64.b64encode(b"p" * 32).decode()}))
    settings.key_file.chmod(0o644)
    with pytest.raises(Refused) as refused:
        build(settings)
    assert [found.code for found in refused.value.problems] == ["key_file_exposed", "key_weak"]
    assert {"chmod 600" in text or "not random" in text for name, good, text in examine(services) if not good} == {True}


def test_a_tampered_data_key_is_told(keyed: Services) -> None:
    with keyed.db.write() as conn:
        wrapped = str(conn.scalar(sa.select(DataKeyRow.wrapped)))
        conn.execute(sa.update(DataKeyRow).values(wrapped=wrapped[:-6] + "AAAAAA"))
    assert "does not open the data key" in bad(keyed)["data keys"]


def test_a_rotation_that_is_stuck_is_told_with_the_column_that_holds_it(keyed: Services, clock: Clock) -> None:
    sealed = keyed.vault.seal("record_draft.data", "d1", "x")
    old = keyed.vault.current
    put(keyed, sealed[:-6] + "AAAAAA")
    rotating.rotate(keyed, ORIGIN)
    rotating.go_on(keyed)
    assert bad(keyed) == {}
    clock.forward(days=2)
    assert "record_draft.data: 1" in bad(keyed)[f"key {old}"]
