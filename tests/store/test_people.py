"""What ends with a person: sessions, tokens and links, in every process at once."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from ordain.store import people, sessions, tokens
from ordain.store.database import Database
from ordain.store.people import Person
from ordain.store.vault import Vault
from tests.conftest import Clock

Act = Callable[[sa.Connection, str], object]
ACTS: dict[str, Act] = {
    "deactivated": lambda conn, person_id: people.deactivate(conn, person_id, Clock().now),
    "other roles": lambda conn, person_id: people.set_roles(conn, person_id, ["viewer"], []),
    "other password": lambda conn, person_id: people.set_password(conn, person_id, "other"),
    "all ended": people.end_all,
}


@pytest.fixture
def anna(database: Database, clock: Clock) -> Person:
    with database.write() as conn:
        person_id = people.add_person(conn, "anna", ["service", "viewer"], clock.now, regions=["east"])
        assert person_id is not None
        found = people.get(conn, person_id)
        assert found is not None
        sessions.add(conn, found, "cookie", clock.now, "192.0.2.1", "agent")
        assert tokens.add(conn, "script", ["service", "admin"], "token", clock.now, 30, found)
        people.add_link(conn, person_id, "link", clock.now)
    return found


@pytest.mark.parametrize("name", ACTS)
def test_what_changes_a_person_ends_sessions_and_tokens_at_once(
    database: Database, clock: Clock, anna: Person, name: str
) -> None:
    with database.read() as conn:
        assert sessions.get(conn, "cookie", clock.now) is not None
        assert tokens.holder(conn, "token", clock.now) is not None
    with database.write() as conn:
        ACTS[name](conn, anna.id)
    with database.read() as conn:
        assert sessions.get(conn, "cookie", clock.now) is None
        assert tokens.holder(conn, "token", clock.now) is None


def test_a_moved_epoch_alone_ends_what_carries_the_old_one(database: Database, clock: Clock, anna: Person) -> None:
    with database.write() as conn:
        conn.execute(sa.text("UPDATE person SET auth_epoch = auth_epoch + 1"))
    with database.read() as conn:
        assert sessions.get(conn, "cookie", clock.now) is None
        assert tokens.holder(conn, "token", clock.now) is None


def test_a_leaver_may_use_no_link_either_and_leaves_once(database: Database, clock: Clock, anna: Person) -> None:
    with database.write() as conn:
        assert people.deactivate(conn, anna.id, clock.now)
        assert not people.deactivate(conn, anna.id, clock.now)
        assert people.link_person(conn, "link", clock.now) is None
        assert people.reactivate(conn, anna.id)
        assert people.link_person(conn, "link", clock.now) is None
        assert not people.deactivate(conn, "nobody", clock.now)


def test_a_token_gives_no_role_its_owner_does_not_have(database: Database, clock: Clock, anna: Person) -> None:
    with database.read() as conn:
        found = tokens.holder(conn, "token", clock.now)
        assert found is not None
        assert found.user.roles == {"service"}
        assert found.user.regions == {"east"}
        assert (found.user.id, found.user.name, found.owned) == (anna.id, "anna/script", True)
        assert tokens.holder(conn, "token", clock.forward(days=30)) is None


def test_a_renewed_session_answers_to_its_new_secret_only(database: Database, clock: Clock, anna: Person) -> None:
    with database.write() as conn:
        assert sessions.renew(conn, people.hashed("cookie"), "other", clock.now)
        assert not sessions.renew(conn, people.hashed("cookie"), "third", clock.now)
    with database.read() as conn:
        assert sessions.get(conn, "cookie", clock.now) is None
        assert sessions.get(conn, "other", clock.now) is not None


def test_mail_is_kept_sealed_and_found_by_its_address(
    database: Database, vault: Vault, clock: Clock, anna: Person
) -> None:
    with database.write() as conn:
        people.set_contact(conn, vault, anna.id, display_name="安娜", mail="Anna@Example.cn", phone="13900000001")
        found = people.of_mail(conn, vault, "anna@example.CN ")
        assert found is not None
        assert (found.id, found.display_name) == (anna.id, "安娜")
        assert found.mail is not None
        assert vault.open(people.MAIL, anna.id, found.mail) == "Anna@Example.cn"
        assert people.of_mail(conn, vault, "other@example.cn") is None
        dumped = str(conn.execute(sa.text("SELECT mail, mail_index, phone FROM person")).all())
    assert "xample" not in dumped
    assert "13900000001" not in dumped
