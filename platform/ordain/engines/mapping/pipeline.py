"""From a place in the document to a value of the field's type: lookup, transforms and fit as one function."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ordain.engines.mapping.sources import Lookup
from ordain.engines.mapping.transforms import Apply, Transform, Unfit, to_text
from ordain.language.expression import Type

Read = Callable[[Any, Any, str], Any]
"""(item, whole document, currency) -> a value that fits or a missing one; Unfit where there is neither."""
Fit = Callable[[Any], Any]

_MISSING: Final[tuple[Any, ...]] = (None, "", [], {})


def is_missing(value: Any) -> bool:
    """Tell whether a value is not there; nought and false are."""
    return not value and value in _MISSING


def compile_read(lookup: Lookup, transforms: tuple[Transform, ...], kind: Type) -> Read:
    """Return the function that reads one field; a missing value passes by all but those that take it."""
    fit = compile_fit(kind)
    if transforms and transforms[-1].gives == kind and transforms[-1].exact:
        fit = _as_it_is
    if not transforms:
        return _text_read(lookup) if fit is _text else lambda item, root, _: fit(lookup(item, root))
    if len(transforms) == 1 and not transforms[0].takes_missing:
        return _single(lookup, transforms[0].apply, fit)
    steps = tuple((step.apply, step.takes_missing) for step in transforms)

    def read(item: Any, root: Any, currency: str) -> Any:
        value = lookup(item, root)
        for apply, takes_missing in steps:
            if not value and not takes_missing and value in _MISSING:
                break
            value = apply(value, currency)
        return fit(value)

    return read


def _text_read(lookup: Lookup) -> Read:
    def read(item: Any, root: Any, _: str) -> Any:
        value = lookup(item, root)
        return value if type(value) is str else _text(value)

    return read


def _single(lookup: Lookup, apply: Apply, fit: Fit) -> Read:
    if fit is _as_it_is:

        def exact(item: Any, root: Any, currency: str) -> Any:
            value = lookup(item, root)
            return value if not value and value in _MISSING else apply(value, currency)

        return exact

    def read(item: Any, root: Any, currency: str) -> Any:
        value = lookup(item, root)
        return value if not value and value in _MISSING else fit(apply(value, currency))

    return read


def compile_fit(kind: Type) -> Fit:
    """Return what gives a value as the field's type wants it, or says Unfit; missing values pass."""
    match kind.family:
        case "text":
            return _text
        case "choice":
            return _choice(kind.options)
        case "integer" | "money":
            return _whole
        case "datetime":
            return _time
        case _:
            return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> Any:
    return value if type(value) is str or is_missing(value) else to_text(value)


def _choice(options: tuple[str, ...]) -> Fit:
    def fit(value: Any) -> Any:
        if value in options or is_missing(value):
            return value
        listed, shown = ", ".join(options), str(value)[:40]
        raise Unfit(f"“{shown}”不在可选值中：{listed}", f"“{shown}” is none of: {listed}")

    return fit


def _whole(value: Any) -> Any:
    if type(value) is int or is_missing(value):
        return value
    raise Unfit("应先转换为整数或金额", "convert this to a whole number or an amount first")


def _time(value: Any) -> Any:
    if isinstance(value, datetime) or is_missing(value):
        return value
    raise Unfit("应先转换为时间", "convert this to a time first")
