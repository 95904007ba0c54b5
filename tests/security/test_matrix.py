"""Every route with every method, called by every starter role for rows of theirs and of others: nobody is told more.

What is expected is read off the role documents by `oracle.py`. A cell is one field of one row in one answer to one
role: it leaks where the field's value stands in the answer and the role may not read it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ordain.engines.calls.answers import Answer
from ordain.flows.services import Services
from ordain.web.policy import Policy, policy_of
from tests.conftest import FakeChannels
from tests.security import oracle
from tests.security.world import FORM, World, person, planted

_MISSING = "0" * 32
_PLAIN = {
    "key": "own-site", "kind": "mapping", "name": "sms", "source": "hr", "subject": "order", "what": "export",
    "sku": "HY-NTB-08", "number": "1", "field": "buyer.address.street", "operation": "count", "channel": "own-site",
    "filename": "css/none.css", "link": "none", "import_id": _MISSING, "work_id": _MISSING, "notice_id": _MISSING,
    "reservation_id": _MISSING, "public_id": _MISSING, "token_id": _MISSING, "file_id": _MISSING,
}  # fmt: skip
_VARYING = ("order_id", "message_id", "record_id", "person_id")


def places(rule: Rule, world: World) -> Iterator[tuple[str, str]]:
    """Yield a path of a route for each row it can be about, and what row that is."""
    fixed = {name: _PLAIN[name] for name in rule.arguments if name not in _VARYING}
    if "records" in rule.rule or "forms" in rule.rule:
        fixed["key"] = FORM
        if "field" in fixed:
            fixed["field"] = "phone"
    about: dict[str, dict[str, str]] = {
        "order_id": world.orders,
        "message_id": world.messages,
        "record_id": {"complaint": world.complaint},
        "person_id": {"somebody": world.person},
    }
    varying = next((name for name in _VARYING if name in rule.arguments), None)
    rows = {**about[varying], "missing": _MISSING} if varying else {"": ""}
    for row, value in rows.items():
        path = rule.rule
        for name, text in {**fixed, **({varying: value} if varying else {})}.items():
            path = re.sub(rf"<(?:\w+:)?{name}>", text, path)
        yield path, row
    if rule.endpoint == "api_orders.decisions":
        yield from ((f"{rule.rule}?subject=order:{order_id}", row) for row, order_id in world.orders.items())


def bare(answer: TestResponse) -> str:
    """Return a body without what no two answers have in common."""
    text = re.sub(r'"request_id": ?"[^"]*"|[0-9a-f]{32}', "", answer.get_data(as_text=True))
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


@dataclass
class Matrix:
    """The calls made so far, what they told that they should not have, and how they were wrongly judged."""

    app: Flask
    client: FlaskClient
    world: World
    holders: dict[str, dict[str, str]]
    nothing: set[str] = field(default_factory=set)
    calls: int = 0
    cells: int = 0
    leaks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def run(self, methods: frozenset[str]) -> None:
        """Call every route with these methods as every role, the least mighty first."""
        for role in sorted(oracle.ROLES, key=lambda key: sum(len(one["do"]) for one in oracle.ROLES[key].values())):
            for rule in self.app.url_map.iter_rules():
                for method in sorted((rule.methods or set()) & methods):
                    self._row_by_row(role, rule, method)

    def _row_by_row(self, role: str, rule: Rule, method: str) -> None:
        asked = policy_of(self.app, rule.endpoint)
        assert asked is not None
        by_row: dict[str, tuple[int, str]] = {}
        for path, row in places(rule, self.world):
            answer = self.client.open(path, method=method, headers=self.holders[role])
            by_row[row] = (answer.status_code, bare(answer))
            self.calls += 1
            self.cells += len(self.world.secrets)
            told = self.world.found_in(answer.get_data(as_text=True) + str(answer.headers))
            here = f"{role}: {method} {path} {answer.status_code}"
            leaked = [one for one in told if not oracle.sees(role, self.world, one, rule.endpoint)]
            self.leaks += [f"{here}: {one.row} {one.name}" for one in leaked]
            self.wrong += [f"{here}: {what}" for what in self._misjudged(role, asked, row, method, answer)]
        for row in self.world.orders:
            outside = row in by_row and "missing" in by_row and self._is_outside(role, asked, row)
            if outside and by_row[row] != by_row["missing"]:
                self.wrong.append(f"{role}: {method} {rule.rule}: a row of others is told from none")

    def _is_outside(self, role: str, asked: Policy, row: str) -> bool:
        record = asked.right.partition(".")[0]
        return (
            record == "order" and row in self.world.orders and not oracle.reaches(role, "order", self.world.rows[row])
        )

    def _misjudged(self, role: str, asked: Policy, row: str, method: str, answer: TestResponse) -> Iterator[str]:
        """Yield what is wrong with how an answer lets in or turns away."""
        status = answer.status_code
        if status >= 500 and status != 503:
            yield "a fault"
        if asked.public:
            return
        held, outside = not asked.right or oracle.may(role, asked.right), self._is_outside(role, asked, row)
        if not held and status != 404:
            yield "told that there is something"
        if (outside or row == "missing") and status in (200, 201, 204):
            yield "let in"
        if status == 404 and method != "HEAD" and bare(answer) not in self.nothing:
            yield "another 404 than that of nothing"
        about_order = row in self.world.orders and asked.right == "order.read"
        if held and not outside and about_order and method == "GET" and status != 200:
            yield "turned away"


def test_nobody_is_told_more_than_their_role_says(app: Flask, founded: Services, channels: FakeChannels) -> None:
    channels.script = lambda _: Answer(503, {}, b"")
    world, client = planted(founded), app.test_client()
    holders = {role: person(founded, f"holder-{role}", [role], ["east"])[1] for role in oracle.ROLES}
    made = Matrix(app, client, world, holders)
    nobody = f"/scim/v2/Users/{_MISSING}"
    for role, path in (
        ("viewer", "/nowhere"),
        ("viewer", "/api/v1/nowhere"),
        ("viewer", nobody),
        ("directory", nobody),
    ):
        made.nothing.add(bare(client.get(path, headers=holders[role])))
    made.run(frozenset({"GET", "HEAD"}))
    made.run(frozenset({"POST", "PUT", "PATCH", "DELETE"}))
    print(f"permission matrix: {made.calls} calls, {made.cells} cells, {len(made.leaks)} leaks")
    assert made.leaks == []
    assert made.wrong == []
    assert made.cells > 40_000


def test_strangers_come_nowhere(app: Flask, founded: Services) -> None:
    world, client = planted(founded), app.test_client()
    for rule in app.url_map.iter_rules():
        asked = policy_of(app, rule.endpoint)
        assert asked is not None
        for path, _ in places(rule, world):
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                for credential in ({}, {"Authorization": "Bearer null"}, {"Authorization": "Bearer "}):
                    answer = client.open(path, method=method, headers=credential)
                    assert world.found_in(answer.get_data(as_text=True)) == [], path
                    if not asked.public:
                        way_in = answer.status_code == 302 and answer.headers["Location"] == "/login"
                        assert answer.status_code == 401 or way_in, (path, answer.status_code)


def test_every_starter_row_filter_is_known_to_the_oracle(founded: Services, client: FlaskClient) -> None:
    world = planted(founded)
    for role, rights in oracle.ROLES.items():
        for record in rights:
            assert oracle.reaches(role, record, world.rows["east"]) in (True, False)
    seen = client.get("/api/v1/orders", headers=person(founded, "all", ["admin"])[1]).get_data(as_text=True)
    assert {one.row for one in world.found_in(seen)} == {"east", "north"}
