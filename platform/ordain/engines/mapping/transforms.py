"""The transforms of a mapping's pipelines: each takes one value, gives one, or says what is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ordain.base import json
from ordain.base.errors import Refused, problem
from ordain.base.money import LIMIT, exponent, to_minor
from ordain.base.places import split_address
from ordain.base.text import Text
from ordain.language.expression import BOOL, DATETIME, DECIMAL, INTEGER, MONEY, TEXT, UNTYPED, Type

_SIGNS: Final = str.maketrans("", "", ",，￥¥$€元 \u00a0")
_TRUE: Final = frozenset({"true", "1", "yes", "y", "是"})
_TEXT_LIMIT: Final = 10_000
_SHORT: Final = 15  # digits that stay within the limits of numbers
_STANDARD: Final = "%Y-%m-%d %H:%M:%S"


class Unfit(Exception):
    """A value does not fit its transform; `text` says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What transforms may need beside the value."""

    lookups: Mapping[str, Mapping[str, Any]]
    zone: ZoneInfo


Apply = Callable[[Any, str], Any]
"""(value, currency) -> value; missing values never reach a transform but `default`."""


@dataclass(frozen=True, slots=True)
class Transform:
    """One compiled step; `gives` is the type of what comes out, `exact` that it is never anything else."""

    name: str
    apply: Apply
    gives: Type
    takes_missing: bool = False
    exact: bool = True


Maker = Callable[[Any, Surroundings], Transform]


def compile_transform(spec: Any, around: Surroundings, path: str) -> Transform:
    """Return the transform a definition names: `"text"`, or `{"money": "unit"}` with its setting."""
    name, setting = (spec, None) if isinstance(spec, str) else next(iter(spec.items()))
    maker = _TABLE.get(name)
    if maker is None:
        known = ", ".join(sorted(_TABLE))
        raise Refused(
            [
                problem(
                    path,
                    "unknown_transform",
                    f"没有转换“{name}”，可用：{known}",
                    f"no transform “{name}”; known: {known}",
                )
            ]
        )
    try:
        return maker(setting, around)
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError):
        raise Refused(
            [
                problem(
                    path, "bad_setting", f"转换“{name}”的设置无效", f"the settings of transform “{name}” make no sense"
                )
            ]
        ) from None


def to_text(value: Any, _: str = "") -> str:
    """Return a value as text: numbers as written, true and false in lower case."""
    if isinstance(value, str):
        return value[:_TEXT_LIMIT]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise Unfit("应为文本", "this should be text")


def _number(value: Any) -> Decimal:
    if type(value) is Decimal:
        return value
    if isinstance(value, bool):
        raise Unfit("应为数字", "this should be a number")
    if isinstance(value, int | Decimal):
        return Decimal(value)
    try:
        number = Decimal(str(value).translate(_SIGNS))
    except InvalidOperation:
        raise Unfit(f"“{_shown(value)}”不是数字", f"“{_shown(value)}” is no number") from None
    if not number.is_finite():
        raise Unfit("数字超出范围", "the number is out of range")
    return number


def _integer(value: Any, _: str) -> int:
    if type(value) is int and -LIMIT <= value <= LIMIT:
        return value
    if type(value) is str and value.isdecimal() and len(value) <= _SHORT:  # what nearly all are
        return int(value)
    number = _number(value)
    if number != number.to_integral_value() or abs(number) > LIMIT:
        raise Unfit(f"“{_shown(value)}”不是整数", f"“{_shown(value)}” is no whole number")
    return int(number)


def _money(setting: Any, _: Surroundings) -> Transform:
    if setting not in ("unit", "minor"):
        raise ValueError(setting)

    if setting == "minor":
        return Transform("money", _integer, MONEY)

    def apply(value: Any, currency: str) -> int:
        if type(value) is str:  # nearly all are written 12.90, and those need no decimal arithmetic
            units, _, cents = value.partition(".")
            plain = len(cents) == exponent(currency) and cents.isdecimal() and units.isdecimal()
            if plain and len(value) <= _SHORT:
                return int(units + cents)
        try:
            return to_minor(_number(value), currency)
        except ValueError:
            raise Unfit("金额超出范围", "the amount is out of range") from None

    return Transform("money", apply, MONEY)


def _time(setting: Any, around: Surroundings) -> Transform:
    if isinstance(setting, dict):
        pattern = setting["format"]
        zone = ZoneInfo(setting["zone"]) if "zone" in setting else around.zone
        return Transform("time", lambda value, _: _formatted(value, pattern, zone), DATETIME)
    return Transform("time", _TIMES[setting], DATETIME)


def _formatted(value: Any, pattern: str, zone: ZoneInfo) -> datetime | None:
    text = str(value).strip()
    if not text or text.startswith("0000"):
        return None
    try:
        # The standard form is read ten times faster than a pattern.
        moment = datetime.fromisoformat(text) if pattern == _STANDARD else datetime.strptime(text, pattern)  # noqa: DTZ007 its zone follows
    except ValueError:
        raise Unfit(f"“{_shown(value)}”不是有效时间", f"“{_shown(value)}” is no valid time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _iso(value: Any, _: str) -> datetime | None:
    text = str(value).strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(f"“{_shown(value)}”不是有效时间", f"“{_shown(value)}” is no valid time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _epoch(scale: int) -> Apply:
    def apply(value: Any, currency: str) -> datetime | None:
        number = _integer(value, currency)
        if number == 0:
            return None
        try:
            return datetime.fromtimestamp(number / scale, UTC)
        except (OverflowError, OSError, ValueError):
            raise Unfit("时间超出范围", "the time is out of range") from None

    return apply


def _lookup(setting: Any, around: Surroundings) -> Transform:
    table = {str(key): value for key, value in around.lookups[setting].items()}

    def apply(value: Any, _: str) -> Any:
        found = table.get(to_text(value))
        if found is None:
            raise Unfit(
                f"对照表“{setting}”中没有“{_shown(value)}”", f"the lookup table “{setting}” has no “{_shown(value)}”"
            )
        return found

    return Transform("lookup", apply, TEXT, exact=False)


def _split(setting: Any, _: Surroundings) -> Transform:
    by, part = str(setting["by"]), int(setting["part"])

    def apply(value: Any, _: str) -> str | None:
        parts = to_text(value).split(by)
        return parts[part].strip() if -len(parts) <= part < len(parts) else None

    return Transform("split", apply, TEXT)


def _join(setting: Any, _: Surroundings) -> Transform:
    def apply(value: Any, _: str) -> str:
        items = value if isinstance(value, list) else [value]
        return str(setting or "").join(to_text(item) for item in items if item not in (None, ""))[:_TEXT_LIMIT]

    return Transform("join", apply, TEXT)


def _replace(setting: Any, _: Surroundings) -> Transform:
    find, put = str(setting["find"]), str(setting.get("with", ""))
    return Transform("replace", lambda value, _: to_text(value).replace(find, put)[:_TEXT_LIMIT], TEXT)


def _address(setting: Any, _: Surroundings) -> Transform:
    if setting not in ("province", "city", "district", "street"):
        raise ValueError(setting)
    return Transform("address", lambda value, _: getattr(split_address(to_text(value)), setting), TEXT)


def _json(_: Any, __: Surroundings) -> Transform:
    def apply(value: Any, _: str) -> Any:
        try:
            return json.loads(to_text(value))
        except json.BadJson:
            raise Unfit("其中的 JSON 文本无法解析", "the JSON text inside cannot be parsed") from None

    return Transform("json", apply, UNTYPED)


def _default(setting: Any, _: Surroundings) -> Transform:
    return Transform("default", lambda value, _: setting if value in (None, "") else value, UNTYPED, takes_missing=True)


def _first(value: Any, _: str) -> Any:
    return value[0] if isinstance(value, list) and value else None if isinstance(value, list) else value


def _plain(name: str, apply: Apply, gives: Type) -> Maker:
    transform = Transform(name, apply, gives)
    return lambda _, __: transform


def _shown(value: Any) -> str:
    return str(value)[:40]


_TIMES: Final[Mapping[str, Apply]] = {"iso": _iso, "epoch_s": _epoch(1), "epoch_ms": _epoch(1000)}
_TABLE: Final[Mapping[str, Maker]] = {
    "text": _plain("text", to_text, TEXT),
    "trim": _plain("trim", lambda value, _: to_text(value).strip(), TEXT),
    "upper": _plain("upper", lambda value, _: to_text(value).upper(), TEXT),
    "lower": _plain("lower", lambda value, _: to_text(value).lower(), TEXT),
    "phone": _plain("phone", lambda value, _: to_text(value).strip().replace(" ", ""), TEXT),
    "integer": _plain("integer", _integer, INTEGER),
    "decimal": _plain("decimal", lambda value, _: _number(value), DECIMAL),
    "boolean": _plain("boolean", lambda value, _: to_text(value).strip().lower() in _TRUE, BOOL),
    "abs": _plain("abs", lambda value, _: abs(_number(value)), DECIMAL),
    "first": _plain("first", _first, UNTYPED),
    "money": _money,
    "time": _time,
    "lookup": _lookup,
    "split": _split,
    "join": _join,
    "replace": _replace,
    "address": _address,
    "json": _json,
    "default": _default,
}
