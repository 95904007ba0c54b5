"""A messy file in the wizard: mapped, mended, imported; and nobody is shut out of it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.flows.importing.conftest import SUPPLIER
from tests.rig.browser import opened, picture, violations, watched
from tests.rig.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


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
    picture(page, "import-mapping-zh-light-laptop.png")
    phone.goto(page.url)
    picture(phone, "import-mapping-en-light-phone.png")
    page.locator("button[form=plan]").click()
    expect(page.locator(".rows-preview .has-fault").first).to_contain_text("丙级")
    picture(page, "import-preview-zh-light-laptop.png")
    phone.goto(page.url)
    picture(phone, "import-preview-en-light-phone.png")
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
    picture(page, "import-done-zh-light-laptop.png")
    phone.goto(page.url)
    picture(phone, "import-done-en-light-phone.png")
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
