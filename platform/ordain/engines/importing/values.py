"""What a cell's text means: numbers with signs and group marks, days in every usual order, yes and no, choices."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from ordain.base.clock import rfc3339
from ordain.base.money import to_minor
from ordain.base.text import Text
from ordain.engines.importing.goals import Goal

_NOISE: Final = re.compile(r"[\s,，¥￥$€£元]|RMB|CNY|USD")
_BARE: Final = re.compile(r"^[+-]?\d+(\.\d+)?$")
_DAY: Final = re.compile(r"^(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?")
_TIME: Final = re.compile(r"^(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?秒?(?:\.\d+)?$")
_TRUE: Final = frozenset({"true", "1", "yes", "y", "是", "有", "√", "✓", "对", "启用", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "否", "无", "×", "x", "✗", "错", "停用", "off"})
_DAY_ZERO: Final = date(1899, 12, 30)  # a spreadsheet's day number 0
_LIMIT: Final = 10**15


class Unreadable(Exception):
    """A cell does not hold what its field wants; `code` for programs, `text` for people."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code = code
        self.text = Text(zh, en)
        super().__init__(en)


def read_value(goal: Goal, text: str, how: str, zone: ZoneInfo) -> Any:
    """Return the value a cell stands for, None for an empty one; Unreadable where it is no such thing."""
    return reader_of(goal, how, zone)(text)


def reader_of(goal: Goal, how: str, zone: ZoneInfo) -> Callable[[str], Any]:
    """Return what reads the cells of one column.

    `how` says what the text itself cannot: "dmy" or "mdy" for the order of a day, "minor" for amounts in cents.
    """
    known = words_of(goal) if goal.kind == "choice" else {}
    make = _READ[goal.kind]

    def read(text: str) -> Any:
        bare = text.strip()
        if bare and not bare.isascii():
            bare = bare.strip("\u200b\ufeff").strip()
            if "\ufffd" in bare:
                raise Unreadable("bad_character", "有无法识别的字符", "it holds characters that could not be read")
        if not bare:
            return None
        return known[bare.casefold()] if known and bare.casefold() in known else make(goal, bare, how, zone)

    return read


def _integer(_: Goal, text: str, __: str, ___: ZoneInfo) -> int:
    number = _number(text)
    if number != number.to_integral_value():
        raise Unreadable("not_integer", f"“{_cut(text)}”不是整数", f"“{_cut(text)}” is no whole number")
    return int(number)


def _decimal(_: Goal, text: str, __: str, ___: ZoneInfo) -> Decimal:
    return _number(text)


def _money(goal: Goal, text: str, how: str, _: ZoneInfo) -> int:
    number = _number(text)
    try:
        return int(number) if how == "minor" else to_minor(number, goal.currency)
    except ValueError:
        raise Unreadable("out_of_range", "金额超出范围", "the amount is out of range") from None


def _number(text: str) -> Decimal:
    plain = text if text.isdecimal() and text.isascii() else _NOISE.sub("", unicodedata.normalize("NFKC", text))
    if plain.startswith("(") and plain.endswith(")"):  # how books write what is below zero
        plain = f"-{plain[1:-1]}"
    if not _BARE.match(plain):
        raise Unreadable("not_number", f"“{_cut(text)}”不是数字", f"“{_cut(text)}” is no number")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise Unreadable("not_number", f"“{_cut(text)}”不是数字", f"“{_cut(text)}” is no number") from None
    if abs(number) > _LIMIT:
        raise Unreadable("out_of_range", "数字超出范围", "the number is out of range")
    return number


def _bool(_: Goal, text: str, __: str, ___: ZoneInfo) -> bool:
    word = text.casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unreadable("not_bool", f"“{_cut(text)}”应为“是”或“否”", f"“{_cut(text)}” is neither yes nor no")


def _date(_: Goal, text: str, how: str, __: ZoneInfo) -> str:
    return _day(text, how)[0].isoformat()


def _datetime(_: Goal, text: str, how: str, __: ZoneInfo) -> str:
    return _local(text, how).isoformat(timespec="minutes")


def _moment(_: Goal, text: str, how: str, zone: ZoneInfo) -> str:
    if text.isdecimal() and len(text) in (10, 13):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return rfc3339(datetime.fromtimestamp(seconds, UTC))
    if "T" in text:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _no_day(text) from None
        return rfc3339(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    return rfc3339(_local(text, how).replace(tzinfo=zone))


def _local(text: str, how: str) -> datetime:
    """Return a time of day on its day, without a zone; midnight where only a day is given."""
    day, rest = _day(text, how)
    hour = minute = second = 0
    if rest:
        found = _TIME.match(rest)
        if found is None:
            raise _no_day(text)
        hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 its zone follows
    except ValueError:
        raise _no_day(text) from None


def _day(text: str, how: str) -> tuple[date, str]:
    """Return the day a text begins with, and the rest of it."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if plain.isdecimal():
        return _numbered(plain, text), ""
    found = _DAY.match(plain)
    if found is None:
        raise _no_day(text)
    one, two, three = (int(part) for part in found.groups())
    parts = (one, two, three)
    if len(found.group(1)) <= 2:
        parts = (three, two, one) if how == "dmy" else (three, one, two) if how == "mdy" else (2000 + one, two, three)
    year, month, day = parts
    try:
        return date(year if year > 99 else 2000 + year, month, day), plain[found.end() :].strip(" T")
    except ValueError:
        raise _no_day(text) from None


def _numbered(plain: str, text: str) -> date:
    """Return the day of a bare number: 20261119, or the count of days that spreadsheets keep."""
    try:
        if len(plain) == 8:
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if len(plain) == 5:
            return _DAY_ZERO + timedelta(days=int(plain))
    except ValueError:
        pass
    raise _no_day(text)


def _no_day(text: str) -> Unreadable:
    return Unreadable("not_date", f"“{_cut(text)}”不是有效日期", f"“{_cut(text)}” is no valid date")


def _choice(goal: Goal, text: str, _: str, __: ZoneInfo) -> str:
    """Say that a cell is none of the words of a choice; those are looked up before."""
    zh, en = ("、".join(o.zh for o in goal.options.values()), ", ".join(o.en for o in goal.options.values()))
    raise Unreadable("not_an_option", f"“{_cut(text)}”不在可选值中：{zh}", f"“{_cut(text)}” is none of: {en}")


def words_of(goal: Goal) -> dict[str, str]:
    """Return what cells may call a choice's values: keys, titles in both languages, other usual words."""
    known = {word.casefold(): key for word, key in goal.also.items()}
    for key, title in goal.options.items():
        known |= {title.zh.casefold(): key, title.en.casefold(): key, key.casefold(): key}
    return known


def _text(_: Goal, text: str, __: str, ___: ZoneInfo) -> str:
    return text


def _cut(text: str) -> str:
    return text[:40]


_READ: Final[Mapping[str, Callable[[Goal, str, str, ZoneInfo], Any]]] = {
    "text": _text, "long_text": _text, "address": _text, "integer": _integer, "decimal": _decimal, "money": _money,
    "bool": _bool, "date": _date, "datetime": _datetime, "moment": _moment, "choice": _choice,
}  # fmt: skip
