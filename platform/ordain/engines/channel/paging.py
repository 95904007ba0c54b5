"""Which page to ask for next: by number (forwards, backwards, from 0 or 1), by cursor, by Link header."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from ordain.engines.calls.answers import Answer, value

_NEXT: Final = re.compile(r'<([^<>]{1,2000})>\s*;\s*rel="next"')
PAGE_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """What one request asks for: a number, a cursor, or the exact query of a link; `probe` only learns the total."""

    number: int | None = None
    cursor: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    probe: bool = False
    asked: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """What the request is filled in with."""
        return {"page": self.number, "cursor": self.cursor}


def first(spec: Mapping[str, Any] | None) -> Page:
    """Return the first page to ask for."""
    if spec is None or spec["type"] in ("cursor", "link"):
        return Page()
    return Page(number=spec.get("first", 1), probe=bool(spec.get("reverse")))


def following(spec: Mapping[str, Any] | None, page: Page, answer: Answer, document: Any, count: int) -> Page | None:
    """Return the page after this one, None after the last; `count` is how many records this one held."""
    if spec is None or page.asked >= PAGE_LIMIT:
        return None
    match spec["type"]:
        case "cursor":
            return _by_cursor(spec, page, document)
        case "link":
            return _by_link(page, answer)
        case _:
            return _by_number(spec, page, answer, document, count)


def _by_cursor(spec: Mapping[str, Any], page: Page, document: Any) -> Page | None:
    cursor = value(document, spec["cursor"])
    more = value(document, spec["has_next"]) if "has_next" in spec else True
    return Page(cursor=str(cursor), asked=page.asked + 1) if cursor and more else None


def _by_link(page: Page, answer: Answer) -> Page | None:
    """Follow the link as it is; only its query is taken, the place is the connection's own."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return Page(query=dict(parse_qsl(urlsplit(found.group(1)).query)), asked=page.asked + 1) if found else None


def _by_number(spec: Mapping[str, Any], page: Page, answer: Answer, document: Any, count: int) -> Page | None:
    start = spec.get("first", 1)
    number = start if page.number is None else page.number
    if spec.get("reverse"):
        if page.probe:
            last = start + pages(spec, answer, document) - 1
            return Page(number=last, asked=1) if last >= start else None
        return Page(number=number - 1, asked=page.asked + 1) if number > start else None
    if "has_next" in spec:
        more = bool(value(document, spec["has_next"]))
    elif "total" in spec or "pages_header" in spec:
        more = number - start + 1 < pages(spec, answer, document)
    else:
        more = count >= int(spec["size"])
    return Page(number=number + 1, asked=page.asked + 1) if more else None


def pages(spec: Mapping[str, Any], answer: Answer, document: Any) -> int:
    """Return how many pages there are, from a header or from the total and the page size."""
    if "pages_header" in spec:
        text = answer.headers.get(spec["pages_header"].lower(), "0")
        return int(text) if text.isdecimal() else 0
    total = value(document, spec["total"])
    size = int(spec["size"])
    return -(-int(total) // size) if isinstance(total, int) or (isinstance(total, str) and total.isdecimal()) else 0
