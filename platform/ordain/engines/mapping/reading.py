"""Reading one document with a program: values where they can be read, problems where not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.mapping.pipeline import is_missing
from ordain.engines.mapping.program import Field, LineList, Mapped, MappingProgram
from ordain.engines.mapping.sources import KEY
from ordain.engines.mapping.transforms import Unfit
from ordain.language.expression import EvaluationError

LINE_LIMIT: Final = 1_000


class _DropLine(Exception):
    """A field says that its line is to be left out."""


def map_record(program: MappingProgram, payload: Mapping[str, Any], mended: Mapping[str, Any] | None = None) -> Mapped:
    """Return what the program reads from a document; it never raises for what the document holds.

    `mended` are values by path (`total`, `lines.0.sku`) that stand in place of what would be read there.
    """
    record: dict[str, Any] = {"source": payload}
    trouble = _Trouble(mended or {})
    currency = program.currency
    first = program.sourced[:1]
    if first and first[0].name == "currency":
        _fill(first, payload, payload, record, currency, trouble)
        currency = record.get("currency") or currency
        _fill(program.sourced[1:], payload, payload, record, currency, trouble)
    else:
        _fill(program.sourced, payload, payload, record, currency, trouble)
    for line_list in program.lists:
        _put(record, line_list.steps, _lines(line_list, payload, currency, trouble))
    if trouble.mended:
        _add_mended((*program.sourced, *program.derived), record, trouble)
    _fill(program.derived, payload, payload, record, currency, trouble)
    beside = {"source": record.pop("source"), "let": record.pop("let", None)}
    record.setdefault("currency", currency)
    lines = record.get("lines") or ()
    for line in lines:
        line.pop("let", None)
    if program.spread and lines:
        _spread(record, lines)
    codes = frozenset([line["sku"] for line in lines if line.get("sku")])
    return Mapped(record, tuple(trouble.problems), codes, frozenset(trouble.tainted), beside)


class _Trouble:
    """The problems of one document, and the names that cannot be relied on because of them."""

    __slots__ = ("at", "mended", "own", "problems", "tainted")

    def __init__(self, mended: Mapping[str, Any]) -> None:
        self.mended = mended
        self.problems: list[Problem] = []
        self.tainted: set[str] = set()
        self.at = ""  # the line being read, "lines.0."
        self.own = ""  # the same without its number, "lines."

    def add(self, name: str, code: str, text: Text) -> None:
        self.problems.append(Problem(f"{self.at}{name}", code, text))
        self.tainted.add(f"{self.own}{name}")

    def spoils(self, item: Field) -> bool:
        """Tell whether an expression needs what could not be read; then its own name is tainted too."""
        if item.expression is None:
            return False
        spoilt = any(f"{self.own}{name}" in self.tainted for name in item.expression.names)
        if spoilt:
            self.tainted.add(f"{self.own}{item.name}")
        return spoilt


def _fill(
    fields: Sequence[Field], source: Any, root: Any, into: dict[str, Any], currency: str, trouble: _Trouble
) -> None:
    """Read or work out each field; a field that fails is a problem and no value."""
    for item in fields:
        if trouble.mended and (place := f"{trouble.at}{item.name}") in trouble.mended:
            _mend(item, into, trouble.mended[place], trouble)
            continue
        try:
            if item.read is not None:
                value = item.read(source, root, currency)
            elif item.expression is not None and not (trouble.tainted and trouble.spoils(item)):
                value = item.fit(item.expression.evaluate(into))
            else:
                continue
        except Unfit as unfit:
            _failed(item, into, unfit.text, "unfit", trouble)
        except EvaluationError as error:
            _failed(item, into, error.problem.message, "unfit", trouble)
        else:
            if not value and is_missing(value):
                _absent(item, into, trouble)
            elif item.step:
                into[item.step] = value
            else:
                _put(into, item.steps, value)


def _mend(item: Field, into: dict[str, Any], value: Any, trouble: _Trouble) -> None:
    if value is None:
        _absent(item, into, trouble)
    else:
        _put(into, item.steps, value)


def _add_mended(fields: Sequence[Field], into: dict[str, Any], trouble: _Trouble) -> None:
    """Put in what was corrected and no field of the mapping fills."""
    known = {item.name for item in fields}
    for place, value in trouble.mended.items():
        name = place.removeprefix(trouble.at)
        inside = place.startswith(trouble.at) if trouble.at else not place.startswith("lines.")
        if inside and name not in known and value is not None:
            _put(into, tuple(name.split(".")), value)


def _absent(item: Field, into: dict[str, Any], trouble: _Trouble) -> None:
    if item.on_failure == "default":
        _put(into, item.steps, item.fallback)
    elif item.required:
        _failed(item, into, _empty(item.name), f"missing_{item.steps[-1]}", trouble)


def _failed(item: Field, into: dict[str, Any], text: Text, code: str, trouble: _Trouble) -> None:
    if item.on_failure == "drop-line":
        raise _DropLine
    if item.on_failure == "default":
        _put(into, item.steps, item.fallback)
        return
    trouble.add(item.name, item.code or code, text)


def _lines(line_list: LineList, payload: Any, currency: str, trouble: _Trouble) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    trouble.own = f"{line_list.name}."
    for place, source in enumerate(_items(line_list.each(payload, payload))):
        if place >= LINE_LIMIT:
            trouble.add("", "too_many_lines", Text("行数超过 1000", "more than 1,000 lines"))
            break
        if line_list.where is not None and not _wanted(line_list, source):
            continue
        trouble.at = f"{line_list.name}.{len(found)}."
        line: dict[str, Any] = {"source": source}
        try:
            _fill(line_list.fields, source, payload, line, currency, trouble)
        except _DropLine:
            continue
        if trouble.mended:
            _add_mended(line_list.fields, line, trouble)
        line.pop("source")
        found.append(line)
    trouble.at = trouble.own = ""
    return found


def _wanted(line_list: LineList, source: Any) -> bool:
    try:
        return line_list.where is None or line_list.where.holds({"source": source})
    except EvaluationError:
        return True  # what cannot be judged is not left out silently


def _items(value: Any) -> Iterable[Any]:
    """Return the items of a list, of an object keyed by something, or the one object that should be a list."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or not value:
        return []
    if all(isinstance(inner, Mapping) for inner in value.values()):
        return [{**inner, KEY: key} for key, inner in value.items()]
    return [value]


def _spread(record: Mapping[str, Any], lines: list[dict[str, Any]]) -> None:
    """Spread what order-level discounts left open over the lines by their amounts, to the last cent."""
    amounts: list[Any] = [line.get("amount") for line in lines]
    total = record.get("total")
    if type(total) is not int or not all(type(amount) is int for amount in amounts):
        return
    left = total - record.get("freight", 0) - record.get("tax", 0) - sum(amounts)
    if not left:
        return
    weights = [abs(amount) for amount in amounts]
    weight = sum(weights) or 1
    for line, own in zip(lines[:-1], weights, strict=False):
        part = left * own // weight if weight else 0
        line["amount"] += part
        left, weight = left - part, weight - own
    lines[-1]["amount"] += left


def _put(into: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    for step in steps[:-1]:
        into = into.setdefault(step, {})
    into[steps[-1]] = value


def _empty(name: str) -> Text:
    return Text(f"来源中没有“{name}”，请补上或修改映射", f"the source has no “{name}”; fill it in or mend the mapping")
