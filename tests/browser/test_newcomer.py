"""A newcomer's day with the editors, without a line of JSON: a ninth channel, a field on orders, a form for the phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.rig.browser import opened, picture, watched
from tests.rig.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def kept(page: Page) -> None:
    """Wait until what was typed is kept and the page stands still."""
    page.wait_for_timeout(900)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-saved]").first).not_to_be_empty()


def press(page: Page, act: str) -> None:
    """Press a button of the editor and wait until its answer stands on the page."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator(f'button[name=act][value="{act}"]').first.click()
    kept(page)


def shown(page: Page, name: str) -> Locator:
    """Return a field of the editor, its row opened where it is closed."""
    found = page.locator(f'[name="{name}"]')
    closed = found.locator("xpath=ancestor::details[not(@open)]")
    while closed.count():
        closed.first.locator("summary").first.click()
    return found


def publish(page: Page, note: str) -> None:
    page.locator("#open-publish").click()
    page.locator("#note").fill(note)
    page.locator("#publish .btn-primary").click()


def pictured(page: Page, name: str) -> None:
    """Take a page in both languages and sizes."""
    for language in ("zh", "en"):
        page.context.add_cookies([{"name": "lang", "value": language, "url": page.url}])
        for size, width, height in (("laptop", 1440, 900), ("phone", 390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.reload()
            page.wait_for_load_state("networkidle")
            assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"), (name, size)
            picture(page, f"{name}-{language}-light-{size}.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()


def test_a_ninth_channel_is_connected_from_what_it_answers(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.set_default_timeout(12_000)
    page.goto(f"{product.base}/admin/definitions/channel/new")
    page.fill("#key", "ninth")
    page.fill("#zh", "第九渠道")
    page.fill("#en", "Ninth shop")
    page.select_option("#like", "own-site")
    page.locator("form.editor .btn-primary").click()
    page.wait_for_url("**/channel/ninth/edit")
    page.locator("#probe button").first.click()
    expect(page.locator("#probe")).to_contain_text("First record", timeout=15_000)
    expect(page.locator("#probe pre").first).to_contain_text("X-Hub-Sign")
    pictured(page, "ninth-channel")
    page.locator("#probe button").first.click()
    page.locator("#probe button", has_text="Begin a mapping from it").click()
    page.wait_for_url("**/mapping/ninth-order/edit")
    expect(page.locator(".map-result").first).to_contain_text("HY")
    other = page.locator(".map-row", has=page.locator("code", has_text=re.compile(r"^buyer\.name$")))
    mapped = page.locator('[name$="//key"][value="buyer.name"]')
    expect(other.or_(mapped).first).to_be_attached()
    missing = page.locator('.grid-missing input[id^="grid-new"]')
    while missing.count():
        before = missing.count()
        missing.first.fill("paid")
        missing.first.press("Enter")
        expect(missing).to_have_count(before - 1)
    expect(page.locator("#tried")).to_contain_text("would pass")
    press_first = page.locator('[name="spec/fields/r1//key"]').input_value()
    page.locator(".map-row [data-handle]").nth(1).focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator('[name="spec/fields/r0//key"]')).to_have_value(press_first)
    expect(page.locator(".map-row [data-handle]").first).to_be_focused()
    pictured(page, "ninth-mapping")
    page.goto(f"{product.base}/admin/definitions/channel/ninth/edit")
    page.fill("#f-spec-mapping", "ninth-order")
    kept(page)
    page.locator("#open-publish").click()
    expect(page.locator(".together input")).to_be_checked()
    page.locator("#note").fill("the ninth channel")
    page.locator("#publish .btn-primary").click()
    page.wait_for_url("**/definitions/channel/ninth")
    page.goto(f"{product.base}/admin/channels/ninth")
    expect(page.locator("h1")).to_contain_text("Ninth")
    page.locator("button", has_text="Poll now").first.click()
    page.goto(f"{product.base}/orders?channel=ninth&view=all")
    expect(page.locator("tbody tr").first).to_be_visible(timeout=20_000)
    expect(page.locator("tbody tr").first).to_contain_text("Ninth shop")
    assert [text for text in complaints if "422" not in text] == []
    context.close()


def test_orders_get_a_field_and_a_mapping_is_rolled_back(product: Product, chromium: Browser, signed_in: Path) -> None:
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.set_default_timeout(12_000)
    page.goto(f"{product.base}/admin/definitions/form/order/edit")
    press(page, "add:spec/fields")
    last = page.locator('[name^="spec/fields/r"][name$="//key"]').last
    name = str(last.get_attribute("name")).removesuffix("//key")
    shown(page, f"{name}//key").fill("gift_note")
    shown(page, f"{name}/title/zh").fill("礼品留言")
    shown(page, f"{name}/title/en").fill("Gift note")
    shown(page, f"{name}/type").select_option("long_text")
    kept(page)
    publish(page, "gifts come with a note")
    page.wait_for_url("**/definitions/form/order")
    page.goto(f"{product.base}/orders")
    page.locator("a[href*='/orders/0']").first.click()
    page.wait_for_url("**/orders/0*")
    expect(page.locator("body")).to_contain_text("Gift note")
    page.goto(f"{product.base}/admin/definitions/mapping/jd-order/edit")
    page.locator(".map-others > summary", has_text="Title").click()
    page.locator("#f-title-en").fill("JD order, changed")
    kept(page)
    publish(page, "another name")
    page.wait_for_url("**/definitions/mapping/jd-order")
    page.locator("a", has_text="Version 1").first.click()
    page.locator("button", has_text="Roll back to it").click()
    expect(page.locator("h1")).not_to_have_text("JD order, changed")
    assert complaints == []
    context.close()


def field(page: Page, owner: str, name: str, zh: str, en: str, kind: str) -> str:
    """Add a field to a form and return the name its parts are posted under."""
    press(page, f"add:{owner}")
    rows = page.locator(f'[name^="{owner}/r"][name$="//key"]')
    own = re.compile(rf"^{re.escape(owner)}/r\d+//key$")
    names = [one for one in rows.evaluate_all("all => all.map(one => one.name)") if own.match(one)]
    row = str(names[-1]).removesuffix("//key")
    shown(page, f"{row}//key").fill(name)
    shown(page, f"{row}/title/zh").fill(zh)
    shown(page, f"{row}/title/en").fill(en)
    shown(page, f"{row}/type").select_option(kind)
    kept(page)
    return row


def test_a_form_with_lines_and_states_is_made_and_filled_on_a_phone(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.set_default_timeout(12_000)
    page.goto(f"{product.base}/admin/definitions/form/new")
    page.fill("#key", "site-visit")
    page.fill("#zh", "上门勘测")
    page.fill("#en", "Site visits")
    page.locator("form.editor .btn-primary").click()
    page.wait_for_url("**/form/site-visit/edit")
    expect(page.locator("#f-spec-record")).to_have_value("site-visit")
    press(page, "add:spec/fields")
    first = field(page, "spec/fields", "address", "地址", "Address", "text")
    shown(page, f"{first}/required").select_option("true")
    rooms = field(page, "spec/fields", "rooms", "房间", "Rooms", "list")
    expect(page.locator(f'button[value="add:{rooms}/options"]')).to_have_count(0)
    press(page, f"add:{rooms}/fields")
    field(page, f"{rooms}/fields", "room", "房间名", "Room", "text")
    field(page, f"{rooms}/fields", "windows", "窗数", "Windows", "integer")
    for place in range(page.locator('[name^="spec/fields/r"][name$="//key"]').count()):
        key = page.locator(f'[name="spec/fields/r{place}//key"]')
        if key.count() and key.input_value().startswith("field_"):
            press(page, f"remove:spec/fields/r{place}")
            break
    press(page, "add:spec/states")
    states = [("planned", "已安排", "Planned"), ("visited", "已勘测", "Visited")]
    for place, (name, zh, en) in enumerate(states):
        if not page.locator(f'[name="spec/states/r{place}//key"]').count():
            press(page, "add:spec/states")
        shown(page, f"spec/states/r{place}//key").fill(name)
        kept(page)
        press(page, f"add:spec/states/r{place}/title")
        shown(page, f"spec/states/r{place}/title/zh").fill(zh)
        shown(page, f"spec/states/r{place}/title/en").fill(en)
        kept(page)
    press(page, "add:spec/states/r0/to")
    shown(page, "spec/states/r0/to/r0").fill("visited")
    kept(page)
    pictured(page, "site-visit-editor")
    publish(page, "visits are written down")
    page.wait_for_url("**/definitions/form/site-visit")
    phone_context = opened(chromium, signed_in, "zh-CN", "light", "phone")
    phone, phone_complaints = watched(phone_context)
    phone.goto(f"{product.base}/records/site-visit/new")
    phone.locator("#f-address").fill("海风路 204 号")
    phone.locator('button[value="add:rooms"]').tap()
    expect(phone.locator("[data-row]")).to_have_count(1)
    phone.locator("#f-rooms-r0-room").fill("客厅")
    phone.locator("#f-rooms-r0-windows").fill("3")
    phone.wait_for_load_state("networkidle")
    picture(phone, "site-visit-new-zh-light-phone.png")
    phone.locator("button[name=save]").tap()
    phone.wait_for_url("**/records/site-visit/*told=saved")
    phone.locator("button[name=to]").tap()
    expect(phone.locator(".topbar")).to_contain_text("已勘测")
    picture(phone, "site-visit-zh-light-phone.png")
    assert complaints == []
    assert phone_complaints == []
    context.close()
    phone_context.close()
