"""Every main page in a real browser: both languages, light and dark, laptop and phone; nothing violated, all reachable.

The pictures lie in tests/browser/pictures, for a person to look through.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.rig.browser import PASSWORD, SIZES, opened, picture, violations, watched
from tests.rig.product import Product
from tests.web.pages.test_records import COMPLAINT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PLACES = {
    "orders": "/orders", "orders-held": "/orders?view=held", "orders-board": "/orders?view=all&layout=board",
    "products": "/records/product", "background": "/background", "quarantine": "/quarantine", "channels": "/admin/channels",
    "channel": "/admin/channels/own-site", "definitions": "/admin/definitions",
    "definition": "/admin/definitions/mapping/own-site-order", "style": "/admin/style", "proof": "/stock/proof", "audit": "/admin/audit",
    "outside": "/admin/outside",
    "mapping-editor": "/admin/definitions/mapping/own-site-order/edit",
    "channel-editor": "/admin/definitions/channel/own-site/edit", "definition-new": "/admin/definitions/mapping/new",
    "definition-json": "/admin/definitions/role/admin/edit?tab=json", "imports": "/imports",
    "stock": "/records/stock", "movements": "/records/stock-movement", "shipments": "/records/shipment",
    "returns": "/records/return-request", "people": "/admin/people", "rights": "/admin/rights", "account": "/account",
    "form-editor": "/admin/definitions/form/order/edit",
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_are_sound_in_every_dress(
    product: Product, chromium: Browser, signed_in: Path, language: str, theme: str, size: str
) -> None:
    context = opened(chromium, signed_in, language, theme, size)
    page, complaints = watched(context)
    for name, place in PLACES.items():
        answer = page.goto(product.base + place)
        assert answer is not None
        assert answer.status == 200, place
        page.wait_for_load_state("load")
        picture(page, f"{name}-{language[:2]}-{theme}-{size}.png")
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        assert not wide, f"{place} is wider than the screen"
    page.goto(product.base + "/orders")
    page.locator("a[href*='/orders/0']").first.click()
    page.wait_for_url("**/orders/0*")
    picture(page, f"order-{language[:2]}-{theme}-{size}.png")
    assert complaints == []
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(product: Product, chromium: Browser, signed_in: Path, theme: str) -> None:
    context = chromium.new_context(storage_state=signed_in, locale="en", color_scheme=theme, bypass_csp=True)  # type: ignore[arg-type] # one of two words
    page = context.new_page()
    found = {}
    for name, place in PLACES.items():
        page.goto(product.base + place)
        if bad := violations(page):
            found[name] = bad
    page.goto(product.base + "/orders")
    page.locator("a[href*='/orders/0']").first.click()
    page.wait_for_url("**/orders/0*")
    if bad := violations(page):
        found["order"] = bad
    assert found == {}
    context.close()


def test_the_way_in_is_the_same_for_everybody(product: Product, chromium: Browser, signed_in: Path) -> None:
    context = opened(chromium, None, "zh-CN", "light", "phone")
    page, complaints = watched(context)
    page.goto(product.base + "/orders")
    assert page.url.endswith("/login")
    picture(page, "login-zh-light-phone.png")
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/orders")
    assert [text for text in complaints if "401" not in text] == []
    context.close()


def test_a_form_made_by_an_admin_is_filled_on_a_phone(product: Product, chromium: Browser, signed_in: Path) -> None:
    folder = product.home.parent / "forms"
    (folder / "form").mkdir(parents=True, exist_ok=True)
    (folder / "form" / "supplier-complaint.json").write_text(json.dumps(COMPLAINT))
    assert product.command("definitions", "apply", str(folder)).returncode == 0
    context = opened(chromium, signed_in, "zh-CN", "light", "phone")
    page, complaints = watched(context)
    page.goto(f"{product.base}/records/supplier-complaint/new")
    page.fill("#f-supplier", "禾木供应")
    page.select_option("#f-severity", "high")
    expect(page.locator("#f-reason")).to_be_visible()
    expect(page.locator("#f-supplier")).to_have_value("禾木供应")
    page.locator('button[value="add:lines"]').click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("button[name=save]").click()
    expect(page.locator("#f-lines-r0-sku")).to_have_attribute("aria-invalid", "true")
    page.fill("#f-lines-r0-sku", "HY-1")
    page.fill("#f-claim", "12.50")
    picture(page, "record-new-zh-light-phone.png")
    page.locator("button[name=save]").click()
    page.wait_for_url("**/records/supplier-complaint/*told=saved")
    picture(page, "record-zh-light-phone.png")
    page.locator("button[name=to]").click()
    expect(page.locator("button[name=to]")).to_have_count(0)
    expect(page.locator(".topbar")).to_contain_text("已解决")
    page.goto(f"{product.base}/records/supplier-complaint")
    picture(page, "records-zh-light-phone.png")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert [text for text in complaints if "422" not in text] == []
    context.close()


def test_a_few_letters_lead_anywhere(product: Product, chromium: Browser, signed_in: Path) -> None:
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.goto(f"{product.base}/orders")
    page.keyboard.press("Control+k")
    page.keyboard.type("own website order")
    expect(page.locator("#palette-hits a").first).to_contain_text("Own website order")
    picture(page, "palette-en-light-laptop.png")
    page.keyboard.press("Enter")
    page.wait_for_url("**/definitions/mapping/own-site-order")
    assert complaints == []
    context.close()
