"""How amounts, times, ages and sizes are written for one reader: their language, the business's zone, now.

Pages hand finished text to their templates; this is where it is made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, format_decimal

from ordain.base.money import to_unit
from ordain.base.text import Language, Text

_LOCALES: Final[dict[Language, str]] = {"zh": "zh_Hans_CN", "en": "en"}
_UNITS: Final = {
    "zh": {"s": "秒", "min": "分", "h": "时", "d": "天", "ago": "{}前", "now": "刚刚", "yesterday": "昨天"},
    "en": {
        "s": " s",
        "min": " min",
        "h": " h",
        "d": " d",
        "ago": "{} ago",
        "now": "just now",
        "yesterday": "yesterday",
    },
}
MINUS: Final = "−"
NOTHING: Final = "—"


@dataclass(frozen=True, slots=True)
class Show:
    """Writes values for one reader."""

    language: Language
    zone: ZoneInfo
    now: datetime

    def text(self, text: Text) -> str:
        """Return a two-language text in the reader's language."""
        return text.get(self.language)

    def money(self, amount: int | None, currency: str) -> str:
        """Return an amount in minor units with its sign, e.g. `¥1,098.00`; a dash where it may not be seen."""
        if amount is None:
            return NOTHING
        written = format_currency(to_unit(abs(amount), currency), currency, locale=_LOCALES[self.language])
        if currency == "CNY":
            written = written.replace("CN¥", "¥")
        elif currency == "JPY":  # the sign alone means yuan here
            written = written.replace("JP¥", "¥").replace("¥", "JP¥")
        return f"{MINUS}{written}" if amount < 0 else written

    def number(self, value: float) -> str:
        """Return a number with the reader's group marks."""
        return str(format_decimal(value, locale=_LOCALES[self.language]))

    def clock(self, moment: datetime | None) -> str:
        """Return when, as short as it is clear: `14:23:19` today, `昨天 18:02`, `11-19 09:00`, `2025-11-19 09:00`."""
        if moment is None:
            return NOTHING
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return local.strftime("%H:%M:%S")
        if local.date() == today.date() - timedelta(days=1):
            return f"{_UNITS[self.language]['yesterday']} {local:%H:%M}"
        return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")

    def exact(self, moment: datetime | None) -> str:
        """Return the full time to the second, in the business's zone."""
        return NOTHING if moment is None else moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def precise(self, moment: datetime) -> str:
        """Return the time of day to the millisecond, with its date unless it is today's."""
        local = moment.astimezone(self.zone)
        time = f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
        same = local.date() == self.now.astimezone(self.zone).date()
        return time if same else f"{local:%m-%d} {time}"

    def date(self, moment: datetime) -> str:
        """Return the day in the business's zone, as date inputs take it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d")

    def ago(self, moment: datetime | None) -> str:
        """Return how long ago, in one unit: `2 秒前`, `37 分前`."""
        if moment is None:
            return NOTHING
        seconds = (self.now - moment).total_seconds()
        units = _UNITS[self.language]
        return units["now"] if seconds < 1 else units["ago"].format(self.span(seconds))

    def span(self, seconds: float) -> str:
        """Return a length of time in its largest whole unit."""
        units = _UNITS[self.language]
        for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
            if seconds >= size:
                return f"{int(seconds // size)}{units[name]}"
        return f"{int(seconds)}{units['s']}"

    def age(self, seconds: float) -> str:
        """Return an age as clocks show it: `8:41`, `1:02:40`, from two days on in days."""
        if seconds >= 172_800:
            return self.span(seconds)
        minutes, rest = divmod(max(int(seconds), 0), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

    def latency(self, seconds: float | None) -> str:
        """Return a delay with the unit that fits it: `38 ms`, `1.3 s`, `2.1 min`, `3.2 h`."""
        if seconds is None:
            return NOTHING
        if seconds < 0.9995:
            return f"{round(seconds * 1000)} ms"
        for unit, size, limit in (("s", 1, 100), ("min", 60, 5_940), ("h", 3_600, 172_800)):
            if seconds < limit:
                return f"{self.number(round(seconds / size, 1 if seconds / size < 10 else 0))} {unit}"
        return f"{self.number(round(seconds / 86_400, 1))} d"

    def size(self, count: int) -> str:
        """Return a number of bytes: `812 B`, `2.1 KB`, `1.4 MB`."""
        if count < 1_000:
            return f"{count} B"
        unit, value = ("KB", count / 1_000) if count < 1_000_000 else ("MB", count / 1_000_000)
        return f"{self.number(round(value, 1))} {unit}"
