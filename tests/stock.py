"""Stock made by hand: products with so many on hand, and what is asked for them."""

from typing import Any

from ordain.flows import reserving, stocking
from ordain.flows.reserving import Answer, Declined, Done, Reserve
from ordain.flows.services import Services
from ordain.flows.stocking import Move
from ordain.records.stock import MAIN, Level, Reservation, Wanted
from ordain.store import catalogue
from ordain.store.stock import levels, proof
from tests.factories import ORIGIN


def stocked(services: Services, **skus: int) -> None:
    """Make SKUs known with this many on hand."""
    products = [{"sku": sku, "title": sku, "price": 100, "currency": "CNY"} for sku in skus]
    with services.db.write() as conn:
        catalogue.add(conn, products, services.now())
    stocking.move_all(services, [Move(sku, "receive", count) for sku, count in skus.items() if count], ORIGIN)


def asked(reference: str, *lines: tuple[str, int], **more: Any) -> Reserve:
    """Return a request for these (SKU, quantity) lines."""
    return Reserve(reference, tuple(Wanted(sku, count) for sku, count in lines), **more)


def reserve(services: Services, reference: str, *lines: tuple[str, int], **more: Any) -> Answer:
    return reserving.reserve(services, asked(reference, *lines, **more), ORIGIN)


def made(answer: Answer) -> Reservation:
    assert isinstance(answer, Done), answer
    return answer.reservation


def codes(answer: Answer) -> list[str]:
    assert isinstance(answer, Declined), answer
    return [found.code for found in answer.problems]


def level(services: Services, sku: str, pool: str = MAIN) -> Level:
    with services.db.read() as conn:
        return levels.of(conn, [sku]).get((sku, pool)) or Level(sku, pool)


def numbers(services: Services, sku: str) -> tuple[int, int]:
    """Return what is on hand and what is reserved."""
    found = level(services, sku)
    return found.on_hand, found.reserved


def assert_sound(services: Services) -> None:
    """Hold both sums of the proof, and every reservation's lines to its state."""
    with services.db.read() as conn:
        assert proof.standings(conn, drifted=True) == []
        assert proof.homeless(conn) == []
        assert proof.misfits(conn) == []
