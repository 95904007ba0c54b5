"""The made-up orders: order k of a platform is placed at a time its rate gives, and lives a life by its age."""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

State = Literal["unpaid", "paid", "shipped", "completed", "cancelled"]
Flaw = Literal["", "missing_sku", "unknown_sku", "malformed_phone", "unknown_status", "missing_address"]

HISTORY: Final = timedelta(hours=24)
_PAID_AFTER: Final = timedelta(seconds=25)
_SHIPPED_AFTER: Final = timedelta(hours=2)
_DONE_AFTER: Final = timedelta(hours=20)

PRODUCTS: Final = (
    ("HY-TEE-01-WH-M", "禾屿 纯棉短袖T恤 云白 M", 8900), ("HY-MUG-02-BL", "禾屿 手作陶杯 380ml 黛蓝", 5900),
    ("HY-BAG-03-KH", "禾屿 帆布托特包 卡其", 12900), ("HY-SOC-04-3P", "禾屿 中筒袜三双装", 3990),
    ("HY-LMP-05", "禾屿 竹编台灯 暖光", 26900), ("HY-TEA-06-250", "禾屿 冷泡茶 250g", 6850),
    ("HY-RUG-07-S", "禾屿 羊毛小地毯 60x90cm", 39900), ("HY-NTB-08", "禾屿 线装笔记本 A5", 1999),
    ("BD-4P-18-FOG", "亚麻四件套 1.8 m 雾蓝", 89900), ("BD-4P-15-OAT", "亚麻四件套 1.5 m 燕麦", 79900),
    ("PC-45-OAT", "棉麻抱枕套 45×45 燕麦", 5900), ("PL-DWN-MID", "可水洗羽绒枕 中高", 25900),
    ("TW-BM-2", "竹纤维浴巾 两条装", 7990), ("CN-OSM-200", "桂花香薰蜡烛 200 g", 14900),
    ("CT-LIN-26", "亚麻窗帘 2.6 m", 118000), ("TB-WAL-45", "实木边几 黑胡桃 45 cm", 148000),
)  # fmt: skip
PLACES: Final = (
    ("浙江省", "杭州市", "西湖区", "CNZJ"),
    ("广东省", "广州市", "天河区", "CNGD"),
    ("四川省", "成都市", "武侯区", "CNSC"),
    ("上海", "上海市", "浦东新区", "CNSH"),
    ("江苏省", "苏州市", "姑苏区", "CNJS"),
    ("湖北省", "武汉市", "洪山区", "CNHB"),
    ("陕西省", "西安市", "雁塔区", "CNSN"),
    ("北京", "北京市", "朝阳区", "CNBJ"),
    ("辽宁省", "沈阳市", "和平区", "CNLN"),
    ("福建省", "厦门市", "思明区", "CNFJ"),
    ("湖南省", "长沙市", "岳麓区", "CNHN"),
    ("山东省", "青岛市", "市南区", "CNSD"),
)  # fmt: skip
_SURNAMES: Final = "林陈吴周孙郑冯韩杨徐何曹沈顾陆方宋江温许"
_GIVEN: Final = ("知夏", "清禾", "一帆", "小满", "砚秋", "星野", "予白", "如初", "知南", "景行", "若水", "承宇")
_STREETS: Final = ("样例桂花路", "虚构木棉巷", "示例银杏大道", "演示海风路", "测试太行街", "假设雪莲路")
_FLAWS: Final[tuple[Flaw, ...]] = ("missing_sku", "unknown_sku", "malformed_phone", "unknown_status", "missing_address")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `off` is the seller's discount, `subsidy` the platform's."""

    sku: str
    title: str
    quantity: int
    price: int
    off: int
    subsidy: int

    @property
    def gross(self) -> int:
        """Price times quantity."""
        return self.price * self.quantity

    @property
    def amount(self) -> int:
        """What is owed for it."""
        return self.gross - self.off - self.subsidy


@dataclass(frozen=True, slots=True)
class Order:
    """One made-up order at one moment of its life."""

    platform: str
    index: int
    placed: datetime
    state: State
    modified: datetime
    paid: datetime | None
    shipped: datetime | None
    lines: tuple[Line, ...]
    freight: int
    name: str
    phone: str
    place: tuple[str, str, str, str]
    street: str
    flaw: Flaw
    refunded: bool

    @property
    def goods(self) -> int:
        """All lines before discounts."""
        return sum(line.gross for line in self.lines)

    @property
    def off(self) -> int:
        """The seller's discounts."""
        return sum(line.off for line in self.lines)

    @property
    def subsidy(self) -> int:
        """The platform's discounts."""
        return sum(line.subsidy for line in self.lines)

    @property
    def total(self) -> int:
        """What the buyer owes."""
        return self.goods - self.off - self.subsidy + self.freight

    @property
    def number(self) -> int:
        """A running number, the same for the same order always."""
        return 10_000 + self.index

    @property
    def long_id(self) -> int:
        """A 19-digit id, beyond what a float holds."""
        return 2_900_000_000_000_000_000 + int(self.placed.timestamp()) * 1_000_000 + self.index % 1_000_000

    @property
    def mask(self) -> str:
        """The phone as platforms mask it."""
        return f"{self.phone[:3]}****{self.phone[-4:]}" if self.flaw != "malformed_phone" else self.phone


def order(platform: str, index: int, placed: datetime, now: datetime) -> Order:
    """Return order `index` of a platform as it stands at `now`."""
    seed = int.from_bytes(hashlib.sha256(f"{platform}|{index}".encode()).digest()[:8])
    fixed = _fixed(seed)
    state, modified, paid, shipped = _life(placed, now, fixed.cancels, fixed.pace)
    return Order(
        platform,
        index,
        placed,
        state,
        modified,
        paid,
        shipped,
        fixed.lines,
        fixed.freight,
        fixed.name,
        fixed.phone,
        fixed.place,
        fixed.street,
        fixed.flaw,
        fixed.refunds and state in ("shipped", "completed"),
    )


@dataclass(frozen=True, slots=True)
class _Fixed:
    lines: tuple[Line, ...]
    freight: int
    name: str
    phone: str
    place: tuple[str, str, str, str]
    street: str
    flaw: Flaw
    cancels: bool
    refunds: bool
    pace: float


@lru_cache(maxsize=20_000)
def _fixed(seed: int) -> _Fixed:
    dice = random.Random(seed)  # noqa: S311 made-up orders, nothing secret
    flaw: Flaw = dice.choice(_FLAWS) if dice.random() < 0.03 else ""
    lines = tuple(_line(dice) for _ in range(dice.choice((1, 1, 1, 2, 2, 3))))
    if flaw in ("missing_sku", "unknown_sku"):
        first = lines[0]
        sku = "" if flaw == "missing_sku" else f"{first.sku}-X"
        lines = (Line(sku, first.title, first.quantity, first.price, first.off, first.subsidy), *lines[1:])
    phone = f"1390000{dice.randrange(10_000):04d}" if flaw != "malformed_phone" else "1380000"
    return _Fixed(
        lines,
        dice.choice((0, 0, 0, 600, 800)),
        dice.choice(_SURNAMES) + dice.choice(_GIVEN),
        phone,
        dice.choice(PLACES),
        f"{dice.choice(_STREETS)}{dice.randrange(1, 300)}号",
        flaw,
        dice.random() < 0.05,
        dice.random() < 0.06,
        0.6 + dice.random(),
    )


def _line(dice: random.Random) -> Line:
    sku, title, price = dice.choice(PRODUCTS)
    quantity = dice.choice((1, 1, 1, 1, 2, 3))
    off = dice.choice((0, 0, 0, 500, 1000)) if price > 3000 else 0
    subsidy = dice.choice((0, 0, 0, 300)) if price > 3000 else 0
    return Line(sku, title, quantity, price, off, subsidy)


def _life(
    placed: datetime, now: datetime, cancels: bool, pace: float
) -> tuple[State, datetime, datetime | None, datetime | None]:
    age = now - placed
    paid, shipped, done = (placed + after * pace for after in (_PAID_AFTER, _SHIPPED_AFTER, _DONE_AFTER))
    if cancels and age >= _PAID_AFTER * pace * 4:
        return "cancelled", placed + _PAID_AFTER * pace * 4, None, None
    if cancels or now < paid:
        return "unpaid", placed, None, None
    if now < shipped:
        return "paid", paid, paid, None
    return ("shipped", shipped, paid, shipped) if now < done else ("completed", done, paid, shipped)


@dataclass(frozen=True, slots=True)
class Segment:
    """A span with one rate: order `first` is placed at `start`, the next every `60 / per_minute` seconds."""

    start: datetime
    per_minute: float
    first: int

    def placed(self, index: int) -> datetime:
        """Return when order `index` of this span is placed."""
        return self.start + timedelta(seconds=(index - self.first) * 60 / self.per_minute)

    def until(self, moment: datetime) -> int:
        """Return the index after the last order placed before `moment`."""
        if self.per_minute <= 0 or moment <= self.start:
            return self.first
        return self.first + int((moment - self.start).total_seconds() * self.per_minute / 60) + 1


@dataclass(frozen=True, slots=True)
class Story:
    """All orders of one platform: its spans of rates, oldest first."""

    platform: str
    segments: tuple[Segment, ...]

    def spans(self, now: datetime) -> list[tuple[Segment, int, int]]:
        """Return each span with the first index in it and the one after its last up to `now`."""
        found = []
        for place, segment in enumerate(self.segments):
            end = self.segments[place + 1].start if place + 1 < len(self.segments) else now
            found.append((segment, segment.first, segment.until(min(end, now))))
        return found

    def placed_between(self, start: datetime, end: datetime, now: datetime) -> list[Order]:
        """Return the orders placed in [start, end), oldest first, as they stand at `now`."""
        found: list[Order] = []
        for segment, first, last in self.spans(now):
            if segment.per_minute <= 0 or last <= first:
                continue
            step = 60 / segment.per_minute
            low = max(first, first + int((start - segment.start).total_seconds() / step) - 1)
            high = min(last, first + int((end - segment.start).total_seconds() / step) + 2)
            for index in range(low, max(low, high)):
                placed = segment.placed(index)
                if start <= placed < end and placed <= now:
                    found.append(order(self.platform, index, placed, now))
        return found

    def modified_between(self, start: datetime, end: datetime, now: datetime) -> list[Order]:
        """Return the orders whose latest change lies in [start, end), by that change."""
        earliest = start - _DONE_AFTER * 1.7
        orders = (item for item in self.placed_between(earliest, end, now) if start <= item.modified < end)
        return sorted(orders, key=lambda item: (item.modified, item.index))


def utc(seconds: float) -> datetime:
    """Return a moment from epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)
