"""The one way JSON comes in and goes out.

In: the standard library with hooks (decimals stay exact, no NaN, no duplicate keys, bounded size and
depth). Out: orjson. The canonical form is what content hashes are made of.
"""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NoReturn

import orjson

from ordain.base.clock import rfc3339

REQUEST_LIMIT: Final = 1_000_000
ANSWER_LIMIT: Final = 5_000_000
DEPTH_LIMIT: Final = 32


class BadJson(ValueError):
    """The text is no JSON we take; the message says why, for people who know JSON."""


def loads(data: bytes | str, *, limit: int = REQUEST_LIMIT) -> Any:
    """Parse JSON: decimals as Decimal, integers exact; BadJson for anything else than clean, bounded JSON."""
    if len(data) > limit:
        raise BadJson(f"larger than {limit} bytes")
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        value = _DECODER.decode(text)
    except RecursionError:
        raise BadJson("nested too deeply") from None
    except ValueError as error:
        raise BadJson(str(error)) from None
    if _deeper_than(value, DEPTH_LIMIT):
        raise BadJson(f"nested deeper than {DEPTH_LIMIT}")
    return value


def dumps(value: object) -> bytes:
    """Return compact JSON, UTF-8."""
    return orjson.dumps(value, default=_plain)


def pretty(value: object) -> str:
    """Return JSON for people: two spaces, the order kept."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2).decode()


def canonical(value: object) -> bytes:
    """Return the one byte form of a document: compact, keys sorted, UTF-8."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def content_hash(value: object) -> str:
    """Return the SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, int):  # beyond 64 bits, which orjson refuses: ids are text anyway
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(f"the key {key!r} stands twice in one object")
            seen.add(key)
    return found


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or value.adjusted() > 30:
        raise BadJson("number out of range")
    return value


def _integer(text: str) -> int:
    if len(text) > 40:
        raise BadJson("number out of range")
    return int(text)


def _constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no JSON")


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
)
