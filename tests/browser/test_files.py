"""Pictures in a form: shown at once, kept by the draft, refused without taking anything away, dropped, removed."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.files.bombs import SVG, picture
from tests.rig.browser import opened, watched
from tests.rig.product import Product
from tests.web.test_files import DAMAGE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
_DROP = """(place) => {
  const given = new DataTransfer();
  given.items.add(new File([new TextEncoder().encode("a,b\\n1,2\\n")], "list.csv"));
  place.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: given }));
}"""


def test_a_picture_is_kept_and_what_is_refused_takes_nothing_away(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    folder = product.home.parent / "damage"
    (folder / "form").mkdir(parents=True, exist_ok=True)
    (folder / "form" / "damage.json").write_text(json.dumps(DAMAGE))
    assert product.command("definitions", "apply", str(folder)).returncode == 0
    context = opened(chromium, signed_in, "en", "light", "phone")
    page, complaints = watched(context)
    page.goto(f"{product.base}/records/damage/new")
    photo, proof = page.locator('[data-file="photo"]'), page.locator('[data-file="proof"]')
    page.fill("#f-what", "A dozen cups")
    photo.locator("input[type=file]").set_input_files(
        {"name": "drawing.svg", "mimeType": "image/svg+xml", "buffer": SVG}
    )
    expect(photo.get_by_role("alert")).to_contain_text("picture")
    proof.evaluate(_DROP)
    expect(proof.locator("[data-file-name]")).to_have_text("list.csv")
    expect(page.locator("[data-saved]")).to_be_visible()
    expect(photo.get_by_role("alert")).to_contain_text("picture")  # the form was drawn anew meanwhile
    expect(page.locator("#f-what")).to_have_value("A dozen cups")
    photo.locator("input[type=file]").set_input_files(
        {"name": "cups.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(photo.locator("img")).to_be_visible()
    expect(photo.get_by_role("alert")).to_be_hidden()
    proof.locator("[data-file-remove]").click()
    expect(proof.locator("input[type=file]")).to_be_focused()
    page.wait_for_timeout(500)
    page.reload()
    expect(photo.locator("[data-file-name]")).to_have_text("cups.jpg")
    expect(proof.locator("[data-file-value]")).to_have_value("")
    page.locator("button[name=save]").click()
    page.wait_for_url("**told=saved")
    shown = page.locator(".picture img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.naturalWidth") == 640
    with page.expect_download() as download:
        page.get_by_role("link", name="cups.jpg", exact=True).click()
    assert download.value.suggested_filename == "cups.jpg"
    assert [one for one in complaints if "422" not in one] == []
    context.close()
