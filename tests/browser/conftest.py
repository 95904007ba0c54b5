"""The product and a Chromium, started once for all browser tests of a process."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.rig.browser import PASSWORD, PICTURES
from tests.rig.postgres import missing
from tests.rig.product import Product, running


@pytest.fixture(scope="session", autouse=True)
def pictures() -> Path:
    """Return the folder a person can look through."""
    PICTURES.mkdir(exist_ok=True)
    return PICTURES


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("browser") / "home") as made:
        time.sleep(5)  # let the first polls come in
        yield made


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
