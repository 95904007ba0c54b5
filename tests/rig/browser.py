"""A real Chromium, looking at the product: contexts in every dress, what the page complained of, who is shut out."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page

TESTS = Path(__file__).parents[1] / "browser"
PICTURES = TESTS / "pictures"
AXE = TESTS / "vendor" / "axe.min.js"
PASSWORD = "correct horse battery"
SIZES = {"laptop": (1440, 900), "phone": (390, 844)}


def opened(chromium: Browser, state: Path | None, language: str, theme: str, size: str) -> BrowserContext:
    """Return a context in one language, theme and size; signed in where a state is given."""
    width, height = SIZES[size]
    return chromium.new_context(
        storage_state=state, locale=language, color_scheme=theme,  # type: ignore[arg-type] # one of two words
        viewport={"width": width, "height": height}, has_touch=size == "phone",
    )  # fmt: skip


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """Return a page and the list that takes its console's errors and warnings, and what it threw."""
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return page, found


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA; the context must bypass the CSP."""
    source = AXE.read_text()
    result: Any = page.evaluate(
        "async (source) => { new Function(source)(); return await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']}); }",
        source,
    )
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in result["violations"]]


def picture(page: Page, name: str) -> None:
    """Keep what the page shows now, for a person to look through; a busy machine's Chromium may need to be asked again."""
    tries = 3
    while True:
        tries -= 1
        try:
            page.screenshot(path=PICTURES / name)
        except Error:
            if not tries:
                raise
            page.wait_for_timeout(500)
        else:
            return
