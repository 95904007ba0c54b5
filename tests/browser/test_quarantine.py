"""What a newcomer does with held orders: mends one in a form, mends the mapping for the rest, and nothing comes twice."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from ordain.flows import intake
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.orders import find
from ordain.store.orders.find import OrderQuery, OrderSummary
from ordain.wiring import build, settings_from
from tests.factories import ORIGIN, incoming, own_site_order
from tests.rig.browser import opened, picture, watched
from tests.rig.product import ROOT, Product

MAPPING = "own-site-order"
NEW_WORD = "已揽收"  # what the shop calls shipped since this morning


def test_one_is_mended_in_a_form_and_the_rest_by_the_mapping(
    product: Product, chromium: Browser, signed_in: Path
) -> None:
    services = build(settings_from(product.variables()))
    one = own_site_order("QB-ONE")
    one["ship"]["tel"] = one["buyer"]["mobile"] = "12"
    rest = [own_site_order(f"QB-{n}", state=NEW_WORD) for n in range(3)]
    intake.take(services, "own-site", "webhook", [incoming(order) for order in (one, *rest)], ORIGIN)
    assert all(order.held for order in brought(services))
    context = opened(chromium, signed_in, "en", "light", "laptop")
    page, complaints = watched(context)
    page.set_default_timeout(12_000)

    choose(page, product, number(services, "QB-ONE"))
    wrong = page.locator("#case input[aria-invalid=true]").first
    expect(wrong).to_have_value("12")
    picture(page, "quarantine-repair-en-light-laptop.png")
    wrong.fill("13900004712")
    page.locator("#repair-reason").fill("asked the customer")
    page.locator("#case .btn-primary", has_text="Save and release").click()
    expect(page.locator("[role=status]").first).to_be_visible()
    assert not held(services, "QB-ONE")
    assert [order.held for order in brought(services)].count(True) == 3

    choose(page, product, number(services, "QB-0"))
    expect(page.locator("#case")).to_contain_text(NEW_WORD)
    mend(product)
    page.locator("#case button", has_text="Preview").click()
    expect(page.locator(".outlook")).to_contain_text("3")
    picture(page, "quarantine-outlook-en-light-laptop.png")
    page.locator(".outlook .btn-primary", has_text="Re-drive now").click()
    for _ in range(60):
        page.wait_for_timeout(250)
        if not any(order.held for order in brought(services)):
            break
    assert [(order.external_id, order.held, order.state) for order in brought(services)] == [
        ("QB-0", False, "shipped"), ("QB-1", False, "shipped"), ("QB-2", False, "shipped"), ("QB-ONE", False, "paid"),
    ]  # fmt: skip
    assert complaints == []
    context.close()
    services.db.close()


def choose(page: Page, product: Product, order: str) -> None:
    page.goto(f"{product.base}/quarantine")
    page.locator("a.case", has_text=order).first.click()
    expect(page.locator("#case h2").first).to_contain_text(order)


def brought(services: Services) -> list[OrderSummary]:
    """Return the orders of this test, each as often as it is there."""
    with services.db.read() as conn:
        found = find.find(conn, services.vault, EVERYTHING, OrderQuery(channels=("own-site",)), limit=200).items
    return sorted((item for item in found if item.external_id.startswith("QB-")), key=lambda item: item.external_id)


def number(services: Services, external_id: str) -> str:
    return next(order.number for order in brought(services) if order.external_id == external_id)


def held(services: Services, external_id: str) -> bool:
    return next(order.held for order in brought(services) if order.external_id == external_id)


def mend(product: Product) -> None:
    """Teach the mapping the shop's new word."""
    document = json.loads((ROOT / "definitions" / "starter" / "mapping" / f"{MAPPING}.json").read_text())
    document["spec"]["lookups"]["states"][NEW_WORD] = "shipped"
    folder = product.home.parent / "mended" / "mapping"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MAPPING}.json").write_text(json.dumps(document))
    done = product.command("definitions", "apply", str(folder.parent))
    assert done.returncode == 0, done.stderr
