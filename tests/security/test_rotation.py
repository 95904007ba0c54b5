import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Refused
from ordain.flows import rotating
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.store import audit, data_keys, key_file, resealing
from ordain.store.keyring import FileKeyring, is_used
from ordain.store.sealed_places import SPOTS
from ordain.store.tables import metadata
from ordain.store.tables.base import Sealed
from ordain.store.tables.records import RecordDraftRow
from ordain.store.vault import Keys, Vault, VaultError
from tests.conftest import Clock
from tests.security.sealed_rows import everywhere

ORIGIN = Origin(System("test"))
NONE = timedelta(0)


def another(services: Services) -> Services:
    """Return another process of the same installation, begun now."""
    path = services.settings.key_file
    file = key_file.load(path)
    return replace(services, vault=Vault(Keys("", {}, file.index), FileKeyring(services.db, path, file)))


def drafts(services: Services, count: int) -> list[str]:
    ids = [f"draft{n:05d}" for n in range(count)]
    rows = [
        {"id": one, "person": one, "form": "f", "record": "", "seen": 1, "saved_at": services.now()}
        | {"data": services.vault.seal("record_draft.data", one, f"value of {one}")}
        for one in ids
    ]
    with services.db.write() as conn:
        conn.execute(sa.insert(RecordDraftRow), rows)
    return ids


def states(services: Services) -> dict[str, str]:
    with services.db.read() as conn:
        return {key.kid: key.state for key in data_keys.known(conn)}


def carriers(services: Services, kid: str) -> dict[str, int]:
    with services.db.read() as conn:
        return dict(resealing.carried(conn, kid))


def test_every_column_that_takes_sealed_text_is_known() -> None:
    known = {spot.name for spot in SPOTS}
    sealed = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | sa.LargeBinary)
    }
    assert sealed - known == {"data_key.wrapped"}


def test_values_in_every_column_are_sealed_anew_and_open_as_before(keyed: Services) -> None:
    planted = everywhere(keyed)
    old = keyed.vault.current
    assert set(carriers(keyed, old)) == {spot.name for spot in SPOTS}
    rotating.rotate(keyed, ORIGIN)
    turn = rotating.go_on(keyed, grace=NONE)
    assert (turn.broken, turn.retired, turn.more) == (0, [old], False)
    assert carriers(keyed, old) == {}
    fresh = another(keyed)
    assert [opens(fresh) for opens in planted] == [opens(keyed) for opens in planted]
    assert all(opens(fresh) == "canary" for opens in planted)


def test_another_process_seals_with_the_new_key_and_opens_what_it_sealed(keyed: Services) -> None:
    other = another(keyed)
    before = other.vault.current
    made = rotating.rotate(keyed, ORIGIN)
    sealed = keyed.vault.seal("p", "r", "new")
    assert other.vault.open("p", "r", sealed) == "new"
    assert other.vault.current == made != before


def test_a_key_that_a_row_carries_is_not_let_go(keyed: Services, clock: Clock) -> None:
    drafts(keyed, 3)
    old = keyed.vault.current
    late = keyed.vault.seal("record_draft.data", "late", "value of late")
    rotating.rotate(keyed, ORIGIN)
    assert rotating.go_on(keyed).retired == []  # somebody may still be writing
    with keyed.db.write() as conn:
        values = {"id": "late", "person": "late", "form": "f", "record": "", "seen": 1, "saved_at": keyed.now()}
        conn.execute(sa.insert(RecordDraftRow).values(**values, data=late))
    clock.forward(minutes=11)
    assert rotating.go_on(keyed).retired == []
    assert states(keyed)[old] == "old"
    assert rotating.go_on(keyed).retired == [old]
    with keyed.db.read() as conn:
        assert next(key.wrapped for key in data_keys.known(conn) if key.kid == old) is None
        sealed = conn.scalar(sa.select(RecordDraftRow.data).where(RecordDraftRow.id == "late"))
    assert another(keyed).vault.open("record_draft.data", "late", str(sealed)) == "value of late"


def test_a_value_that_does_not_open_keeps_its_key_and_is_counted(keyed: Services) -> None:
    ids = drafts(keyed, 5)
    old = keyed.vault.current
    with keyed.db.write() as conn:
        sealed = str(conn.scalar(sa.select(RecordDraftRow.data).where(RecordDraftRow.id == ids[2])))
        conn.execute(sa.update(RecordDraftRow).where(RecordDraftRow.id == ids[2]).values(data=sealed[:-8] + "AAAAAAAA"))
    rotating.rotate(keyed, ORIGIN)
    turn = rotating.go_on(keyed, grace=NONE)
    assert (turn.done, turn.broken, turn.retired, turn.more) == (4, 1, [], True)
    assert carriers(keyed, old) == {"record_draft.data": 1}


def test_resealing_goes_on_where_it_was_cut_short(keyed: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = drafts(keyed, 450)
    old = keyed.vault.current
    rotating.rotate(keyed, ORIGIN)
    turns: list[rotating.Turn] = []
    monkeypatch.setattr(rotating, "_PAUSE", 0.0)
    while not turns or turns[-1].more:
        turns.append(rotating.go_on(another(keyed), seconds=0.004, grace=NONE))
        assert len(turns) < 400
    assert len(turns) > 1
    assert sum(turn.done for turn in turns) == len(ids)
    assert turns[-1].retired == [old]


def test_readers_and_writers_notice_nothing_of_rotations(keyed: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = drafts(keyed, 400)
    stop, failed, reads = threading.Event(), [], []

    def read() -> None:
        mine = another(keyed)
        while not stop.is_set():
            with mine.db.read() as conn:
                for row in conn.execute(sa.select(RecordDraftRow.id, RecordDraftRow.data)).all():
                    try:
                        assert mine.vault.open("record_draft.data", row.id, row.data).startswith("value of")
                        reads.append(1)
                    except VaultError as error:
                        failed.append(str(error))

    def write() -> None:
        mine, turn = another(keyed), 0
        while not stop.is_set():
            turn += 1
            one = ids[turn * 7 % len(ids)]
            with mine.db.write() as conn:
                sealed = mine.vault.seal("record_draft.data", one, f"value of {one}, {turn}")
                conn.execute(sa.update(RecordDraftRow).where(RecordDraftRow.id == one).values(data=sealed))
            stop.wait(0.002)

    threads = [threading.Thread(target=one) for one in (read, read, write)]
    for thread in threads:
        thread.start()
    monkeypatch.setattr(rotating, "_ROWS", {"text": 40, "json": 40, "bytes": 4})
    for _ in range(3):
        rotating.rotate(keyed, ORIGIN)
        rotating.go_on(keyed, grace=timedelta(hours=1))
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(reads) > 1_000
    for _ in range(3):
        rotating.go_on(keyed, grace=NONE)
    assert list(states(keyed).values()).count("retired") == 3


def test_a_new_key_encryption_key_opens_what_was_sealed_and_the_old_file_only_what_was_copied_before(
    keyed: Services,
) -> None:
    path = keyed.settings.key_file
    sealed, other = keyed.vault.seal("p", "r", "secret"), another(keyed)
    before = path.read_bytes()
    rotating.rekey(keyed, ORIGIN)
    assert another(keyed).vault.open("p", "r", sealed) == "secret"
    assert other.vault.open("p", "r", sealed) == "secret"
    rotating.rotate(keyed, ORIGIN)
    assert other.vault.open("p", "r", keyed.vault.seal("p", "r", "later")) == "later"  # it read the file again
    after = path.read_bytes()
    path.write_bytes(before)
    with pytest.raises(Refused) as refused:
        rotating.prepare(another(keyed))
    assert {found.code for found in refused.value.problems} == {"kek_wrong"}
    path.write_bytes(after)
    rotating.prepare(another(keyed))


def test_changing_the_key_encryption_key_goes_on_where_it_was_cut_short(
    keyed: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = keyed.vault.seal("p", "r", "secret")
    with monkeypatch.context() as cut:
        cut.setattr(data_keys, "wrap", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            rotating.rekey(keyed, ORIGIN)
    written = key_file.load(keyed.settings.key_file)
    assert another(keyed).vault.open("p", "r", sealed) == "secret"
    assert rotating.rekey(keyed, ORIGIN) == key_file.kek_id(written.kek)
    assert another(keyed).vault.open("p", "r", sealed) == "secret"
    assert rotating.rekey(keyed, ORIGIN) != key_file.kek_id(written.kek)


def test_an_older_key_file_is_taken_over_without_loss(services: Services) -> None:
    path, kid = services.settings.key_file, "ab12cd34"
    given = replace(key_file.make(path), data={kid: key_file.fresh()}, current=kid)
    old = Vault(Keys(kid, given.data, given.index))
    texts = {name: key_file._text(key) for name, key in (("index", given.index), ("audit", given.audit))}
    path.write_bytes(json.dumps({"current": kid, "keys": {kid: key_file._text(given.data[kid])}, **texts}))
    sealed = old.seal("p", "r", "from before")
    now = another(services)
    rotating.prepare(now)
    assert now.vault.open("p", "r", sealed) == "from before"
    assert now.vault.blind("p", "x") == old.blind("p", "x")
    assert now.vault.current == kid
    assert states(now) == {kid: "current"}
    assert "kek" in json.loads(path.read_bytes())
    rotating.prepare(another(services))
    rotating.rotate(now, ORIGIN)
    assert rotating.go_on(now, grace=NONE).retired == [kid]
    rotating.rekey(now, ORIGIN)
    assert "data" not in json.loads(path.read_bytes())


def test_two_processes_that_begin_at_once_agree_on_the_first_key(services: Services) -> None:
    key_file.make(services.settings.key_file)
    both = [another(services) for _ in range(2)]
    threads = [threading.Thread(target=rotating.prepare, args=[one]) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states(services)) == 1
    assert both[0].vault.open("p", "r", both[1].vault.seal("p", "r", "x")) == "x"


def test_what_is_done_with_keys_is_written_down_and_holds_no_key(keyed: Services) -> None:
    made = rotating.rotate(keyed, ORIGIN)
    with keyed.db.read() as conn:
        assert [entry.action for entry in audit.of(conn, f"key:{made}")] == ["keys.rotate"]
        assert is_used(keyed.db)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a vault ask which key seals at every seal: in an installation it does once a second."""
    monkeypatch.setattr("ordain.store.vault._FRESH", 0.0)
