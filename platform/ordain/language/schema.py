"""JSON Schema (draft 2020-12) with problems people understand.

Definitions and forms are checked by jsonschema, which explains itself; traffic by jsonschema-rs, which is fast.
No schema ever fetches another. A union told apart by a `type` constant is checked on the chosen branch only.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from ordain.base import json
from ordain.base.errors import Problem, problem

Schema = Mapping[str, Any]


def check_document(schema: Schema, document: Any) -> list[Problem]:
    """Return every problem of `document` under `schema`, in the order of their paths."""
    errors = _validator(json.canonical(schema)).iter_errors(document)
    return sorted({found for error in errors for found in _problems(error)}, key=lambda found: (found.path, found.code))


def fits(schema: Schema, document: Any) -> bool:
    """Tell quickly whether a document surely fits; what does not, or cannot be told quickly, is to be checked.

    `schema` is one that stays: it is compiled once.
    """
    found = _FITTING.get(id(schema))
    if found is None or found[0] is not schema:
        found = _FITTING[id(schema)] = (schema, jsonschema_rs.Draft202012Validator(dict(schema)))
    try:
        return bool(found[1].is_valid(document))
    except (TypeError, ValueError, OverflowError):  # a value it has no words for
        return False


_FITTING: Final[dict[int, tuple[Schema, Any]]] = {}


class FastSchema:
    """A schema compiled once for traffic: same problems, less detail, a hundred times the speed."""

    def __init__(self, schema: Schema) -> None:
        self._fast = jsonschema_rs.Draft202012Validator(dict(schema))

    def problems(self, document: Any) -> list[Problem]:
        """Return the problems of a document of plain JSON values."""
        if self._fast.is_valid(document):
            return []
        return [
            problem(
                ".".join(str(step) for step in error.instance_path),
                "invalid",
                f"不符合要求：{error.message}",
                error.message,
            )
            for error in self._fast.iter_errors(document)
        ]


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Match patterns with an engine that never backtracks."""
    if isinstance(instance, str) and not _matcher(pattern).is_valid(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _one_of(validator: Any, branches: Sequence[Schema], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Check the branch whose `type` constant the instance names; without such constants, as the standard says."""
    constants = [branch.get("properties", {}).get("type", {}).get("const") for branch in branches]
    if None in constants or not isinstance(instance, dict):
        yield from Draft202012Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)
        return
    chosen = instance.get("type")
    if chosen not in constants:
        yield ValidationError(
            "no such type", path=["type"], validator="enum", validator_value=constants, instance=chosen
        )
        return
    place = constants.index(chosen)
    yield from validator.descend(instance, branches[place], schema_path=place)


_Checker: Final[Any] = extend(  # type: ignore[no-untyped-call] # jsonschema leaves it untyped
    Draft202012Validator, {"oneOf": _one_of, "pattern": _pattern}
)


@lru_cache(maxsize=256)
def _validator(text: bytes) -> Any:
    return _Checker(json.loads(text, limit=json.ANSWER_LIMIT), registry=Registry())


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> Any:
    return jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern})


def _problems(error: Any) -> Iterable[Problem]:
    path = ".".join(str(step) for step in error.absolute_path)
    maker = _SAY.get(str(error.validator))
    if maker is not None:
        return maker(path, error)
    return [problem(path, str(error.validator), f"不符合要求：{error.message}", error.message)]


def _required(path: str, error: Any) -> list[Problem]:
    missing = [name for name in error.validator_value if name not in error.instance]
    named = [name for name in missing if f"'{name}' is" in error.message] or missing[:1]
    return [_missing(_join(path, name), name, error.schema.get("properties", {}).get(name)) for name in named]


def _missing(path: str, name: str, schema: Any) -> Problem:
    """Return the problem of a field that is not there, under its title where it has one."""
    title = schema.get("x-title", {}) if isinstance(schema, Mapping) else {}
    zh, en = title.get("zh", name), title.get("en", name)
    return problem(path, "required", f"请填写“{zh}”", f"“{en}” is missing; fill it in")


def _unknown(path: str, error: Any) -> list[Problem]:
    known = list(error.schema.get("properties", {}))
    found = []
    for name in error.instance:
        if name in known or _in_patterns(name, error.schema):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        zh, en = (
            (f"，是否想写“{near[0]}”？", f"; did you mean “{near[0]}”?")
            if near
            else ("", f"; known: {', '.join(known)}")
        )
        found.append(
            problem(_join(path, name), "unknown_key", f"没有名为“{name}”的项{zh}", f"there is no “{name}” here{en}")
        )
    return found


def _in_patterns(name: str, schema: Any) -> bool:
    return any(_matcher(pattern).is_valid(name) for pattern in schema.get("patternProperties", {}))


def _type(path: str, error: Any) -> list[Problem]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    zh = "或".join(_TYPES.get(str(name), str(name)) for name in wanted)
    return [problem(path, "type", f"此处应为{zh}", f"this must be {' or '.join(wanted)}")]


def _enum(path: str, error: Any) -> list[Problem]:
    options = [str(option) for option in error.validator_value]
    near = difflib.get_close_matches(str(error.instance), options, n=1)
    zh, en = (f"，是否想写“{near[0]}”？", f"; did you mean “{near[0]}”?") if near else ("", "")
    listed = ", ".join(options[:12])
    return [
        problem(
            path,
            "unknown_option",
            f"“{error.instance}”不在可选值中：{listed}{zh}",
            f"“{error.instance}” is none of: {listed}{en}",
        )
    ]


def _const(path: str, error: Any) -> list[Problem]:
    return [problem(path, "const", f"此处只能是 {error.validator_value}", f"this must be {error.validator_value}")]


def _format(path: str, error: Any) -> list[Problem]:
    shown = str(error.instance)[:60]
    if not shown:
        return [problem(path, "required", "请填写", "this is needed")]
    return [
        problem(
            path,
            "pattern",
            f"“{shown}”格式不对，应符合 {error.schema.get('pattern', '')}",
            f"“{shown}” is not of the form {error.schema.get('pattern', '')}",
        )
    ]


def _limit(path: str, error: Any) -> list[Problem]:
    zh, en = _LIMITS[str(error.validator)]
    limit = error.validator_value
    return [problem(path, str(error.validator), zh.format(limit), en.format(limit))]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_TYPES: Final = {
    "string": "文本", "integer": "整数", "number": "数字", "boolean": "是或否", "object": "一组字段",
    "array": "列表", "null": "空",
}  # fmt: skip
_LIMITS: Final = {
    "minimum": ("不能小于 {}", "must be at least {}"),
    "maximum": ("不能大于 {}", "must be at most {}"),
    "exclusiveMinimum": ("必须大于 {}", "must be over {}"),
    "exclusiveMaximum": ("必须小于 {}", "must be under {}"),
    "minLength": ("至少 {} 个字符", "needs at least {} characters"),
    "maxLength": ("最多 {} 个字符", "takes at most {} characters"),
    "minItems": ("至少 {} 项", "needs at least {} items"),
    "maxItems": ("最多 {} 项", "takes at most {} items"),
    "minProperties": ("至少 {} 项", "needs at least {} entries"),
    "maxProperties": ("最多 {} 项", "takes at most {} entries"),
}
_SAY: Final = {
    "required": _required,
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _format,
    **dict.fromkeys(_LIMITS, _limit),
}
