"""Whoever has a role sees what it says and no more, in a real browser; whoever the HR system lets go is out at once."""

import json
import re
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.rig.browser import opened, picture, watched
from tests.rig.codes import code_at
from tests.rig.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def entered(product: Product, chromium: Browser, name: str) -> tuple[BrowserContext, Page]:
    """Sign in as somebody of the demo with one press."""
    context = opened(chromium, None, "en", "light", "laptop")
    page, _ = watched(context)
    page.goto(f"{product.base}/login")
    page.locator(f"button[title={name}]").click()
    page.wait_for_url(re.compile(r"/(orders|account|login/)"))
    return context, page


def api(page: Page, product: Product, path: str) -> Any:
    answer = page.request.get(f"{product.base}/api/v1{path}")
    assert answer.ok, f"{path}: {answer.status}"
    return json.loads(answer.text())


def standing(product: Product) -> dict[str, tuple[str, str]]:
    """Return every order that stands, with its region and state, as the database has it."""
    with sqlite3.connect(product.home / "ordain.db", timeout=10) as db:
        found = db.execute("SELECT number, region, state FROM orders").fetchall()
    return {number: (region, state) for number, region, state in found}


def exported(page: Page, product: Product) -> str:
    """Return the file of all orders with all columns that the role may see."""
    page.goto(f"{product.base}/orders?view=all")
    page.check("[data-select-all]")
    page.locator("#bulk .btn", has_text="Export").click()
    page.check("#act-body input[value=csv]")
    page.check("#act-body input[name=columns][value=all]")
    with page.expect_download() as download:
        page.locator("#act-body .btn-primary").click()
    return download.value.path().read_text("utf-8-sig")


def test_the_warehouse_sees_the_orders_of_its_regions_and_no_others(product: Product, chromium: Browser) -> None:
    context, page = entered(product, chromium, "demo-warehouse")
    orders = standing(product)
    mine = {
        number
        for number, (region, state) in orders.items()
        if region in ("east", "south") and state in ("paid", "picking", "shipped")
    }
    others = sorted(set(orders) - mine)
    assert mine
    assert others
    listed = {item["number"]: item for item in api(page, product, "/orders?limit=200")["items"]}
    fresh = set(listed) - set(orders)  # came in meanwhile
    assert set(listed) - fresh <= mine
    assert {item["region"] for item in listed.values()} == {"east", "south"}
    page.goto(f"{product.base}/orders?view=all")
    shown = {row.get_attribute("data-number") for row in page.locator("[data-number]").all()}
    assert shown
    assert not shown & set(others)
    picture(page, "roles-warehouse-en-light-laptop.png")
    for number in (others[0], others[-1]):
        page.goto(f"{product.base}/orders?view=all&q={number}")
        expect(page.locator("[data-number]")).to_have_count(0)
        assert api(page, product, f"/orders?q={number}")["total"] == 0
        assert number not in page.request.get(f"{product.base}/palette?q={number}").text()
    page.goto(f"{product.base}/orders?view=all&q={min(mine)}")
    expect(page.locator("[data-number]")).to_have_count(1)
    expect(page.locator("#bulk .btn", has_text="Export")).to_have_count(0)
    context.close()


def test_finance_sees_no_street_anywhere(product: Product, chromium: Browser, signed_in: Path) -> None:
    admin = opened(chromium, signed_in, "en", "light", "laptop")
    desk = admin.new_page()
    whole = [api(desk, product, f"/orders/{one['id']}") for one in api(desk, product, "/orders?limit=30")["items"]]
    streets = {street for one in whole if len(street := one["buyer"]["address"]["street"] or "") > 3}
    assert streets
    assert any(
        street in desk.request.get(f"{product.base}/orders/{one['id']}").text() for one in whole for street in streets
    )
    admin.close()
    context, page = entered(product, chromium, "demo-finance")
    told = [exported(page, product)]
    assert told[0].count("\n") > 1
    for one in whole:
        told += [
            page.request.get(f"{product.base}{path}").text()
            for path in (f"/orders/{one['id']}", f"/orders/{one['id']}/print", f"/api/v1/orders/{one['id']}")
        ]
    told.append(page.request.get(f"{product.base}/orders?view=all&cols=buyer.address.street&cols=buyer").text())
    told.append(page.request.get(f"{product.base}/api/v1/orders?limit=200").text())
    assert not [street for street in streets for text in told if street in text]
    for street in sorted(streets)[:5]:
        assert api(page, product, f"/orders?q={street}")["total"] == 0
    context.close()


def test_a_second_factor_is_set_up_and_asked_for(product: Product, chromium: Browser) -> None:
    context, page = entered(product, chromium, "demo-supervisor")
    page.goto(f"{product.base}/account/second-factor")
    seed = page.locator("[data-seed]").text_content()
    assert seed is not None
    page.fill("#code", code_at(seed, datetime.now(UTC), -1))
    page.locator("button", has_text="Confirm").click()
    expect(page.locator(".codes li")).to_have_count(10)
    context.close()
    context, page = entered(product, chromium, "demo-supervisor")
    page.wait_for_url("**/login/code")
    page.goto(f"{product.base}/orders")
    page.wait_for_url("**/login**")
    page.goto(f"{product.base}/login/code")
    page.fill("#code", "000000")
    page.locator("button", has_text="Sign in").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    page.fill("#code", code_at(seed, datetime.now(UTC)))
    page.locator("button", has_text="Sign in").click()
    page.wait_for_url("**/orders")
    context.close()


def test_whoever_hr_lets_go_is_out_at_the_next_click_and_the_audit_tells_it_all(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    context, page = entered(product, chromium, "demo-service")
    expect(page.locator(".rail-link").first).to_be_visible()
    hr = opened(chromium, None, "zh-CN", "light", "laptop")
    office = hr.new_page()
    office.goto(f"{product.sandbox}/directory")
    switch = office.locator("form[action='/directory/demo-service'] button")
    switch.click()
    office.wait_for_load_state("load")
    time.sleep(1)  # a single leaver is out within a second
    page.locator(".rail-link").first.click()
    page.wait_for_url("**/login")
    switch.click()  # and is taken on again, for whoever comes after
    office.wait_for_load_state("load")
    hr.close()
    context.close()
    admin = opened(chromium, signed_in, "en", "light", "laptop")
    desk = admin.new_page()
    desk.goto(f"{product.base}/admin/audit")
    for what in ("Signed in", "Person deactivated"):
        expect(desk.locator("tbody td", has_text=what).first).to_be_visible()
    picture(desk, "roles-audit-en-light-laptop.png")
    admin.close()
