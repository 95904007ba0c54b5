"""Every main page in a real browser: both languages, light and dark, laptop and phone; nothing violated, all reachable.

The pictures lie in tests/browser/pictures, for a person to look through.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.rig.postgres import missing
from tests.rig.product import Product, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PICTURES = Path(__file__).parent / "pictures"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PASSWORD = "correct horse battery"
PLACES = {
    "orders": "/orders", "orders-held": "/orders?view=held", "quarantine": "/quarantine", "channels": "/admin/channels",
    "channel": "/admin/channels/own-site", "definitions": "/admin/definitions",
    "definition": "/admin/definitions/mapping/own-site-order", "style": "/admin/style",
    "mapping-editor": "/admin/definitions/mapping/own-site-order/edit",
    "channel-editor": "/admin/definitions/channel/own-site/edit", "definition-new": "/admin/definitions/mapping/new",
    "definition-json": "/admin/definitions/role/admin/edit?tab=json",
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
