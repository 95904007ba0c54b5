"""Five hundred texts that want to be run, through every field that takes text: in Chromium, not one of them is."""

import html
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.test_shop import leave
from tests.rig.browser import opened, watched
from tests.rig.product import Product
from tests.web.pages.test_records import COMPLAINT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SKU = "HY-LMP-05-LE"
RUN = "window.ran=(window.ran||0)+1"
SHAPES = (
    "<script>{run}</script>", "\"><script>{run}</script>", "'><script>{run}</script>", "</textarea><script>{run}</script>",
    "</title><script>{run}</script>", "<img src=x onerror={run}>", "\"><img src=x onerror='{run}'>", "<svg onload={run}>",
    "<svg><script>{run}</script></svg>", "<details open ontoggle={run}>", "<body onload={run}>", "<iframe srcdoc='<script>parent.{run}</script>'>",
    "<a href=\"javascript:{run}\" id=x>x</a>", "javascript:{run}", "\" autofocus onfocus=\"{run}", "' onmouseover='{run}' x='",
    "<math><mtext></mtext><script>{run}</script></math>", "{{{{ [].constructor.constructor('{run}')() }}}}", "${{{run}}}", "<!--><script>{run}</script>-->",
    "]]><script>{run}</script>", "<style>@import 'javascript:{run}'</style>", "<form action=javascript:{run}><button>x", "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
    "<div hx-on:load=\"{run}\" hx-get=/ hx-trigger=load>",
)  # fmt: skip


def payloads() -> Iterator[str]:
    """Yield texts without end, no two alike, each of at most 200 letters."""
    for number in itertools.count():
        yield SHAPES[number % len(SHAPES)].format(run=RUN) + f"#{number}"


def kept(page: Page, product: Product, path: str, body: Any) -> dict[str, Any]:
    """Send a document as the page itself would."""
    token = json.loads(html.unescape(page.locator("body").get_attribute("hx-headers:inherited") or "{}"))
    headers = {**token, "Content-Type": "application/json"}
    answer = page.request.post(f"{product.base}/api/v1{path}", data=json.dumps(body), headers=headers)
    assert answer.status in (200, 201), f"{path}: {answer.status} {answer.text()[:300]}"
    made: dict[str, Any] = json.loads(answer.text())
    return made


def order(texts: Iterator[str]) -> dict[str, Any]:
    address = {name: next(texts) for name in ("province", "city", "district", "street")}
    buyer = {"name": next(texts), "email": next(texts), "phone": "13900000008", "address": address}
    line = {"sku": SKU, "title": next(texts), "quantity": 1, "unit_price": 100}
    return {"channel": "own-site", "currency": "CNY", "external_id": next(texts)[:100], "buyer": buyer, "lines": [line]}


def complaint(texts: Iterator[str]) -> dict[str, Any]:
    line = {"sku": next(texts), "count": 1}
    return {"supplier": next(texts), "severity": "high", "phone": next(texts), "reason": next(texts), "lines": [line]}


def test_no_text_is_ever_run(product: Product, chromium: Browser, signed_in: Path) -> None:
    folder = product.home.parent / "payloads"
    (folder / "form").mkdir(parents=True, exist_ok=True)
    (folder / "form" / "poisoned.json").write_text(json.dumps({**COMPLAINT, "key": "poisoned"}))
    assert product.command("definitions", "apply", str(folder)).returncode == 0
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    leave(product, page, SKU, 1000)
    page.goto(f"{product.base}/orders")
    begun, numbered, sent = time.monotonic(), payloads(), 0
    texts = iter(numbered)
    places = [
        "/orders?view=all&layout=board",
        "/records/poisoned",
        "/records/poisoned?layout=board",
        "/quarantine",
        "/admin/audit",
    ]
    for _ in range(38):
        made = kept(page, product, "/orders", order(texts))
        places.append(f"/orders/{made['id']}")
        sent += 8
        record = kept(page, product, "/forms/poisoned/entries", {"data": complaint(texts)})
        places.append(f"/records/poisoned/{record['id']}")
        sent += 5
    asked = [text for text, _ in zip(texts, range(len(SHAPES)), strict=False)]
    sent += len(asked)
    assert sent >= 500
    places.append("/orders?view=all&cols=external_id&cols=buyer&cols=buyer.email&cols=buyer.address.street&cols=goods")
    for place in places:
        page.goto(product.base + place, wait_until="load")
        assert page.evaluate("window.ran") is None, place
        assert "window.ran" in page.inner_text("main") or not place.startswith("/orders/"), place  # as text it is there
    for text in asked:
        for place in ("/orders", "/admin/people", "/admin/audit"):
            page.goto(f"{product.base}{place}?{urlencode({'q': text, 'view': 'all'})}", wait_until="load")
            assert page.evaluate("window.ran") is None, f"{place}: {text}"
    took = time.monotonic() - begun
    assert [text for text in complaints if "dialog" in text or "Content Security" in text] == []
    print(f"{sent} payloads, {len(places)} pages, 0 runs, {took:.0f} s")
    assert took < 60
    context.close()
