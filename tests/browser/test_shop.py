"""A customer at the shop: the last one is bought once, the other reads why not; what is not paid for in time is told."""

import sqlite3
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.rig.browser import opened, picture, watched
from tests.rig.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SKU = "CN-OSM-200-GB"


def leave(product: Product, page: Page, sku: str, left: int) -> None:
    """Count the SKU's shelf so that so many are there, as staff do."""
    page.goto(f"{product.base}/records/stock/{sku}@main/do/count")
    page.fill("#f-counted", str(left))
    page.fill("#f-reason", "盘点")
    page.locator("button[name=save]").click()
    page.wait_for_url(f"**/records/stock/{sku}@main?told=*")


def order(product: Product, page: Page, phone: str) -> None:
    page.goto(f"{product.sandbox}/shop/goods/{SKU}")
    page.fill("input[name=name]", "林晓")
    page.fill("input[name=phone]", phone)


def test_the_last_one_is_bought_once_and_what_is_not_paid_is_closed_and_told(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    staff = opened(chromium, signed_in, "en", "light", "laptop")
    desk, complaints = watched(staff)
    leave(product, desk, SKU, 1)
    one, other = opened(chromium, None, "zh-CN", "light", "laptop"), opened(chromium, None, "zh-CN", "light", "phone")
    first, said = watched(one)
    second, also_said = watched(other)
    first.goto(f"{product.sandbox}/shop")
    expect(first.frame_locator(f"iframe[title$='{SKU}']").locator("#left[data-scarce]")).to_have_text("仅剩1件")
    picture(first, "shop-zh-light-laptop.png")
    order(product, first, "13800000061")
    order(product, second, "13800000062")
    first.locator(".go").click()
    first.wait_for_url("**/shop/orders/*")
    expect(first.locator(".standing")).to_contain_text("待付款")
    picture(first, "shop-bought-zh-light-laptop.png")
    second.locator(".go").click()
    expect(second.locator("[role=alert]")).to_contain_text("已售完")
    expect(second.locator("input[name=phone]")).to_have_value("13800000062")
    picture(second, "shop-refused-zh-light-phone.png")
    number = first.locator("h1").inner_text()
    over = "UPDATE reservation SET expires_at = ? WHERE state = 'held' AND id IN (SELECT reservation_id FROM reservation_line WHERE sku = ?)"
    with sqlite3.connect(product.home / "ordain.db", timeout=10) as db:  # let the time to pay be over
        assert db.execute(over, (int(time.time() * 1000) - 1000, SKU)).rowcount == 1
    expect(first.locator(".standing")).to_contain_text("已关闭", timeout=40_000)
    first.goto(f"{product.sandbox}/inbox?to=13800000061")
    expect(first.locator(".letter .text").first).to_contain_text("已自动关闭", timeout=40_000)
    picture(first, "shop-told-zh-light-laptop.png")
    order(product, second, "13800000062")
    second.locator(".go").click()
    second.wait_for_url("**/shop/orders/*")
    second.locator(".go").click()
    expect(second.locator(".standing")).to_contain_text("已付款")
    desk.goto(f"{product.base}/orders?q={number}")
    expect(desk.locator("tbody tr")).to_have_count(1)
    assert complaints == []
    assert said == []
    assert [text for text in also_said if "409" not in text] == []
    for context in (staff, one, other):
        context.close()
