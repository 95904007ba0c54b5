"""Lists by hand: a card dragged and a card moved by keys, a bulk action in its dialog, an export that is saved."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.rig.browser import opened, watched
from tests.rig.product import Product
from tests.web.pages.test_records import COMPLAINT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_cards_move_by_mouse_and_by_keys_and_rows_are_exported(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    folder = product.home.parent / "carriers"
    (folder / "form").mkdir(parents=True, exist_ok=True)
    (folder / "form" / "carrier-complaint.json").write_text(json.dumps({**COMPLAINT, "key": "carrier-complaint"}))
    assert product.command("definitions", "apply", str(folder)).returncode == 0
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    for name in ("Acme", "Blue Ocean"):
        page.goto(f"{product.base}/records/carrier-complaint/new")
        page.fill("#f-supplier", name)
        page.locator("button[name=save]").click()
        page.wait_for_url("**told=saved")
    page.goto(f"{product.base}/records/carrier-complaint?layout=board")
    card, pile = page.locator("[data-card]").first.bounding_box(), page.locator('[data-pile="settled"]').bounding_box()
    assert card is not None
    assert pile is not None
    page.mouse.move(card["x"] + 160, card["y"] + 40)
    page.mouse.down()
    page.mouse.move(pile["x"] + 60, pile["y"] + 80, steps=6)
    page.mouse.up()
    expect(page.locator('[data-pile="settled"] .card-line')).to_have_count(1)
    page.locator("[data-card] a").first.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator('[data-pile="settled"] .card-line')).to_have_count(2)
    page.goto(f"{product.base}/records/carrier-complaint")
    page.check("[data-select-all]")
    expect(page.locator("[data-bulk-count]")).to_have_text("2 selected")
    page.locator("#bulk .btn", has_text="Export").click()
    with page.expect_download() as download:
        page.locator("#act-body .btn-primary").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    expect(page.locator("#act-body")).to_contain_text("2 of 2")
    assert complaints == []
    context.close()
