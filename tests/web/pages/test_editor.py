"""The editor as a reader meets it: what is typed is kept, what is wrong is said beside its field, nothing runs unasked."""

import json
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from ordain import kinds
from ordain.base.errors import GatewayError
from ordain.engines.calls.answers import Answer
from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.store import definitions
from ordain.store.orders.find import OrderSummary
from tests.engines.mapping.test_suggesting import PAYLOAD
from tests.factories import ORIGIN

EDIT = "/admin/definitions/lane/vip/edit"


class Fields(HTMLParser):
    """Gathers what a browser would post of the editor's form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._inside = False
        self._select = self._area = ""
        self._text = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == "editor"
        if not self._inside:
            return
        if tag == "input" and given.get("name"):
            self.pairs.append((str(given["name"]), given.get("value") or ""))
        elif tag == "select":
            self._select, self._options = str(given["name"]), []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._area, self._text = str(given["name"]), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            chosen = [value for value, is_chosen in self._options if is_chosen] or [self._options[0][0]]
            self.pairs.append((self._select, chosen[0]))
            self._select = ""
        elif tag == "textarea" and self._area:
            self.pairs.append((self._area, self._text))
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data


def posted(browser: FlaskClient, address: str = EDIT, **changed: str) -> list[tuple[str, str]]:
    found = Fields(browser.get(address).text).pairs
    assert set(changed) <= {name for name, _ in found}, [name for name, _ in found]
    return [(name, changed.get(name, value)) for name, value in found]


def send(
    browser: FlaskClient, pairs: list[tuple[str, str]], address: str = EDIT, *, part: bool = True
) -> tuple[int, str]:
    from werkzeug.datastructures import MultiDict

    headers = {"HX-Request": "true"} if part else {}
    answer = browser.post(address, data=MultiDict(pairs), headers=headers)
    return answer.status_code, answer.text


def draft(services: Services, kind: str, key: str) -> definitions.Draft | None:
    with services.db.read() as conn:
        return definitions.draft(conn, kind, key)


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_every_kind_has_an_editor_that_changes_nothing_by_itself(
    admin: FlaskClient, founded: Services, kind: kinds.Kind
) -> None:
    with founded.db.read() as conn:
        item = definitions.listed(conn, kind.name)[0]
    address = f"/admin/definitions/{item.kind}/{item.key}/edit"
    status, page = send(admin, posted(admin, address), address)
    assert status == 200
    assert "Nothing differs from what runs" in page


def test_what_is_typed_is_kept_as_a_draft_and_runs_after_publishing(admin: FlaskClient, founded: Services) -> None:
    status, page = send(admin, posted(admin, **{"title/en": "Very important"}))
    assert status == 200
    assert "Very important" in page
    kept = draft(founded, "lane", "vip")
    assert kept is not None
    assert kept.document["title"]["en"] == "Very important"
    with founded.db.read() as conn:
        live = definitions.live(conn, "lane", "vip")
    assert live is not None
    assert live.document["title"]["en"] != "Very important"
    token = dict(posted(admin))["csrf_token"]
    answer = admin.post("/admin/definitions/lane/vip/publish", data={"csrf_token": token, "note": "renamed"})
    assert answer.location == "/admin/definitions/lane/vip"
    page = admin.get("/admin/definitions/lane/vip").text
    assert "Very important" in page
    assert "renamed" in page
    back = admin.post("/admin/definitions/lane/vip/rollback", data={"csrf_token": token, "version": "1"})
    assert back.status_code == 302
    assert "Very important" not in admin.get("/admin/definitions/lane/vip").text


def test_a_problem_stands_beside_its_field_and_in_the_summary_and_bars_publishing(
    admin: FlaskClient, founded: Services
) -> None:
    _, page = send(admin, posted(admin, **{"spec/when": "priorty == 'vip'"}))
    assert 'href="#f-spec-when"' in page
    assert 'aria-describedby="f-spec-when-faults"' in page
    assert "did you mean" in page
    token = dict(posted(admin))["csrf_token"]
    assert admin.post("/admin/definitions/lane/vip/publish", data={"csrf_token": token}).status_code == 422
    with founded.db.read() as conn:
        live = definitions.live(conn, "lane", "vip")
    assert live is not None
    assert live.number == 1


def test_what_cannot_be_read_stays_as_typed(admin: FlaskClient) -> None:
    name = next(name for name, value in posted(admin) if value.isdecimal() and "//" not in name)
    _, page = send(admin, posted(admin, **{name: "12x"}))
    assert 'value="12x"' in page


def test_buttons_add_and_remove_parts(admin: FlaskClient, founded: Services) -> None:
    address = "/admin/definitions/mapping/jd-order/edit"
    _, page = send(admin, [*posted(admin, address), ("act", "add:spec/checks")], address)
    kept = draft(founded, "mapping", "jd-order")
    assert kept is not None
    assert len(kept.document["spec"]["checks"]) == 8
    send(admin, [*Fields(page).pairs, ("act", "remove:spec/checks/r7")], address)
    kept = draft(founded, "mapping", "jd-order")
    assert kept is not None
    assert len(kept.document["spec"]["checks"]) == 7


def test_two_people_on_one_draft_see_both_sides(admin: FlaskClient, founded: Services) -> None:
    mine = posted(admin, **{"title/en": "Mine"})
    with founded.db.read() as conn:
        live = definitions.live(conn, "lane", "vip")
    assert live is not None
    publishing.save_draft(founded, {**live.document, "title": {"zh": "他", "en": "Theirs"}}, ORIGIN, seen=None)
    _, page = send(admin, mine)
    assert "saved another draft meanwhile" in page
    assert "Theirs" in page
    assert "Mine" in page
    kept = draft(founded, "lane", "vip")
    assert kept is not None
    assert kept.document["title"]["en"] == "Theirs"


def test_json_is_the_same_model_and_bad_json_stays_as_typed(admin: FlaskClient, founded: Services) -> None:
    token, seen = (dict(posted(admin))[name] for name in ("csrf_token", "seen"))
    address = f"{EDIT}/json"
    answer = admin.post(address, data={"csrf_token": token, "seen": seen, "text": '{"kind": "lane", oops'})
    assert answer.status_code == 422
    assert "oops" in answer.text
    assert 'data-mark="1"' in answer.text
    assert draft(founded, "lane", "vip") is None
    text = '{"kind": "lane", "key": "vip", "title": {"zh": "贵宾", "en": "V"}, "schema_version": 1, "spec": {}}'
    assert admin.post(address, data={"csrf_token": token, "seen": seen, "text": text}).status_code == 200
    kept = draft(founded, "lane", "vip")
    assert kept is not None
    assert kept.document["title"]["zh"] == "贵宾"
    spread = text.replace('"spec": {}', '\n\n"spec": {"when": "priorty == 1"}')
    answer = admin.post(address, data={"csrf_token": token, "seen": kept.hash, "text": spread})
    assert 'data-mark="3"' in answer.text
    assert 'href="#line-3"' in answer.text
    assert "\n\n&#34;spec" in answer.text
    other = text.replace('"vip"', '"other"')
    assert admin.post(address, data={"csrf_token": token, "text": other}).status_code == 422


def test_a_definition_is_begun_from_nothing_or_like_another(admin: FlaskClient, founded: Services) -> None:
    address = "/admin/definitions/channel/new"
    page = admin.get(address).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    values = {"csrf_token": token, "key": "ninth", "en": "Ninth", "like": "own-site"}
    assert admin.post(address, data=values).location == "/admin/definitions/channel/ninth/edit"
    kept = draft(founded, "channel", "ninth")
    assert kept is not None
    assert kept.document["title"] == {"zh": "Ninth", "en": "Ninth"}
    assert "Ninth" in admin.get("/admin/definitions?kind=channel").text
    taken = admin.post(address, data=values)
    assert taken.status_code == 422
    assert "is there already" in taken.text
    assert admin.post(address, data={**values, "key": "Not A Key"}).status_code == 422
    discarded = admin.post("/admin/definitions/channel/ninth/discard", data={"csrf_token": token})
    assert discarded.location == "/admin/definitions?kind=channel"
    assert admin.get("/admin/definitions/channel/ninth/edit").status_code == 404


def test_a_mapping_is_tried_on_what_really_came(admin: FlaskClient, bring: Callable[..., OrderSummary]) -> None:
    bring("HY1")
    bring("HY2", sku="NO-SUCH-THING")
    page = admin.get("/admin/definitions/mapping/own-site-order/edit").text
    assert "The newest 2 messages" in page
    assert "would be held" in page
    other = admin.get("/admin/definitions/mapping/own-site-order/edit?sample=1").text
    assert "would pass" in other
    assert "next failing sample" in other


def test_only_those_who_may_edit_come_in(signed_in: Callable[..., FlaskClient]) -> None:
    finance = signed_in("finance")
    assert finance.get(EDIT).status_code == 404
    assert finance.get("/admin/definitions/lane/new").status_code == 404


def test_a_mapping_is_begun_from_a_sample_and_tried_on_it(admin: FlaskClient, founded: Services) -> None:
    address = "/admin/definitions/mapping/new"
    token = admin.get(address).text.split('name="csrf_token" value="')[1].split('"')[0]
    sample = json.dumps(PAYLOAD)
    values = {"csrf_token": token, "key": "ninth-order", "en": "Ninth order", "sample": sample}
    broken = admin.post(address, data={**values, "sample": sample[:-3]})
    assert broken.status_code == 422
    assert "skuCode" in broken.text
    assert admin.post(address, data=values).status_code == 302
    kept = draft(founded, "mapping", "ninth-order")
    assert kept is not None
    assert kept.document["spec"]["fields"]["total"]["from"] == "payAmount"
    page = admin.get("/admin/definitions/mapping/ninth-order/edit").text
    assert 'data-source="receiver.mobile"' in page
    assert "¥45.98" in page


def test_suggestions_fill_what_is_not_mapped_and_leave_the_rest(admin: FlaskClient, founded: Services) -> None:
    address = "/admin/definitions/mapping/own-site-order/edit"
    removed = [*posted(admin, address), ("act", "remove:spec/fields/r0")]
    send(admin, removed, address)
    kept = draft(founded, "mapping", "own-site-order")
    assert kept is not None
    assert "external_id" not in kept.document["spec"]["fields"]
    before = kept.document["spec"]["fields"]
    send(admin, [*posted(admin, address), ("act", "suggest")], address)
    kept = draft(founded, "mapping", "own-site-order")
    assert kept is not None
    fields = kept.document["spec"]["fields"]
    assert fields["external_id"]["from"] == "orderNo"
    assert {name: fields[name] for name in before} == before


def test_a_channel_is_asked_once_and_its_secrets_stay_covered(admin: FlaskClient, founded: Services) -> None:
    address = "/admin/definitions/channel/own-site/edit"
    token = dict(posted(admin, address))["csrf_token"]
    body = {"data": {"items": [{"orderNo": "HY-77"}]}}
    founded.channels.answers = [Answer(200, {}, json.dumps(body).encode())]  # type: ignore[attr-defined] # the fake's
    page = admin.post(f"{address}/ask", data={"csrf_token": token}).text
    assert "HY-77" in page
    assert "1 records in the past hour" in page
    assert "test-secret" not in page
    founded.channels.answers = [GatewayError("no answer in time", permanent=False)]  # type: ignore[attr-defined]
    assert "no answer in time" in admin.post(f"{address}/ask", data={"csrf_token": token}).text
