"""Every main page in a real browser: both languages, light and dark, laptop and phone; nothing violated, all reachable.

The pictures lie in tests/browser/pictures, for a person to look through.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright

from tests.flows.importing.conftest import SUPPLIER
from tests.rig.postgres import missing
from tests.rig.product import Product, running
from tests.web.pages.test_records import COMPLAINT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PICTURES = Path(__file__).parent / "pictures"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PASSWORD = "correct horse battery"
PLACES = {
    "orders": "/orders", "orders-held": "/orders?view=held", "orders-board": "/orders?view=all&layout=board",
    "products": "/records/product", "background": "/background", "quarantine": "/quarantine", "channels": "/admin/channels",
    "channel": "/admin/channels/own-site", "definitions": "/admin/definitions",
    "definition": "/admin/definitions/mapping/own-site-order", "style": "/admin/style", "proof": "/stock/proof", "audit": "/admin/audit",
    "outside": "/admin/outside",
    "mapping-editor": "/admin/definitions/mapping/own-site-order/edit",
    "channel-editor": "/admin/definitions/channel/own-site/edit", "definition-new": "/admin/definitions/mapping/new",
    "definition-json": "/admin/definitions/role/admin/edit?tab=json", "imports": "/imports",
}  # fmt: skip
SIZES = {"laptop": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("browser") / "home") as made:
        time.sleep(5)  # let the first polls come in
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        missing("Chromium")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*flags, "--disable-component-update", "--disable-sync"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(product: Product, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set the admin's password by the one-time link, as a newcomer does, and keep the session."""
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(product.link)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/orders")
    state = tmp_path_factory.mktemp("state") / "state.json"
    context.storage_state(path=state)
    context.close()
    return state


def opened(chromium: Browser, state: Path | None, language: str, theme: str, size: str) -> BrowserContext:
    width, height = SIZES[size]
    return chromium.new_context(
        storage_state=state, locale=language, color_scheme=theme,  # type: ignore[arg-type] # one of two words
        viewport={"width": width, "height": height}, has_touch=size == "phone",
    )  # fmt: skip


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return page, found


def violations(page: Page) -> list[str]:
    page.add_init_script("")
    source = AXE.read_text()
    result: Any = page.evaluate(
        "async (source) => { new Function(source)(); return await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']}); }",
        source,
    )
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in result["violations"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_are_sound_in_every_dress(
    product: Product, chromium: Browser, signed_in: Path, language: str, theme: str, size: str
) -> None:
    PICTURES.mkdir(exist_ok=True)
    context = opened(chromium, signed_in, language, theme, size)
    page, complaints = watched(context)
    for name, place in PLACES.items():
        answer = page.goto(product.base + place)
        assert answer is not None
        assert answer.status == 200, place
        page.wait_for_load_state("load")
        page.screenshot(path=PICTURES / f"{name}-{language[:2]}-{theme}-{size}.png")
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        assert not wide, f"{place} is wider than the screen"
    page.goto(product.base + "/orders")
    page.locator("a[href*='/orders/0']").first.click()
    page.wait_for_url("**/orders/0*")
    page.screenshot(path=PICTURES / f"order-{language[:2]}-{theme}-{size}.png")
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
    page.screenshot(path=PICTURES / "login-zh-light-phone.png")
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/orders")
    assert [text for text in complaints if "401" not in text] == []
    context.close()


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
    page.screenshot(path=PICTURES / "publish-en-light-laptop.png")
    page.locator("#publish .btn-primary").click()
    page.wait_for_url("**/definitions/mapping/own-site-order")
    assert "mended with the mouse" in page.content()
    page.locator("a", has_text="Version 1").first.click()
    page.locator("button", has_text="Roll back to it").click()
    page.wait_for_url("**/definitions/mapping/own-site-order")
    expect(page.locator("h1")).to_have_text("Own website order")
    assert complaints == []
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
    page.screenshot(path=PICTURES / "record-new-zh-light-phone.png")
    page.locator("button[name=save]").click()
    page.wait_for_url("**/records/supplier-complaint/*told=saved")
    page.screenshot(path=PICTURES / "record-zh-light-phone.png")
    page.locator("button[name=to]").click()
    expect(page.locator("button[name=to]")).to_have_count(0)
    expect(page.locator(".topbar")).to_contain_text("已解决")
    page.goto(f"{product.base}/records/supplier-complaint")
    page.screenshot(path=PICTURES / "records-zh-light-phone.png")
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
    page.screenshot(path=PICTURES / "palette-en-light-laptop.png")
    page.keyboard.press("Enter")
    page.wait_for_url("**/definitions/mapping/own-site-order")
    assert complaints == []
    context.close()


MESSY = (
    "供应商名录 2026\n导出人：admin\n编码,供应商名称,等级,授信额度（元）,合作日期,联系电话,备注\n"
    'S1,禾木供应链,甲级,"￥12,000.50",2026/1/5,13800000001,老客户\nS2,"青禾\n(上海)",乙级,900,2026年3月1日,13800000002,\n'
    "S3,白榆,丙级,abc,2026-13-40,13800000003,\n"
    + "".join(f"T{n},供应商{n},{'甲级' if n % 3 else '丙级'},{n}00,2026-05-01,1390000{n:04d},\n" for n in range(60))
    + "合计,,,12900,,,\n"
)


def test_a_messy_gbk_file_is_mapped_mended_and_imported(product: Product, chromium: Browser, signed_in: Path) -> None:
    folder = product.home.parent / "suppliers"
    (folder / "form").mkdir(parents=True, exist_ok=True)
    (folder / "form" / "supplier.json").write_text(json.dumps(SUPPLIER))
    assert product.command("definitions", "apply", str(folder)).returncode == 0
    context = opened(chromium, signed_in, "zh-CN", "light", "laptop")
    page, complaints = watched(context)
    phone_context = opened(chromium, signed_in, "en", "light", "phone")
    phone, phone_complaints = watched(phone_context)
    file: FilePayload = {"name": "供应商名录.csv", "mimeType": "text/csv", "buffer": MESSY.encode("gbk")}
    page.goto(f"{product.base}/imports")
    page.set_input_files("#file", files=[file])
    page.wait_for_url("**/imports/*")
    page.select_option("#into", "record:supplier")
    expect(page.locator("select[name=to-2]")).to_have_value("level")
    expect(page.locator(".columns-map select[name=to-6]")).to_have_value("")
    page.screenshot(path=PICTURES / "import-mapping-zh-light-laptop.png")
    phone.goto(page.url)
    phone.screenshot(path=PICTURES / "import-mapping-en-light-phone.png")
    page.locator("button[form=plan]").click()
    expect(page.locator(".rows-preview .has-fault").first).to_contain_text("丙级")
    page.screenshot(path=PICTURES / "import-preview-zh-light-laptop.png")
    phone.goto(page.url)
    phone.screenshot(path=PICTURES / "import-preview-en-light-phone.png")
    assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    kinds = page.locator(".kind-list li")
    expect(kinds).to_have_count(3)
    kinds.first.locator("select").select_option("乙级")
    kinds.first.locator("button").click()
    expect(kinds).to_have_count(2)
    page.locator(".cell input[name=value]").first.fill("70")
    page.keyboard.press("Tab")
    expect(kinds).to_have_count(1)
    page.locator(".cell input[name=value]").first.fill("2026-05-01")
    page.keyboard.press("Enter")
    expect(page.locator(".wizard-go button")).to_have_text("导入63行")
    page.locator(".wizard-go button").click()
    expect(page.locator(".long-work a[download]")).to_contain_text("供应商名录-result.xlsx")
    page.screenshot(path=PICTURES / "import-done-zh-light-laptop.png")
    phone.goto(page.url)
    phone.screenshot(path=PICTURES / "import-done-en-light-phone.png")
    page.locator(".topbar .actions a").click()
    page.wait_for_url("**/records/supplier")
    expect(page.locator(".topbar + nav .tab").first).to_contain_text("63")
    assert complaints == []
    assert phone_complaints == []
    context.close()
    phone_context.close()


def test_the_wizard_shuts_nobody_out(product: Product, chromium: Browser, signed_in: Path) -> None:
    context = chromium.new_context(storage_state=signed_in, locale="en", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{product.base}/imports")
    rows = "sku,title_zh,price,active\nP1,本,abc,yes\nP2,笔,3,no\n"
    file: FilePayload = {"name": "p.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.set_input_files("#file", files=[file])
    page.wait_for_url("**/imports/*")
    page.select_option("#into", "record:product")
    page.wait_for_selector(".columns-map")
    found = {"mapping": violations(page)}
    page.locator(".topbar .actions button", has_text="How it is read").click()
    page.wait_for_selector(".wizard-layout")
    found["layout"] = violations(page)
    page.locator("button[form=plan]").click()
    page.wait_for_selector(".rows-preview")
    found["preview"] = violations(page)
    assert found == {"mapping": [], "layout": [], "preview": []}
    context.close()
