"""Two databases equal but for what a role may not read: every answer to that role is the same, byte for byte."""

import itertools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uuid_utils
from flask import Flask

from ordain.flows import publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.database import Database
from ordain.store.definitions import LiveDefinitions
from ordain.store.tables.orders import OrderRow
from ordain.web.app import create_app
from tests.conftest import SEALS
from tests.factories import ORIGIN, publish_role
from tests.security.test_matrix import places
from tests.security.world import FORM, World, order, person, take
from tests.web.pages.test_records import COMPLAINT

_PLAIN: Mapping[str, Any] = {
    "name": "龘甲靐", "phone": "13934461385", "street": "鱻甲路51号", "title": "麤甲茶", "total": 8341,
}  # fmt: skip
_FIELD = {"note": {"type": "text", "title": {"zh": "暗记", "en": "Mark"}, "searchable": True}}
_ORDERS = {"do": ["read", "export", "edit"]}
# What a role may not read: of its own order, whether the other order is out of reach, and of the complaint.
CASES: Mapping[str, tuple[Mapping[str, Any], bool, Mapping[str, Any]]] = {
    "finance": ({"phone": "13978821385", "street": "鱻乙巷8877弄"}, False, {"phone": "13655500001"}),
    "viewer": ({"name": "龘乙丙丁", "phone": "13978821385", "street": "鱻乙巷8877弄"}, False, {"phone": "13655500001"}),
    "warehouse": ({"total": 9912, "street": _PLAIN["street"]}, True, {}),
    "blind": (
        {"title": "麤乙茶水", "total": 19912, "name": "戊", "street": "鱻乙巷", "phone": "13978820001", "note": "乙", "priority": "vip"},
        True,
        {"severity": "high", "supplier": "Bolt", "claim": 991},
    ),
}  # fmt: skip
_BLIND = {
    "order": {
        **_ORDERS,
        "rows": "region == 'east'",
        "fields": dict.fromkeys(("lines", "total", "buyer.name", "buyer.phone", "note", "priority", "lane"), "hidden"),
    },
    "record": {
        "do": ["read", "export", "edit", "move"],
        "fields": {"severity": "hidden", "supplier": "masked", "claim": "hidden", "phone": "hidden"},
    },
}
_PROBES = (
    "龘", "甲", "乙", "13934461385", "13978821385", "1385", "鱻", "麤甲", "麤乙", "83.41", "99.12", "HYQ", "Bolt", "Acme",
)  # fmt: skip


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> "Ids":
    """Return ids that count up, so that two worlds have the same."""
    made = Ids()
    monkeypatch.setattr(uuid_utils, "uuid7", made)
    return made


class Ids:
    """Identifiers in order from a start."""

    def __init__(self) -> None:
        self.again(1)

    def again(self, start: int) -> None:
        self._numbers = itertools.count(start << 64)

    def __call__(self) -> uuid.UUID:
        return uuid.UUID(int=(1 << 120) + next(self._numbers))


def built(base: Services, file: Path, ids: Ids, role: str, *, other: bool) -> tuple[Flask, World, dict[str, str]]:
    """Build one of the two worlds on a copy of what is founded."""
    ids.again(1000)
    hidden, beyond, complaint = CASES[role] if other else ({}, False, {})
    services = replace(base, db=Database(f"sqlite:///{file}", durable=False, seals=SEALS), live=LiveDefinitions())
    values = {**_PLAIN, **hidden}
    note, priority = str(values.pop("note", "甲")), str(values.pop("priority", "normal"))
    world = World()
    publishing.publish(services, [COMPLAINT, _order_form()], "", ORIGIN)
    publish_role(services, "blind", _BLIND)
    headers = person(services, "reader", [role], ["east"])[1]
    world.person = person(services, "somebody", ["viewer"])[0]
    take(services, order("HYQEAST", "浙江省 杭州市 西湖区", **values))
    with services.db.read() as conn:
        form = recording.form_of(services.live.at(conn), FORM)
    assert form is not None
    data = {"supplier": "Acme", "severity": "low", "claim": 100, "phone": "13655512399", "reason": "", **complaint}
    world.complaint = recording.create(services, form, data, ORIGIN, EVERYTHING).id
    take(services, order("HYQNORTH", "北京市 北京市 海淀区", **{**_PLAIN, **({"total": 77700} if beyond else {})}))
    if beyond:
        more = order("HYQMORE", "北京市 北京市 海淀区", **_PLAIN)
        more["lines"]["1"]["sku"] = "HY-NONE"  # of no stock: how much is left is no secret of an order's
        take(services, more)
    with services.db.write() as conn:
        changed = {"extra": {"note": note}, "priority": priority, "lane": priority}
        conn.execute(sa.update(OrderRow).where(OrderRow.external_id == "HYQEAST").values(**changed))
        for row, name in (("east", "HYQEAST"), ("north", "HYQNORTH")):
            world.orders[row] = str(conn.scalar(sa.select(OrderRow.id).where(OrderRow.external_id == name)))
            world.messages[row] = "0" * 32
    return create_app(services), world, headers


def _order_form() -> dict[str, Any]:
    title = {"zh": "订单", "en": "Order"}
    spec = {"record": "order", "extends": "built-in", "fields": _FIELD}
    return {"kind": "form", "key": "order", "title": title, "schema_version": 1, "spec": spec}


def asked(app: Flask, world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every question: method, path, more."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "health.metrics"):
            yield from (("GET", path, {}) for path, _ in places(rule, world))
    entries = f"/api/v1/forms/{FORM}/entries"
    for probe in _PROBES:
        for path in ("/orders?view=all&", f"/records/{FORM}?", "/api/v1/orders?", f"{entries}?", "/palette?"):
            yield "GET", f"{path}q={probe}", {}
    for sort in ("total", "-total", "quantity", "placed_at", "own.note", "-own.note"):
        yield "GET", f"/orders?view=all&sort={sort}&cols=buyer&cols=total&cols=goods&cols=lane&cols=own.note", {}
        yield "GET", f"/api/v1/orders?sort={sort}", {}
    for narrowing in (
        "total_from=90", "total_to=90", "f.note=甲", "f.note=乙", "priority=vip", "lane=vip", "filter=note:乙",
        "view=vip", "view=todo", "view=month", "layout=board", "region=north", "state=paid", "held=no",
    ):  # fmt: skip
        yield "GET", f"/orders?view=all&{narrowing}", {}
        yield "GET", f"/api/v1/orders?{narrowing}", {}
    for narrowing in ("severity=high", "claim_from=5", "supplier=Bolt", "layout=board", "sort=claim", "sort=-supplier"):
        yield "GET", f"/records/{FORM}?{narrowing}", {}
    for narrowing in ("severity:high", "claim:991", "supplier:Bolt", "phone:1"):
        yield "GET", f"{entries}?filter={narrowing}", {}
    for subject in ("order", FORM):
        for query in ("view=all", "view=all&q=鱻", "total_from=90", "f.note=乙", "severity=high"):
            for what in ("export", "set", "redrive"):
                yield "POST", f"/lists/{subject}/ask/{what}", {"data": {"all": "1", "query": query}}
            for form in ("csv", "xlsx"):
                yield "POST", f"/lists/{subject}/do/export", {"data": {"all": "1", "query": query, "format": form}}
    yield "GET", "/background", {}
    for order_id in world.orders.values():
        for what in ("pay", "cancel", "ship", "redrive"):
            yield "POST", f"/api/v1/orders/{order_id}/{what}", {"json": {"amount": 1}}
    for to in ("", "settled", "nowhere"):
        body = {"data": {"supplier": "••••••"}, "version": 7, "to": to}
        yield "PUT", f"{entries}/{world.complaint}", {"json": body}


def answers(app: Flask, world: World, headers: dict[str, str]) -> dict[str, tuple[int, bytes, list[tuple[str, str]]]]:
    """Return every answer by its question, with the files of exports."""
    client, found = app.test_client(), {}
    for place, (method, path, more) in enumerate(asked(app, world)):
        answer = client.open(path, method=method, headers={**headers, "X-Request-Id": f"request-{place:06}"}, **more)
        found[f"{method} {path} {more}"] = (answer.status_code, answer.get_data(), sorted(answer.headers))
        if answer.status_code == 302 and "/background/" in answer.headers["Location"]:
            file = client.get(f"{answer.headers['Location']}/file", headers=headers)
            found[f"file of {path} {more}"] = (file.status_code, file.get_data(), [])
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", sorted(CASES))
def test_what_a_role_may_not_read_changes_no_answer_to_it(
    founded: Services, ids: Ids, role: str, tmp_path: Path
) -> None:
    told = {}
    for key in ("one", "other"):
        file = tmp_path / f"{key}.db"
        with founded.db.engine.connect() as conn:
            conn.exec_driver_sql("COMMIT")
            conn.exec_driver_sql(f"VACUUM INTO '{file}'")
        app, world, headers = built(founded, file, ids, role, other=key == "other")
        ids.again(900_000)
        told[key] = answers(app, world, headers)
        if key == "other":
            ids.again(950_000)
            admin = answers(app, world, person(app.extensions["ordain"], "boss", ["admin"])[1])
        app.extensions["ordain"].db.close()
    unequal = [where for where, answer in told["one"].items() if told["other"].get(where) != answer]
    print(f"paired databases, {role}: {len(told['one'])} answers, {len(unequal)} unequal")
    assert unequal == []
    assert sum(answer != told["other"][where] for where, answer in admin.items() if where in told["other"]) > 20
