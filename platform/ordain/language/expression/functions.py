"""The functions of the language: pure, bounded, typed; each with a sentence that says what it does.

A function is not called where one of its arguments is missing: the result is missing too. Those marked
`takes_missing` are the exceptions.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from ordain.base.phones import plausible_phone
from ordain.base.places import known_place
from ordain.base.text import Text
from ordain.language.expression.types import (
    BOOL,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INTEGER,
    NUMBERS,
    TEXT,
    WORDS,
    Type,
)

NUMBER_LIMIT: Final = 10**15
TEXT_LIMIT: Final = 10_000
LIST_LIMIT: Final = 1_000

_ANY: Final = frozenset(
    {"text", "choice", "integer", "decimal", "money", "bool", "date", "datetime", "duration", "list", "untyped"}
)
_LIST: Final = frozenset({"list"})
_AMOUNT: Final = NUMBERS | {"money", "duration"}
_RAW: Final = frozenset({"untyped", "text", "choice", "integer", "decimal"})

Result = Type | Callable[[Sequence[Type]], Type | None]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: the families each argument may have, what comes out, and the sentence for the editor.

    `most` is how many arguments it takes at most where the last may be repeated.
    """

    name: str
    takes: tuple[frozenset[str], ...]
    gives: Result
    apply: Callable[..., Any]
    help: Text
    most: int = 0
    takes_missing: bool = False

    def result(self, arguments: Sequence[Type]) -> Type | None:
        """Return the type of the result, or None where these arguments do not go together."""
        return self.gives if isinstance(self.gives, Type) else self.gives(arguments)


def is_missing(value: object) -> bool:
    """Tell whether a value is not there: missing, an empty text or an empty list."""
    return value is None or value in ("", [], (), {})


def as_text(value: object) -> str | None:
    """Return a raw value as text; numbers as written, true and false in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return _short(str(value))
    return None


def as_number(value: object) -> Decimal | None:
    """Return a raw value as a number, None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and len(value) <= 40:
        try:
            number = Decimal(value.strip().replace(",", ""))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) <= NUMBER_LIMIT else None
    return None


def as_integer(value: object) -> int | None:
    """Return a raw value as a whole number, None where it is none."""
    number = as_number(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _short(text: str) -> str:
    return text[:TEXT_LIMIT]


def _present(values: Sequence[Any]) -> list[Any]:
    return [value for value in values[:LIST_LIMIT] if value is not None]


def _items(kinds: Sequence[Type]) -> Type | None:
    item = kinds[0].item
    return item if item and item.family in _AMOUNT else None


def _same(kinds: Sequence[Type]) -> Type | None:
    first = kinds[0]
    if all(kind.family == first.family for kind in kinds):
        return TEXT if first.family in WORDS else first
    if all(kind.family in NUMBERS for kind in kinds):
        return DECIMAL
    return TEXT if all(kind.family in WORDS for kind in kinds) else None


def _rounded(value: Decimal, places: int = 0) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-max(0, min(places, 6))), rounding=ROUND_HALF_UP)


def _day(moment: dt.datetime) -> dt.date:
    return moment.date()


def _hours(number: Decimal) -> dt.timedelta:
    return dt.timedelta(seconds=float(number) * 3600)


def _days(number: Decimal) -> dt.timedelta:
    return dt.timedelta(days=float(number))


def _minutes(number: Decimal) -> dt.timedelta:
    return dt.timedelta(seconds=float(number) * 60)


_WORD: Final = frozenset(WORDS)
_NUMBER: Final = frozenset(NUMBERS)
_MOMENT: Final = frozenset({"datetime"})

_TABLE: Final = (
    Function("is_empty", (_ANY,), BOOL, is_missing,
             Text("值缺失或为空", "the value is missing or empty"), takes_missing=True),
    Function("count", (_LIST,), INTEGER, lambda v: len(v[:LIST_LIMIT]), Text("列表的项数", "how many items there are")),
    Function("sum", (_LIST,), _items, lambda v: sum(_present(v)), Text("列表各项之和", "the items of a list added up")),
    Function("lowest", (_LIST,), _items, lambda v: min(_present(v), default=None), Text("列表最小值", "the lowest")),
    Function("highest", (_LIST,), _items, lambda v: max(_present(v), default=None),
             Text("列表最大值", "the highest")),
    Function("min", (_AMOUNT, _AMOUNT), _same, min, Text("几个值中最小的", "the lowest of several values"), most=8),
    Function("max", (_AMOUNT, _AMOUNT), _same, max, Text("几个值中最大的", "the highest of several values"), most=8),
    Function("abs", (_AMOUNT,), lambda kinds: kinds[0], abs, Text("绝对值", "without its sign")),
    Function("round", (_NUMBER, _NUMBER), DECIMAL, lambda v, p: _rounded(Decimal(v), int(p)),
             Text("四舍五入到小数位", "rounded to decimal places, half up")),
    Function("text", (_RAW,), TEXT, as_text, Text("转换为文本", "as text")),
    Function("number", (_RAW,), DECIMAL, as_number, Text("转换为数字", "as a number")),
    Function("integer", (_RAW,), INTEGER, as_integer, Text("转换为整数", "as a whole number")),
    Function("lower", (_WORD,), TEXT, str.lower, Text("转为小写", "in lower case")),
    Function("upper", (_WORD,), TEXT, str.upper, Text("转为大写", "in upper case")),
    Function("trim", (_WORD,), TEXT, str.strip, Text("去掉首尾空白", "without blanks around it")),
    Function("length", (_WORD,), INTEGER, len, Text("文本长度", "how many characters a text has")),
    Function("starts_with", (_WORD, _WORD), BOOL, str.startswith, Text("以…开头", "begins with")),
    Function("ends_with", (_WORD, _WORD), BOOL, str.endswith, Text("以…结尾", "ends with")),
    Function("contains", (_WORD, _WORD), BOOL, lambda v, part: part in v, Text("包含", "contains a part")),
    Function("concat", (_WORD, _WORD), TEXT, lambda *v: _short("".join(v)), Text("连接文本", "texts joined"), most=8),
    Function("coalesce", (_ANY, _ANY), _same, lambda *v: next((x for x in v if not is_missing(x)), None),
             Text("第一个不为空的值", "the first value that is there"), most=8, takes_missing=True),
    Function("minutes", (_NUMBER,), DURATION, _minutes, Text("若干分钟", "so many minutes")),
    Function("hours", (_NUMBER,), DURATION, _hours, Text("若干小时", "so many hours")),
    Function("days", (_NUMBER,), DURATION, _days, Text("若干天", "so many days")),
    Function("date", (_MOMENT,), DATE, _day, Text("时间的日期 (UTC)", "the day of a time, in UTC")),
    Function("hour", (_MOMENT,), INTEGER, lambda m: m.hour, Text("小时 (UTC)", "the hour of a time, in UTC")),
    Function("weekday", (_MOMENT,), INTEGER, lambda m: m.isoweekday(), Text("周一为 1", "weekday, Monday is 1")),
    Function("is_phone", (_WORD,), BOOL, plausible_phone, Text("像是电话号码", "looks like a phone number")),
    Function("is_place", (_WORD, _WORD, _WORD), BOOL, known_place,
             Text("省、市、区县存在", "province, city and district exist")),
)  # fmt: skip

FUNCTIONS: Final[Mapping[str, Function]] = {function.name: function for function in _TABLE}
TIME_FAMILIES: Final = frozenset({DATE.family, DATETIME.family})
