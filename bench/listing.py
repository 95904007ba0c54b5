"""The list of 100,000 orders as the page is answered, in process: each view, filter, sort and search, on both databases."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

import psycopg
import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.flows import indexing, login, publishing
from ordain.flows.founding import found
from ordain.flows.services import Services
from ordain.records.actor import Anonymous, Origin, System
from ordain.store.migrations import upgrade
from ordain.store.tables.orders import OrderLineRow, OrderRow
from ordain.web import rates
from ordain.web.app import create_app
from ordain.wiring import build, settings_from
from tests.rig import postgres
from tests.rig.ports import free_port

CHANNELS: Final = ("taobao-store", "jd-store", "pdd-store", "douyin-shop", "shopify-store", "own-site")
PLACES: Final = (
    ("浙江省", "杭州市", "east"),
    ("广东省", "深圳市", "south"),
    ("湖北省", "武汉市", "central"),
    ("四川省", "成都市", "southwest"),
)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静磊洋艳勇军杰娟涛明超霞平刚桂英"
TITLES: Final = (
    "线装笔记本 A5",
    "无线蓝牙耳机 Pro",
    "纯棉短袖衬衫",
    "陶瓷马克杯 350ml",
    "旅行收纳袋",
    "便携充电宝",
    "手冲咖啡壶",
    "竹纤维毛巾",
)
FORM: Final[dict[str, Any]] = {
    "kind": "form", "key": "order", "title": {"zh": "订单", "en": "Order"}, "schema_version": 1,
    "spec": {"record": "order", "extends": "built-in", "fields": {
        "tax_no": {"type": "text", "title": {"zh": "税号", "en": "Tax no."}, "searchable": True},
        "weight": {"type": "integer", "title": {"zh": "重量", "en": "Weight"}, "searchable": True},
    }},
}  # fmt: skip
PASSWORD: Final = "correct horse battery"
_BATCH: Final = 5_000


def seed(services: Services, count: int) -> None:
    """Put `count` orders of the last two hundred days into the database, most of them done with."""
    chance, now = random.Random(7), datetime.now(UTC)
    blinds = {
        n: (services.vault.blind("phone", f"1390000{n:04d}"), services.vault.blind("phone_tail", f"{n:04d}"))
        for n in range(10_000)
    }
    for begin in range(0, count, _BATCH):
        made = [_order(chance, now, n, count, blinds) for n in range(begin, min(begin + _BATCH, count))]
        with services.db.write() as conn:
            conn.execute(sa.insert(OrderRow), [order for order, _ in made])
            conn.execute(sa.insert(OrderLineRow), [line for _, lines in made for line in lines])
    if services.db.dialect == "postgresql":
        with services.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
    else:
        with services.db.write() as conn:
            conn.exec_driver_sql("ANALYZE")


def _order(
    chance: random.Random, now: datetime, number: int, count: int, blinds: dict[int, tuple[str, str]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    age = timedelta(days=200 * (count - number) / count, seconds=chance.random() * 60)
    placed = now - age
    recent = age < timedelta(days=3)
    state = chance.choices(
        ("unpaid", "paid", "picking", "shipped", "completed", "cancelled"),
        (8, 30, 12, 40, 5, 5) if recent else (0.2, 0.6, 0.2, 4, 88, 7),
    )[0]
    paid = None if state in ("unpaid", "cancelled") else placed + timedelta(minutes=chance.random() * 30)
    shipped = paid + timedelta(hours=chance.random() * 40) if paid and state in ("shipped", "completed") else None
    province, city, region = chance.choice(PLACES)
    tail, cents, held = chance.randrange(10_000), chance.randrange(990, 90_000), chance.random() < 0.004
    total, row_id = cents * 2, f"{number:032x}"
    order = {
        "id": row_id, "number": f"D{placed:%y%m%d}{number:06d}", "channel": chance.choice(CHANNELS), "shop": "", "external_id": f"{20_000_000_000 + number * 7}",
        "state": state, "currency": "CNY", "placed_at": placed, "paid_at": paid, "shipped_at": shipped, "modified_at": placed,
        "received_at": placed + timedelta(seconds=chance.random() * 40), "updated_at": placed, "goods": total, "seller_discount": 0, "platform_discount": 0,
        "freight": 0, "tax": 0, "total": total, "paid": total if paid else 0, "refunded": 0, "held": held,
        "problems": [{"path": "lines.0.sku", "code": "unknown_sku", "message": {"zh": "未知商品编码", "en": "Unknown product code"}}] if held else [],
        "buyer_name": chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN), "buyer_level": 0, "phone": None,
        "phone_blind": blinds[tail][0], "phone_tail_blind": blinds[tail][1], "email": None, "province": province, "city": city, "district": "", "street": None,
        "region": region, "priority": (priority := chance.choices(("normal", "urgent", "vip"), (90, 6, 4))[0]), "lane": priority,
        "title": chance.choice(TITLES), "line_count": 2, "quantity": 2, "content_hash": "",
        "extra": {"note": "x" * 60, "weight": number % 997} | ({"tax_no": f"T-{number % 5000:04d}"} if number % 3 else {}),
    }  # fmt: skip
    lines = [
        {"id": f"{number * 2 + place:032x}", "order_id": row_id, "position": place, "external_id": str(place), "sku": f"SKU-{(number + place) % 500:03d}", "title": order["title"],
         "quantity": 1, "unit_price": cents, "amount": cents, "shipped_quantity": 0, "refund_state": ""}
        for place in range(2)
    ]  # fmt: skip
    return order, lines


KINDS: Final[dict[str, str]] = {
    "plain": "",
    **{f"view {view}": f"view={view}" for view in ("today", "todo", "vip", "unpaid", "held", "month", "all")},
    "channel": "view=all&channel=jd-store",
    "state": "view=all&state=completed",
    "two states": "view=all&state=paid&state=picking",
    "lane": "view=all&priority=vip",
    "region": "view=all&region=south",
    "held": "view=all&held=yes",
    "not held": "view=all&held=no",
    "placed": "view=all&placed_from={month_ago}&placed_to={day_ago}",
    "total": "view=all&total_from=1500&total_to=1600",
    "all filters": "view=all&channel=jd-store&state=completed&priority=vip&region=south&held=no&total_from=500&placed_from={month_ago}",
    **{f"sort {sign}{name}": f"view=all&sort={sign}{name}" for name in ("placed_at", "received_at", "total", "quantity", "number") for sign in ("", "-")},
    "filter, other sort": "view=all&channel=jd-store&region=south&sort=-total",
    "rare filter, sort": "view=all&held=yes&region=south&sort=total",
    "number": "view=all&q={number}",
    "number's beginning": "view=all&q=D2611",
    "their number": "view=all&q=20000350000",
    "buyer": "view=all&q=王芳娜",
    "part of buyer": "view=all&q=芳",
    "goods": "view=all&q=咖啡壶",
    "SKU": "view=all&q=SKU-042",
    "phone tail": "view=all&q=0042",
    "nothing found": "view=all&q=xyzzy",
    "search, sort": "view=all&q=芳&sort=total",
    "own field": "view=all&own.tax_no=T-0042",
    "own number between": "view=all&own.weight.from=100&own.weight.to=110",
    "own field, other sort": "view=all&own.weight.from=500&own.weight.to=520&sort=-total",
    "sort own field": "view=all&sort=own.tax_no",
    "sort -own number": "view=all&sort=-own.weight",
    "search own field": "view=all&q=T-0042",
    "board": "view=all&layout=board",
}  # fmt: skip


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """Yield the addresses of an empty database of each kind."""
    with postgres.cluster(fsync=True) as server:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        yield {"sqlite": "", "postgresql": server.replace("/postgres", "/bench")}


def open_hub(url: str, count: int) -> Services:
    """Return the services of a founded hub with `count` orders."""
    home = tempfile.mkdtemp(prefix="ordain-bench-")
    environment = {"ORDAIN_HOME": home, "ORDAIN_PORT": str(free_port()), "REDIS_URL": "", "DATABASE_URL": url}
    services = build(settings_from(environment), statement_seconds=60)
    upgrade(services.db)
    found(services, demo=True)
    publishing.publish(services, [FORM], "", Origin(System("bench")))
    seed(services, count)
    indexing.keep(services)
    return services


def browser(services: Services, role: str) -> FlaskClient:
    """Return a signed-in browser of a role, reading English."""
    app = create_app(services)
    link = login.add_user(services, f"bench-{role}", [role], ["south"])
    if link is None or login.set_password(
        services, link.removeprefix("/first/"), PASSWORD, Origin(Anonymous("127.0.0.1"), "bench-bench", "127.0.0.1")
    ):
        raise AssertionError(role)
    made = app.test_client()
    made.set_cookie("language", "en")
    made.post("/login", data={"name": f"bench-{role}", "password": PASSWORD})
    return made


def spent(client: FlaskClient, address: str, times: int) -> list[float]:
    """Return how many milliseconds each of `times` answers took, after two that count for nothing."""
    found = []
    for turn in range(times + 2):
        begun = time.perf_counter()
        answer = client.get(address)
        if answer.status_code != 200:
            raise AssertionError((address, answer.status_code))
        if turn > 1:
            found.append((time.perf_counter() - begun) * 1000)
    return found


def addresses(client: FlaskClient, services: Services) -> dict[str, str]:
    """Return the address of each kind of question, a page deep in the list among them."""
    now = datetime.now(UTC)
    with services.db.read() as conn:
        number = conn.scalar(sa.select(OrderRow.number).where(OrderRow.id == f"{777:032x}")) or ""
    values = {
        "month_ago": f"{now - timedelta(days=30):%Y-%m-%d}",
        "day_ago": f"{now - timedelta(days=1):%Y-%m-%d}",
        "number": number,
    }
    found = {name: f"/orders?{query.format(**values)}" for name, query in KINDS.items()}
    for name, at in (("deep page", "view=all"), ("deep page by total", "view=all&sort=total")):
        following = f"/orders?{at}"
        for _ in range(20):
            page = client.get(following).text
            following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        found[name] = following
    return found


def measure(count: int = 100_000, times: int = 20) -> dict[str, Any]:
    """Return p50 and p95 in milliseconds of each kind of question, for who sees all and for who sees some rows."""
    result: dict[str, Any] = {}
    unlimited = dict.fromkeys(rates.LIMITS, "100000000/minute")  # what is measured is the list, not its manners
    with patch.object(rates, "LIMITS", unlimited), stores() as urls:
        for name, url in urls.items():
            services = open_hub(url, count)
            for role in ("admin", "warehouse"):
                client = browser(services, role)
                took = {
                    kind: sorted(spent(client, address, times)) for kind, address in addresses(client, services).items()
                }
                every = sorted(value for values in took.values() for value in values)
                kinds = {
                    kind: [round(values[len(values) // 2], 1), round(_p95(values), 1)] for kind, values in took.items()
                }
                worst = max(took, key=lambda kind: _p95(took[kind]))
                result[f"{name} {role}"] = {
                    "p50_ms": round(every[len(every) // 2], 1),
                    "p95_ms": round(_p95(every), 1),
                    "worst": worst,
                    "p50_p95_ms": kinds,
                }
            services.db.close()
    return result


def _p95(values: list[float]) -> float:
    return values[min(len(values) - 1, int(len(values) * 0.95))]
