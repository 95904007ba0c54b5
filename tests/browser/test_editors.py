"""An admin at the editors, by mouse and keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.rig.browser import opened, picture, watched
from tests.rig.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_an_admin_mends_a_mapping_with_the_mouse_and_rolls_back(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.goto(f"{product.base}/admin/definitions/mapping/own-site-order/edit")
    source, result = page.locator("#f-spec-fields-r0-from"), page.locator(".map-result").first
    expect(result).to_contain_text("HY")
    source.fill("no.such.place")
    expect(result).to_have_text("—")
    expect(page.locator("[data-saved]")).to_contain_text("draft saved")
    page.locator('[data-source="orderNo"]').drag_to(source)
    expect(source).to_have_value("orderNo")
    expect(result).to_contain_text("HY")
    rows = page.locator(".map-row")
    handle, top = rows.nth(2).locator("[data-handle]").bounding_box(), rows.nth(0).bounding_box()
    assert handle is not None
    assert top is not None
    moved = page.locator('[name="spec/fields/r2//key"]').input_value()
    page.mouse.move(handle["x"] + 4, handle["y"] + 4)
    page.mouse.down()
    page.mouse.move(top["x"] + 40, top["y"] + 2, steps=8)
    page.mouse.up()
    expect(page.locator('[name="spec/fields/r0//key"]')).to_have_value(moved)
    page.locator(".map-others > summary", has_text="Title").click()
    page.locator("#f-title-en").fill("Own website, mended")
    expect(page.locator("h1")).to_have_text("Own website, mended")
    page.locator("#open-publish").click()
    page.locator("#note").fill("mended with the mouse")
    picture(page, "publish-en-light-laptop.png")
    page.locator("#publish .btn-primary").click()
    page.wait_for_url("**/definitions/mapping/own-site-order")
    assert "mended with the mouse" in page.content()
    page.locator("a", has_text="Version 1").first.click()
    page.locator("button", has_text="Roll back to it").click()
    page.wait_for_url("**/definitions/mapping/own-site-order")
    expect(page.locator("h1")).to_have_text("Own website order")
    assert complaints == []
    context.close()
