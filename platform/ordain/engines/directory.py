"""A directory of people, as SCIM 2.0 (RFC 7643, 7644) tells of them: reading, patching, filtering; pure.

Directories differ in spelling: `active` missing or written as a text, operations in any case, paths or none.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
FILTERS: Final = ("userName", "externalId", "id", "active", "emails.value")
_NAME: Final = re.compile(r"^[\w.@-]{1,64}$")
_FILTER: Final = re.compile(r'^\s*([\w.]+)\s+eq\s+(?:"((?:[^"\\]|\\.)*)"|(true|false))\s*$', re.IGNORECASE)
_PATH: Final = re.compile(
    r'^(?:(?P<urn>urn:[\w:.]+?):)?(?P<name>[A-Za-z$][\w-]*)(?:\[\s*(?P<key>\w+)\s+eq\s+"(?P<value>[^"]*)"\s*\])?'
    r"(?:\.(?P<sub>[A-Za-z]\w*))?$",
    re.IGNORECASE,
)
_MOST: Final = 100  # operations of one patch


class ScimRefused(Exception):
    """A request a directory may not make, with the status and word of RFC 7644."""

    def __init__(self, status: int, detail: str, scim_type: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.scim_type = status, detail, scim_type


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as a directory tells of them; `document` is its own text of them."""

    user_name: str
    external_id: str = ""
    display_name: str = ""
    mail: str = ""
    phone: str = ""
    active: bool = True
    department: str = ""
    title: str = ""
    language: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; "" for nothing."""

    attribute: str = ""
    value: str | bool = ""


def read(document: Any) -> Entry:
    """Return the person a resource tells of; ScimRefused where it tells of none."""
    if not isinstance(document, Mapping):
        raise ScimRefused(400, "the resource must be an object", "invalidSyntax")
    user_name = _text(_get(document, "userName"))
    if not _NAME.match(user_name):
        raise ScimRefused(400, "userName takes letters, digits, . - _ and @, at most 64", "invalidValue")
    extension = _get(document, ENTERPRISE)
    enterprise = extension if isinstance(extension, Mapping) else {}
    locale = _text(_get(document, "preferredLanguage") or _get(document, "locale"))
    return Entry(
        user_name=user_name,
        external_id=_text(_get(document, "externalId"))[:128],
        display_name=_display(document)[:64],
        mail=_main(document, "emails")[:254],
        phone=_phone(_main(document, "phoneNumbers")),
        active=truth(_get(document, "active"), default=True),
        department=_text(_get(enterprise, "department"))[:64],
        title=_text(_get(document, "title"))[:64],
        language="en" if locale.lower().startswith("en") else "zh" if locale else "",
        document=document,
    )


def truth(value: Any, *, default: bool) -> bool:
    """Return a truth however it is spelled; missing is the default. ScimRefused for anything else."""
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ScimRefused(400, "active must be true or false", "invalidValue")


def patched(document: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """Return a resource after a PATCH; ScimRefused where an operation makes no sense."""
    if not isinstance(operations, Sequence) or isinstance(operations, str) or not 0 < len(operations) <= _MOST:
        raise ScimRefused(400, f"Operations must be a list of 1 to {_MOST}", "invalidSyntax")
    made = copy.deepcopy(dict(document))
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise ScimRefused(400, "an operation must be an object", "invalidSyntax")
        _apply(made, operation)
    return made


def parse_filter(text: str) -> Filter:
    """Return the filter of a list: one comparison for equality; ScimRefused for what we do not know."""
    if not text.strip():
        return Filter()
    match = _FILTER.match(text)
    known = {name.lower(): name for name in FILTERS}
    if match is None or match[1].lower() not in known:
        listed = ", ".join(FILTERS)
        raise ScimRefused(
            400, f'filter not understood; write e.g. userName eq "anna" (known: {listed})', "invalidFilter"
        )
    if match[3] is not None:
        return Filter(known[match[1].lower()], match[3].lower() == "true")
    return Filter(known[match[1].lower()], re.sub(r"\\(.)", r"\1", match[2]))


def error(status: int, detail: str, scim_type: str = "") -> dict[str, Any]:
    """Return the body of an error."""
    made: dict[str, Any] = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return made | ({"scimType": scim_type} if scim_type else {})


def too_many_leave(known: int, leavers: int, listed: int, most: float) -> str:
    """Return why a feed is not believed: "empty", "drop", or "" where it may be. One leaver is always believed."""
    if known and not listed:
        return "empty"
    return "drop" if leavers > 1 and leavers > most * known else ""


def _apply(document: dict[str, Any], operation: Mapping[str, Any]) -> None:
    verb = _text(operation.get("op")).lower()
    if verb not in ("add", "replace", "remove"):
        raise ScimRefused(400, "op must be add, replace or remove", "invalidSyntax")
    path, value = operation.get("path"), operation.get("value")
    if path is None or path == "":
        if verb == "remove":
            raise ScimRefused(400, "remove needs a path", "noTarget")
        if not isinstance(value, Mapping):
            raise ScimRefused(400, "without a path the value must be an object", "invalidValue")
        for name, inner in value.items():
            _put(document, str(name), inner, verb)
        return
    _put(document, _text(path), value, verb)


def _put(document: dict[str, Any], path: str, value: Any, verb: str) -> None:
    if path.lower() == ENTERPRISE.lower():
        inner = document.setdefault(ENTERPRISE, {})
        if verb == "remove" or not isinstance(value, Mapping) or not isinstance(inner, dict):
            document.pop(ENTERPRISE, None)
        else:
            inner.update(value)
        return
    match = _PATH.match(path)
    if match is None:
        raise ScimRefused(400, f"the path {path[:80]} is not understood", "invalidPath")
    place = document
    if (match["urn"] or "").lower() == ENTERPRISE.lower():
        found = document.setdefault(ENTERPRISE, {})
        place = found if isinstance(found, dict) else {}
    name = _spelled(place, match["name"])
    if match["key"]:
        _put_listed(place, name, match, value, verb)
    elif match["sub"]:
        inner = place.setdefault(name, {})
        if isinstance(inner, dict):
            _set(inner, _spelled(inner, match["sub"]), value, verb)
    else:
        _set(place, name, value, verb)


def _put_listed(place: dict[str, Any], name: str, match: "re.Match[str]", value: Any, verb: str) -> None:
    items = place.setdefault(name, [])
    if not isinstance(items, list):
        raise ScimRefused(400, f"{name} is no list", "invalidPath")
    chosen = [item for item in items if isinstance(item, dict) and _text(item.get(match["key"])) == match["value"]]
    if verb == "remove":
        place[name] = [item for item in items if item not in chosen]
        return
    if not chosen:
        chosen = [{match["key"]: match["value"]}]
        items.extend(chosen)
    for item in chosen:
        if match["sub"]:
            item[match["sub"]] = value
        elif isinstance(value, Mapping):
            item.update(value)


def _set(place: dict[str, Any], name: str, value: Any, verb: str) -> None:
    if verb == "remove":
        place.pop(name, None)
    elif verb == "add" and isinstance(place.get(name), list) and isinstance(value, list):
        place[name] = [*place[name], *(item for item in value if item not in place[name])]
    else:
        place[name] = value


def _spelled(place: Mapping[str, Any], name: str) -> str:
    """Return a name as it stands in a resource: names are compared without case."""
    return next((known for known in place if known.lower() == name.lower()), name)


def _get(document: Mapping[str, Any], name: str) -> Any:
    return document.get(_spelled(document, name))


def _display(document: Mapping[str, Any]) -> str:
    name = _get(document, "name")
    parts = name if isinstance(name, Mapping) else {}
    whole = _text(_get(document, "displayName")) or _text(_get(parts, "formatted"))
    return whole or " ".join(filter(None, (_text(_get(parts, key)) for key in ("givenName", "familyName"))))


def _main(document: Mapping[str, Any], name: str) -> str:
    """Return the primary value of a list, else its first."""
    values = list(_values(_get(document, name)))
    return next((text for text, primary in values if primary), values[0][0] if values else "")


def _values(items: Any) -> Iterator[tuple[str, bool]]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and (text := _text(item.get("value"))):
            yield text, item.get("primary") is True


def _phone(text: str) -> str:
    return re.sub(r"[\s().-]", "", text.removeprefix("tel:"))[:32]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
