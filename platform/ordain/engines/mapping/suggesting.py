"""Suggesting a mapping from one document: by the names of its fields, and by what their values look like."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ordain.base.phones import plausible_phone
from ordain.language.expression import Type
from ordain.records.fields import LINES, RECORDS
from ordain.records.words import STATE_WORDS

_DEPTH: Final = 8
_MOST: Final = 400
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[\u4e00-\u9fff]+")
# What channels call our fields; the first of a line is the surest.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("order id", "order no", "order sn", "order number", "tid", "trade no", "订单号", "id", "number"),
    "state": ("order state", "order status", "status", "state", "状态", "financial status"),
    "placed_at": ("created at", "create time", "created", "order time", "date created", "下单时间", "start time"),
    "paid_at": ("paid at", "pay time", "payment time", "date paid", "付款时间", "confirm time"),
    "shipped_at": ("shipped at", "ship time", "consign time", "发货时间"),
    "modified_at": ("updated at", "update time", "modified", "date modified", "modify time", "修改时间"),
    "currency": ("currency", "币种"),
    "goods": ("goods amount", "goods", "subtotal", "total line items price", "total fee"),
    "freight": ("freight", "post fee", "postage", "shipping", "shipping total", "post amount", "运费"),
    "tax": ("tax", "total tax", "tax amount"),
    "total": ("payable", "pay amount", "payment", "total price", "total", "order amount", "实付", "应付"),
    "buyer.name": ("receiver name", "buyer name", "full name", "consignee", "to", "name", "收货人"),
    "buyer.phone": ("receiver mobile", "mobile", "phone", "tel", "receiver phone", "手机"),
    "buyer.email": ("email", "mail"),
    "buyer.address.province": ("receiver state", "province", "省"),
    "buyer.address.city": ("receiver city", "city", "市"),
    "buyer.address.district": ("receiver district", "district", "county", "town", "area", "区"),
    "buyer.address.street": ("receiver address", "detail address", "full address", "street", "addr", "detail"),
}  # fmt: skip
_LINE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("line id", "oid", "item id", "sku id", "id"),
    "sku": ("outer sku id", "sku code", "outer id", "sku", "code", "商品编码"),
    "title": ("title", "name", "goods name", "sku name", "product name", "商品名称"),
    "quantity": ("quantity", "qty", "num", "count", "item num", "item total", "数量"),
    "unit_price": ("unit price", "price", "unit cents", "goods price", "单价"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceField:
    """One value of a document: its path, the path inside its list's item, its type's word, an example."""

    path: str
    inner: str
    type: str
    example: str
    depth: int


def source_fields(payload: Any) -> list[SourceField]:
    """Return the fields of a document in their order; of a list only its first item."""
    found: list[SourceField] = []
    for field in _walk(payload, "", "", 0):
        if len(found) >= _MOST:
            break
        found.append(field)
    return found


def suggest(payload: Any, record: str = "order") -> dict[str, Any]:
    """Return the `fields` and `lists` a mapping of this document might have; only what is told by name and value.

    A value that is none of its target's choices gets a lookup table: filled where the word is known, else empty.
    """
    fields = [field for field in source_fields(payload) if field.type not in ("object", "list")]
    plain = [field for field in fields if not field.inner]
    made = _matched(plain, _NAMES, RECORDS.get(record, {}))
    spec: dict[str, Any] = {"fields": made}
    each = _lines_path(payload)
    if each:
        inside = [field for field in fields if field.inner and field.path.startswith(f"{each}.")]
        lines = _matched(inside, _LINE_NAMES, LINES.get(record, {}), inner=True)
        if lines:
            if {"quantity", "unit_price"} <= set(lines):
                lines["amount"] = {"expression": "unit_price * quantity"}
            spec["lists"] = {"lines": {"each": each, "fields": lines}}
    tables = _tables(made, plain, RECORDS.get(record, {}))
    return {**spec, "lookups": tables} if tables else spec


def source_of(payload: Any, path: str, target: str, record: str = "order", each: str = "") -> dict[str, Any]:
    """Return a target field that takes its value from `path`, with the transforms its example and the target ask for.

    `each` is the path of the list whose items the target belongs to, and `path` then stands inside an item.
    """
    whole = f"{each}.{path}" if each else path
    fields = source_fields(payload) if payload is not None else []
    found = next((field for field in fields if field.path == whole), None)
    types = LINES.get(record, {}) if each else RECORDS.get(record, {})
    if found is None or target not in types:
        return {"from": path}
    return _field(found, target, types[target], inner=bool(each))


def _walk(value: Any, path: str, inner: str, depth: int) -> Iterator[SourceField]:
    if depth > _DEPTH:
        return
    rows = _rows(value)
    if isinstance(value, Mapping) and not rows:
        if path:
            yield SourceField(path, inner, "object", "", depth)
        for name, child in value.items():
            yield from _walk(child, f"{path}.{name}" if path else name, _inside(inner, name), depth + 1)
    elif isinstance(value, list) or rows:
        yield SourceField(path, inner, "list", str(len(value)), depth)
        for name, child in rows[0].items() if rows else ():
            yield from _walk(child, f"{path}.{name}", name, depth + 1)
    else:
        yield SourceField(path, inner, _word(value), "" if value is None else str(value)[:60], depth)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list, or of an object that holds them under numbers; [] of anything else."""
    if isinstance(value, Mapping):
        listed = list(value.values()) if value and all(name.isdecimal() for name in value) else []
    else:
        listed = value if isinstance(value, list) else []
    return listed if listed and all(isinstance(one, Mapping) for one in listed) else []


def _inside(inner: str, name: str) -> str:
    return f"{inner}.{name}" if inner else ""


def _word(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "bool"
        case int():
            return "int"
        case str():
            return "text"
        case _:
            return "number"


def _lines_path(payload: Any) -> str:
    """Return the path of the list that looks most like order lines: objects with the most names of lines in them."""
    best, most = "", 0
    for path, items in _lists(payload, "", 0):
        names = {_said(name) for name in items[0]}
        score = sum(any(word in names for word in words) for words in _LINE_NAMES.values())
        if score > most:
            best, most = path, score
    return best if most >= 2 else ""


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if depth > _DEPTH or not isinstance(value, Mapping):
        return
    for name, child in value.items():
        below = f"{path}.{name}" if path else name
        if rows := _rows(child):
            yield below, rows
        yield from _lists(child, below, depth + 1)


def _matched(
    fields: list[SourceField], names: Mapping[str, tuple[str, ...]], types: Mapping[str, Type], *, inner: bool = False
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    taken: set[str] = set()
    for target, words in names.items():
        found = _best(fields, words, taken, target) if target in types else None
        if found is not None:
            taken.add(found.path)
            made[target] = _field(found, target, types[target], inner=inner)
    return made


def _best(fields: list[SourceField], words: tuple[str, ...], taken: set[str], target: str) -> SourceField | None:
    for word in words:
        for field in fields:
            said = _said(field.path.rsplit(".", 1)[-1])
            if field.path not in taken and said == word and _suits(field, target):
                return field
    for word in words[:3]:
        for field in fields:
            said = _said(field.path.rsplit(".", 1)[-1])
            if field.path not in taken and len(word) > 3 and said.endswith(f" {word}") and _suits(field, target):
                return field
    return None


def _suits(field: SourceField, target: str) -> bool:
    """Tell whether the example can be what the target wants."""
    if not field.example:
        return True
    if target.endswith("_at"):
        return _time(field.example) is not None
    if target == "buyer.phone":
        return plausible_phone(field.example) or "*" in field.example
    return True


def _field(field: SourceField, target: str, kind: Type, *, inner: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"from": field.inner if inner else field.path}
    match kind.family:
        case "money":
            made["via"] = [{"money": "minor" if field.type == "int" else "unit"}]
        case "datetime":
            made["via"] = [{"time": _time(field.example) or "iso"}]
        case "integer":
            made["via"] = ["integer"]
        case "choice" if field.example and field.example not in kind.options:
            made["via"] = [{"lookup": f"{target}s"}]
        case "text" if target == "buyer.phone":
            made["via"] = ["phone"]
        case "text" if field.type != "text":
            made["via"] = ["text"]
        case _:
            pass
    if target not in ("external_id", "placed_at", "total", "sku", "quantity", "unit_price", "state"):
        made["required"] = False
    return made


def _tables(made: Mapping[str, Any], fields: list[SourceField], types: Mapping[str, Type]) -> dict[str, Any]:
    """Return the lookup tables that suggested fields use, with the one value that came where its word is known."""
    tables: dict[str, Any] = {}
    for target, field in made.items():
        table = next((step["lookup"] for step in field.get("via", ()) if "lookup" in step), None)
        if table is not None:
            came = next((one.example for one in fields if one.path == field["from"]), "")
            known = _known(came)
            tables[table] = {came: known} if known in types[target].options else {}
    return tables


def _known(word: str) -> str:
    """Return the state a channel's word stands for, "" where nobody knows."""
    plain = word.strip().casefold().replace("_", " ")
    ours = {
        said.casefold(): state for state, text in STATE_WORDS.items() if state for said in (text.zh, text.en, state)
    }
    return ours.get(plain) or _ALSO.get(plain, "")


_ALSO: Final[Mapping[str, str]] = {
    "pending": "unpaid", "待支付": "unpaid", "等待付款": "unpaid", "wait buyer pay": "unpaid",
    "待发货": "paid", "已支付": "paid", "processing": "paid", "wait seller send goods": "paid",
    "部分发货": "picking", "配货中": "picking", "partially shipped": "picking",
    "sent": "shipped", "待收货": "shipped", "delivering": "shipped", "wait buyer confirm goods": "shipped",
    "交易完成": "completed", "交易成功": "completed", "done": "completed", "finished": "completed",
    "delivered": "completed", "trade finished": "completed",
    "closed": "cancelled", "canceled": "cancelled", "refunded": "cancelled", "交易关闭": "cancelled",
    "已关闭": "cancelled", "已退款": "cancelled",
}  # fmt: skip


def _time(text: str) -> Any:
    """Return how a moment is written, as the transform `time` wants it; None where it is none."""
    if text.isdecimal():
        return {10: "epoch_s", 13: "epoch_ms"}.get(len(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None and " " in text:
        return {"format": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"}
    return "iso"


def _said(name: str) -> str:
    """Return a name's words, lower case, apart: receiverName, receiver_name and receiver-name are the same."""
    return " ".join(word.lower() for word in _WORDS.findall(name.replace("_", " ")))
