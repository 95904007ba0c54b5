"""A group of held messages: the effect of a draft on all of it, the re-drive as long work, and nothing twice."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordain.base.errors import Refused
from ordain.flows import intake, login, redriving_all, repairing, working
from ordain.flows.redriving import arrivals, redrive
from ordain.flows.services import Services
from ordain.flows.works import WORKS
from ordain.records.access import EVERYTHING
from ordain.records.actor import Origin, User
from ordain.store import definitions, messages, people
from ordain.store.messages import MessageQuery
from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import OrderEventRow
from tests.factories import ORIGIN, incoming, own_site_order, remap

WRONG = "HY-NTB-O8"
GROUP = MessageQuery(code="unknown_sku")


@pytest.fixture
def anna(founded: Services) -> Origin:
    assert login.add_user(founded, "anna", ["operations-lead"]) is not None
    with founded.db.read() as conn:
        who = people.person(conn, "anna")
    assert who is not None
    return Origin(User(who.id, who.name, frozenset(who.roles)), "request-1", "192.0.2.7")


def took(services: Services, *payloads: dict[str, Any]) -> list[str]:
    found = intake.take(services, "own-site", "webhook", [incoming(one) for one in payloads], ORIGIN)
    return [result.message_id for result in found.results]


def mapping(services: Services, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    with services.db.read() as conn:
        live = definitions.live(conn, "mapping", "own-site-order")
    assert live is not None
    document = deepcopy(dict(live.document))
    change(document["spec"])
    return document


def alias(spec: dict[str, Any]) -> None:
    spec["lookups"]["codes"] = {WRONG: "HY-NTB-08"}
    spec["lists"]["lines"]["fields"]["sku"]["via"] = ["text", {"lookup": "codes"}]


def number_from(field: dict[str, Any], spec: dict[str, Any]) -> None:
    spec["fields"]["external_id"] = field


def test_the_effect_of_a_draft_is_told_for_the_whole_group_and_nothing_is_stored(founded: Services) -> None:
    took(founded, *(own_site_order(f"HY{n}", sku=WRONG) for n in range(3)))
    other = own_site_order("HY9", sku="STILL-WRONG")
    took(founded, other)
    found = redriving_all.effect(founded, mapping(founded, alias), GROUP)
    assert (found.total, found.passing) == (4, 3)
    assert [one.event_id for one in found.staying] == [incoming(other).event_id]
    assert sum(found.new.values()) == 1
    with founded.db.read() as conn:
        assert len(messages.waiting(conn, GROUP)) == 4


def test_a_group_is_re_driven_as_long_work_and_counted(founded: Services, anna: Origin) -> None:
    took(founded, *(own_site_order(f"HY{n}", sku=WRONG) for n in range(3)))
    remap(founded, "own-site-order", alias)
    took(founded, own_site_order("HY9", sku="STILL-WRONG"))
    asked = redriving_all.start(founded, MessageQuery(), 4, anna)
    done = working.run(founded, asked.id, WORKS, seconds=20)
    assert done is not None
    assert (done.state, done.done, done.counts["passed"]) == ("done", 4, 3)
    assert done.counts["still_held"] == 1
    with pytest.raises(Refused):
        redriving_all.start(founded, MessageQuery(), 0, anna)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(("take up", "drive", "re-drive", "repair", "remap")), st.integers(0, 3)), max_size=9
    )
)
def test_no_message_ever_brings_two_orders(founded: Services, acts: list[tuple[str, int]]) -> None:
    """Whatever people and mappings do to a message, and in whatever order: it brings one order or none."""
    with founded.db.read() as conn:
        number = conn.scalar(sa.select(sa.func.count()).select_from(MessageRow)) or 0
    message_id = took(founded, own_site_order("", nonce=number))[0]
    taken = arrivals(founded, [message_id], ORIGIN)
    for act, n in acts:
        if act == "take up":
            taken = arrivals(founded, [message_id], ORIGIN)
        elif act == "drive":
            intake.take_all(founded, taken)
        elif act == "re-drive":
            redrive(founded, [message_id], ORIGIN)
        elif act == "remap":
            field = {"from": "orderNo", "via": ["text"]} if n == 0 else {"value": f"M{number}-{n}"}
            remap(founded, "own-site-order", partial(number_from, field))
        else:
            form = repairing.form_of(founded, message_id, EVERYTHING, ORIGIN)
            if form is not None:
                texts = {"external_id": f"P{number}-{n}"}
                repairing.save(founded, message_id, form.seen, texts, "as told", EVERYTHING, ORIGIN)
    with founded.db.read() as conn:
        row = OrderEventRow
        told = sa.select(row.order_id).where(row.message_id == message_id).distinct()
        brought = conn.scalars(told).all()
        standing = conn.scalar(sa.select(MessageRow.order_id).where(MessageRow.id == message_id))
    remap(founded, "own-site-order", partial(number_from, {"from": "orderNo", "via": ["text"]}))
    assert len(brought) <= 1
    assert standing in {None, *brought}
