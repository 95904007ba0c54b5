"""People who import, a form to import into, and the way through the wizard."""

from collections.abc import Callable
from typing import Any

import pytest

from ordain.flows import login, publishing, working
from ordain.flows.importing import wizard
from ordain.flows.importing.wizard import Standing
from ordain.flows.services import Services
from ordain.flows.works import WORKS
from ordain.records.actor import Origin, User
from ordain.store import people
from tests.factories import ORIGIN

SUPPLIER: dict[str, Any] = {
    "kind": "form",
    "key": "supplier",
    "title": {"zh": "供应商", "en": "Suppliers"},
    "schema_version": 1,
    "spec": {
        "record": "supplier",
        "fields": {
            "code": {"type": "text", "title": {"zh": "编码", "en": "Code"}, "required": True, "searchable": True},
            "name": {"type": "text", "title": {"zh": "名称", "en": "Name"}, "required": True, "most": 20},
            "level": {
                "type": "choice",
                "title": {"zh": "等级", "en": "Level"},
                "options": {"a": {"zh": "甲级", "en": "Grade A"}, "b": {"zh": "乙级", "en": "Grade B"}},
            },
            "credit": {"type": "money", "title": {"zh": "授信额度", "en": "Credit"}, "least": 0},
            "since": {"type": "date", "title": {"zh": "合作日期", "en": "Since"}},
            "phone": {"type": "text", "title": {"zh": "电话", "en": "Phone"}, "protected": True},
            "contacts": {
                "type": "list",
                "title": {"zh": "联系人", "en": "Contacts"},
                "fields": {"who": {"type": "text", "title": {"zh": "联系人姓名", "en": "Contact"}, "required": True}},
            },
        },
        "states": {"active": {"title": {"zh": "合作中", "en": "Active"}, "to": []}},
    },
}  # fmt: skip


@pytest.fixture
def someone(founded: Services) -> Callable[..., Origin]:
    """Return a function that lets somebody of a role come."""

    def come(role: str = "admin", name: str = "") -> Origin:
        name = name or f"{role}-1"
        login.add_user(founded, name, [role], ["east"])
        with founded.db.read() as conn:
            person = people.person(conn, name)
        assert person is not None
        return Origin(User(person.id, name, frozenset(person.roles), frozenset(person.regions)), "request-1")

    return come


@pytest.fixture
def admin(someone: Callable[..., Origin]) -> Origin:
    return someone("admin")


@pytest.fixture
def formed(founded: Services) -> Services:
    publishing.publish(founded, [SUPPLIER], "", ORIGIN)
    return founded


def actor(origin: Origin) -> User:
    assert isinstance(origin.actor, User)
    return origin.actor


def at(services: Services, import_id: str, origin: Origin) -> Standing:
    """Return an import when all that goes on for it has ended."""
    found = wizard.standing(services, import_id, actor(origin))
    assert found is not None
    while found.work is not None and not found.work.ended:
        working.run(services, found.work.id, WORKS)
        found = wizard.standing(services, import_id, actor(origin))
        assert found is not None
    return found


def brought(services: Services, text: str | bytes, into: str, origin: Origin, name: str = "file.csv") -> Standing:
    """Bring a file in and look at its rows by the plan that is suggested."""
    data = text.encode() if isinstance(text, str) else text
    made = wizard.begin(services, name, data, origin, into=into)
    found = at(services, made.id, origin)
    assert found.state == "mapping", found.problems
    wizard.plan(services, found, wizard.Plan.of(found.found.plan), origin)
    return at(services, made.id, origin)


def confirmed(services: Services, found: Standing, origin: Origin, **wish: bool) -> Standing:
    """Import it."""
    wizard.confirm(services, found, origin, only_good=wish.pop("only_good", False), **wish)
    return at(services, found.found.id, origin)
