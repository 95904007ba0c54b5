"""The restore drill: back up while orders come in, lose everything but the key file, set it up again, and look."""

import gzip
import io
import tarfile
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ordain.base import json
from ordain.flows import intake, uploading
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.orders import find, show
from ordain.store.orders.find import OrderQuery
from ordain.store.tables import metadata
from ordain.wiring import build, settings_from
from tests.factories import ORIGIN, incoming, own_site_order
from tests.rig.product import Product

PHONE = "13900004711"
NOTE = b"restock before the sale\n"
Home = Callable[[str], Product]


def empty_home(folder: Path, server: str = "") -> Product:
    """Return a new home with a new, empty database: SQLite's, or one on a server of PostgreSQL."""
    environment = {"REDIS_URL": "unix:///dev/null"}
    if server:
        database = f"drill_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {database}")
        environment["DATABASE_URL"] = server.replace("/postgres", f"/{database}")
    return Product(folder / "home", environment=environment)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Return a function that gives a new home with a new, empty database of one kind."""
    server = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return lambda name: empty_home(tmp_path / name, server)


@pytest.fixture
def lived_in(home: Home) -> tuple[Product, Services]:
    """Return an installation with orders, stock held for them, and a file."""
    product = home("one")
    done = product.command("init", "--demo")
    assert done.returncode == 0, done.stderr
    services = build(settings_from(product.variables()))
    bring(services, range(20))
    uploading.take(services, "note.txt", NOTE, "file", ORIGIN)
    return product, services


def bring(services: Services, numbers: Any) -> None:
    for number in numbers:
        order = own_site_order(f"HY{number}")
        order["ship"]["tel"] = order["buyer"]["mobile"] = PHONE
        intake.take(services, "own-site", "webhook", [incoming(order)], ORIGIN)


def test_what_was_backed_up_while_orders_came_in_is_there_again(
    home: Home, lived_in: tuple[Product, Services], tmp_path: Path
) -> None:
    product, services = lived_in
    stop = threading.Event()

    def keep_on() -> None:
        number = 100
        while not stop.is_set():
            bring(services, [number])
            number += 1

    writing = threading.Thread(target=keep_on)
    writing.start()
    try:
        done = product.command("backup", str(tmp_path / "backup"))
    finally:
        stop.set()
        writing.join(30)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["files"] == 1
    assert said["key_file"] in done.stderr  # that it is not in it is told
    services.db.close()

    lost = home("two")
    refused = lost.command("restore", str(tmp_path / "backup"))
    assert (refused.returncode, said["key"] in refused.stderr) == (1, True)  # without the key file it is of no use
    put_keys(product, lost)
    done = lost.command("restore", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == said["rows"]
    checked = lost.command("verify")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(lost.command("init", "--demo").stdout)["definitions"] == 0  # all of them are there

    again = build(settings_from(lost.variables()))
    with again.db.read() as conn:
        counted = {
            table.name: conn.scalar(sa.select(sa.func.count()).select_from(table)) for table in metadata.sorted_tables
        }
        orders = find.find(conn, again.vault, EVERYTHING, OrderQuery(), limit=100)
        view = show.get(conn, again.vault, EVERYTHING, orders.items[0].id)
        file_id = conn.scalar(sa.text("SELECT id FROM file"))
    assert (counted["orders"] or 0) >= 20
    assert view is not None
    assert view.order.buyer.phone == PHONE
    assert view.reservation is not None
    found = uploading.readable(again, ORIGIN.actor, str(file_id))
    assert found is not None
    assert uploading.content(again, found) == NOTE
    bring(again, [900])  # and life goes on
    again.db.close()


def test_an_installation_moves_from_sqlite_to_postgresql(tmp_path: Path, postgres_url: str) -> None:
    product, moved = empty_home(tmp_path / "one"), empty_home(tmp_path / "two", postgres_url)
    assert product.command("init", "--demo").returncode == 0
    services = build(settings_from(product.variables()))
    bring(services, range(5))
    services.db.close()
    assert product.command("backup", str(tmp_path / "backup")).returncode == 0
    put_keys(product, moved)
    done = moved.command("restore", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr
    checked = moved.command("verify")
    assert checked.returncode == 0, checked.stderr


def test_nothing_protected_stands_in_a_backup(lived_in: tuple[Product, Services], tmp_path: Path) -> None:
    product, services = lived_in
    services.db.close()
    assert product.command("backup", str(tmp_path / "backup")).returncode == 0
    whole = gzip.decompress((tmp_path / "backup").read_bytes())
    assert PHONE.encode() not in whole
    assert NOTE not in whole
    for key in json.loads((product.home / "keys.json").read_bytes()).values():
        assert not isinstance(key, str) or len(key) < 32 or key.encode() not in whole


def test_what_is_no_whole_backup_is_refused_and_nothing_is_restored(
    home: Home, lived_in: tuple[Product, Services], tmp_path: Path
) -> None:
    product, services = lived_in
    services.db.close()
    kept = tmp_path / "backup"
    assert product.command("backup", str(kept)).returncode == 0
    assert product.command("backup", str(kept)).returncode == 1  # there already
    whole = kept.read_bytes()
    lost = home("two")
    put_keys(product, lost)
    turned = bytearray(gzip.decompress(whole))
    turned[len(turned) // 2] ^= 1
    for bad in (b"", b"no backup", whole[:-1000], gzip.compress(bytes(turned)), climbing(whole)):
        (tmp_path / "bad").write_bytes(bad)
        refused = lost.command("restore", str(tmp_path / "bad"))
        assert (refused.returncode, "[damaged]" in refused.stderr) == (1, True), (len(bad), refused.stderr)
    assert not (tmp_path / "escaped").exists()
    refused = product.command("restore", str(kept))
    assert (refused.returncode, "not_empty" in refused.stderr) == (1, True)
    put_keys(other(home), lost)
    refused = lost.command("restore", str(kept))
    assert (refused.returncode, "other_keys" in refused.stderr) == (1, True)
    put_keys(product, lost)
    assert lost.command("restore", str(kept)).returncode == 0  # the database was left empty by all of these


def climbing(whole: bytes) -> bytes:
    """Return the backup with a member that would stand outside of its folder."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as old, tarfile.open(fileobj=made, mode="w:gz") as new:
        for entry in old:
            new.addfile(entry, old.extractfile(entry))
        entry = tarfile.TarInfo("../escaped")
        entry.size = 1
        new.addfile(entry, io.BytesIO(b"x"))
    return made.getvalue()


def put_keys(of: Product, to: Product) -> None:
    """Put the key file of one home into another, as whoever kept it elsewhere does."""
    to.home.mkdir(parents=True, exist_ok=True)
    place = to.home / "keys.json"
    place.write_bytes((of.home / "keys.json").read_bytes())
    place.chmod(0o600)


def other(home: Home) -> Product:
    product = home("three")
    assert product.command("init").returncode == 0
    return product
