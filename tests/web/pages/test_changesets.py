"""Open drafts: several go live in one moment or none does; each can be let go; strangers see nothing of them."""

import copy
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.store import definitions
from tests.factories import ORIGIN
from tests.web.pages.test_editor import draft, posted

DRAFTS = "/admin/definitions/drafts"
CHANNEL, MAPPING = ("channel", "ninth"), ("mapping", "ninth-order")


def begun(services: Services) -> None:
    """Put two drafts there that need each other: a channel and its mapping."""
    with services.db.read() as conn:
        channel = definitions.live(conn, "channel", "own-site")
        mapping = definitions.live(conn, "mapping", "own-site-order")
    assert channel is not None
    assert mapping is not None
    one: dict[str, Any] = copy.deepcopy({**channel.document, "key": "ninth"})
    one["spec"]["mapping"] = "ninth-order"
    publishing.save_draft(services, one, ORIGIN, seen=None)
    publishing.save_draft(services, {**mapping.document, "key": "ninth-order"}, ORIGIN, seen=None)


def live(services: Services, place: tuple[str, str]) -> definitions.Version | None:
    with services.db.read() as conn:
        return definitions.live(conn, *place)


def token_of(admin: FlaskClient) -> str:
    return dict(posted(admin))["csrf_token"]


def test_a_channel_and_its_mapping_go_live_in_one_moment(admin: FlaskClient, founded: Services) -> None:
    begun(founded)
    page = admin.get(DRAFTS).text
    assert 'value="channel/ninth"' in page
    assert 'value="mapping/ninth-order"' in page
    token = token_of(admin)
    alone = admin.post(f"{DRAFTS}/publish", data={"csrf_token": token, "draft": "channel/ninth", "note": "alone"})
    assert alone.status_code == 422
    assert "there is no live mapping" in alone.text
    assert (
        'value="channel/ninth" id="draft-2" checked' in alone.text
        or 'value="channel/ninth" id="draft-1" checked' in alone.text
    )
    assert live(founded, CHANNEL) is None
    data = {"csrf_token": token, "draft": ["channel/ninth", "mapping/ninth-order"], "note": "a ninth channel"}
    assert admin.post(f"{DRAFTS}/publish", data=data).status_code == 302
    assert live(founded, CHANNEL) is not None
    made = live(founded, MAPPING)
    assert made is not None
    assert made.note == "a ninth channel"
    assert "Nobody is in the middle of a change" in admin.get(DRAFTS).text


def test_an_editor_offers_the_drafts_that_belong_to_its_own(admin: FlaskClient, founded: Services) -> None:
    begun(founded)
    page = admin.get("/admin/definitions/channel/ninth/edit").text
    assert 'name="draft" value="mapping/ninth-order" checked' in page
    data = {"csrf_token": token_of(admin), "draft": ["mapping/ninth-order"], "note": "together"}
    answer = admin.post("/admin/definitions/channel/ninth/publish", data=data)
    assert answer.location == "/admin/definitions/channel/ninth"
    assert live(founded, MAPPING) is not None


def test_one_that_may_not_run_keeps_all_from_running(admin: FlaskClient, founded: Services) -> None:
    begun(founded)
    kept = draft(founded, *MAPPING)
    assert kept is not None
    broken = {**kept.document, "spec": {**kept.document["spec"], "fields": {"nonsense": {"from": "a"}}}}
    publishing.save_draft(founded, broken, ORIGIN, seen=None)
    data = {"csrf_token": token_of(admin), "draft": ["channel/ninth", "mapping/ninth-order"]}
    assert admin.post(f"{DRAFTS}/publish", data=data).status_code == 422
    assert (live(founded, CHANNEL), live(founded, MAPPING)) == (None, None)
    assert draft(founded, *CHANNEL) is not None


def test_drafts_are_let_go_one_or_all(admin: FlaskClient, founded: Services) -> None:
    begun(founded)
    token = token_of(admin)
    admin.post(
        f"{DRAFTS}/discard", data={"csrf_token": token, "draft": ["channel/ninth", "nonsense/x", "mapping/none"]}
    )
    assert draft(founded, *CHANNEL) is None
    assert draft(founded, *MAPPING) is not None


def test_a_draft_that_fell_behind_says_so(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        lane = definitions.live(conn, "lane", "vip")
    assert lane is not None
    publishing.save_draft(founded, {**lane.document, "title": {"zh": "贵", "en": "Mine"}}, ORIGIN, seen=None)
    held = draft(founded, "lane", "vip")
    publishing.publish(founded, [{**lane.document, "title": {"zh": "宾", "en": "Theirs"}}], "", ORIGIN)
    assert held is not None
    with founded.db.write() as conn:
        definitions.put_draft(conn, held)
    page = admin.get(DRAFTS).text
    assert "from version 1, version 2 runs" in page
    assert "Mine" in page


def test_a_role_among_the_drafts_asks_for_a_proof(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        role = definitions.live(conn, "role", "viewer")
    assert role is not None
    publishing.save_draft(founded, {**role.document, "title": {"zh": "看", "en": "Looker"}}, ORIGIN, seen=None)
    token = token_of(admin)
    with founded.db.write() as conn:
        conn.exec_driver_sql("UPDATE session SET proven_at = NULL")
    answer = admin.post(f"{DRAFTS}/publish", data={"csrf_token": token, "draft": ["role/viewer"]})
    assert "step_up_proof" in answer.text
    found = live(founded, ("role", "viewer"))
    assert found is not None
    assert found.number == 1


def test_only_those_who_may_read_definitions_see_drafts(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("service").get(DRAFTS).status_code in (403, 404)
