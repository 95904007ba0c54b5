"""The editor as a reader meets it: what is typed is kept, what is wrong is said beside its field, nothing runs unasked."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from time import perf_counter
from typing import Any

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
        if given.get("type") == "checkbox" and "checked" not in given:
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
        items = definitions.listed(conn, kind.name)
    for item in items if kind.name == "mapping" else items[:1]:
        address = f"/admin/definitions/{item.kind}/{item.key}/edit"
        status, page = send(admin, posted(admin, address), address)
        assert status == 200
        assert "Nothing differs from what runs" in page, item.key


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


def test_a_session_that_ended_takes_nothing_that_was_typed_away(client: FlaskClient) -> None:
    answer = client.post(EDIT, data={"title/en": "typed"}, headers={"HX-Request": "true", "X-Keep": "1"})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers


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


MAPPING = "/admin/definitions/mapping/own-site-order/edit"


def spec_of(services: Services, key: str = "own-site-order") -> dict[str, Any]:
    kept = draft(services, "mapping", key)
    assert kept is not None
    found: dict[str, Any] = kept.document["spec"]
    return found


def test_transforms_are_chips_that_are_added_set_moved_and_removed(admin: FlaskClient, founded: Services) -> None:
    page = admin.get(MAPPING).text
    assert "units → minor" in page or "minor units" in page
    send(
        admin, [*posted(admin, MAPPING), ("act", 'put:spec/fields/r0/via={"replace":{"find":"-","with":""}}')], MAPPING
    )
    name = next(iter(spec_of(founded)["fields"]))
    steps = spec_of(founded)["fields"][name]["via"]
    place = len(steps) - 1
    assert steps[-1] == {"replace": {"find": "-", "with": ""}}
    chip = f"spec/fields/r0/via/r{place}"
    _, page = send(admin, [*posted(admin, MAPPING), ("act", f"part:{chip}")], MAPPING)
    opened = Fields(page).pairs
    assert ("part", chip) in opened
    send(admin, [(name, "HY" if name == f"{chip}//set/find" else value) for name, value in opened], MAPPING)
    assert spec_of(founded)["fields"][name]["via"][-1] == {"replace": {"find": "HY", "with": ""}}
    send(admin, [*posted(admin, MAPPING), ("act", f"remove:spec/fields/r0/via/r{place}")], MAPPING)
    assert spec_of(founded)["fields"][name]["via"] == steps[:-1]


def test_the_settings_of_a_row_are_kept_while_they_are_closed_and_written_where_they_are_open(
    admin: FlaskClient, founded: Services
) -> None:
    send(admin, [*posted(admin, MAPPING), ("act", "add:spec/fields/r0/otherwise")], MAPPING)
    name = next(iter(spec_of(founded)["fields"]))
    assert spec_of(founded)["fields"][name]["otherwise"] == "hold"
    before = spec_of(founded)["fields"][name]
    send(admin, posted(admin, MAPPING), MAPPING)
    assert spec_of(founded)["fields"][name] == before
    _, page = send(admin, [*posted(admin, MAPPING), ("act", "part:spec/fields/r0")], MAPPING)
    pairs = [(n, "drop-line" if n == "spec/fields/r0/otherwise" else v) for n, v in Fields(page).pairs]
    send(admin, pairs, MAPPING)
    assert spec_of(founded)["fields"][name]["otherwise"] == "drop-line"


def test_a_source_gets_another_one_beside_it(admin: FlaskClient, founded: Services) -> None:
    send(admin, [*posted(admin, MAPPING), ("act", "put:spec/fields/r0/from=second")], MAPPING)
    name = next(iter(spec_of(founded)["fields"]))
    assert spec_of(founded)["fields"][name]["from"][-1] == "second"


def test_a_target_that_is_not_mapped_takes_a_source_with_what_its_value_asks_for(
    admin: FlaskClient, founded: Services, bring: Callable[..., OrderSummary]
) -> None:
    bring("HY1")
    send(admin, [*posted(admin, MAPPING), ("act", "remove:spec/fields/r0")], MAPPING)
    gone = "external_id"
    assert gone not in spec_of(founded)["fields"]
    assert "1 needed fields are not mapped" in admin.get(MAPPING).text
    send(admin, posted(admin, MAPPING, **{f"map:{gone}": "orderNo"}), MAPPING)
    assert spec_of(founded)["fields"][gone]["from"] == "orderNo"


def table_of(services: Services) -> dict[str, Any]:
    found: dict[str, Any] = spec_of(services)["lookups"]["states"]
    return found


def test_a_lookup_table_is_a_grid(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        live = definitions.live(conn, "mapping", "own-site-order")
    assert live is not None
    before = live.document["spec"]["lookups"]["states"]
    first = next(iter(before))
    rows = {"grid:key:0": "RENAMED", "grid:value:0": "paid", "grid:key:add": "NEW", "grid:value:add": "shipped"}
    send(admin, posted(admin, MAPPING, **rows), MAPPING)
    assert next(iter(table_of(founded).items())) == ("RENAMED", "paid")
    assert first not in table_of(founded)
    assert "NEW" not in table_of(founded)
    _, page = send(
        admin,
        [*posted(admin, MAPPING, **{"grid:key:add": "NEW", "grid:value:add": "shipped"}), ("act", "grid-add")],
        MAPPING,
    )
    assert table_of(founded)["NEW"] == "shipped"
    send(admin, [*Fields(page).pairs, ("act", "grid-remove:NEW")], MAPPING)
    assert "NEW" not in table_of(founded)
    pasted = posted(admin, MAPPING, **{"grid:text": "X1\tpaid\nX2\tshipped"})
    send(admin, [*pasted, ("act", "grid-paste")], MAPPING)
    assert table_of(founded)["X2"] == "shipped"
    bad = posted(admin, MAPPING, **{"grid:text": "X3"})
    _, page = send(admin, [*bad, ("act", "grid-paste")], MAPPING)
    assert "row 1 has no two columns" in page
    answer = admin.get(f"{MAPPING}/table.csv?table=states")
    assert "X2,shipped" in answer.text
    assert admin.get(f"{MAPPING}/table.csv?table=nowhere").status_code == 404


def test_a_lookup_table_under_another_name_is_found_by_its_fields(admin: FlaskClient, founded: Services) -> None:
    place = next(
        name for name, value in posted(admin, MAPPING) if name.startswith("spec/lookups/") and value == "states"
    )
    send(admin, posted(admin, MAPPING, **{place: "conditions"}), MAPPING)
    assert "conditions" in spec_of(founded)["lookups"]
    assert {"lookup": "conditions"} in spec_of(founded)["fields"]["state"]["via"]


def test_five_thousand_rows_stay_quick(admin: FlaskClient, founded: Services) -> None:
    text = "\n".join(f"K{number}\tpaid" for number in range(5000))
    _, page = send(admin, [*posted(admin, MAPPING, **{"grid:text": text}), ("act", "grid-paste")], MAPPING)
    assert len(table_of(founded)) > 5000
    assert page.count('class="grid-row"') == 30
    assert len(page) < 300_000
    pairs = [(name, "K4999" if name == "grid:q" else value) for name, value in Fields(page).pairs]
    begun = perf_counter()
    _, page = send(admin, pairs, MAPPING)
    assert perf_counter() - begun < 2
    assert 'value="K4999"' in page
    assert page.count('class="grid-row"') == 1
    assert len(table_of(founded)) > 5000


def test_values_that_came_and_are_not_in_the_table_are_asked_for(
    admin: FlaskClient, founded: Services, bring: Callable[..., OrderSummary]
) -> None:
    bring("HY1", state="NEVER_SEEN")
    page = admin.get(MAPPING).text
    assert 'value="NEVER_SEEN" readonly' in page
    assert "1 × " in page
    rows = [*posted(admin, MAPPING, **{"grid:value:new0": "paid"}), ("act", "grid-add")]
    _, page = send(admin, rows, MAPPING)
    assert table_of(founded)["NEVER_SEEN"] == "paid"
    assert 'NEVER_SEEN" readonly' not in page


def test_a_large_form_is_folded_and_opens_where_one_wants(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        live = definitions.live(conn, "role", "admin")
    assert live is not None
    rights = {f"thing_{number}": {"do": ["read", "edit"], "fields": {"a": "read"}} for number in range(200)}
    document = {**live.document, "spec": {"rights": rights}}
    publishing.save_draft(founded, document, ORIGIN, seen=None)
    address = "/admin/definitions/role/admin/edit"
    page = admin.get(address).text
    assert 'value="open:spec/rights"' in page
    assert "spec/rights/r" not in page
    _, page = send(admin, [*Fields(page).pairs, ("act", "open:spec/rights")], address)
    assert 'value="open:spec/rights/r7"' in page
    _, page = send(admin, [*Fields(page).pairs, ("act", "open:spec/rights/r7")], address)
    pairs = [(name, "edit" if name == "spec/rights/r7/do/r0" else value) for name, value in Fields(page).pairs]
    send(admin, [*pairs, ("act", "remove:spec/rights/r3")], address)
    kept = draft(founded, "role", "admin")
    assert kept is not None
    found = kept.document["spec"]["rights"]
    assert len(found) == 199
    assert found["thing_7"]["do"][0] == "edit"
    assert found["thing_150"] == rights["thing_150"]
