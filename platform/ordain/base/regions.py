"""Sales regions of mainland China by province, the partition by which work is split and rights are given.

The grouping is the customary one of seven regions; what lies elsewhere is `overseas`, what is not said is "".
"""

from typing import Final

from ordain.base.text import Text

REGIONS: Final[dict[str, Text]] = {
    "east": Text("华东", "East"),
    "south": Text("华南", "South"),
    "north": Text("华北", "North"),
    "central": Text("华中", "Central"),
    "southwest": Text("西南", "Southwest"),
    "northwest": Text("西北", "Northwest"),
    "northeast": Text("东北", "Northeast"),
    "overseas": Text("海外", "Overseas"),
}

_PROVINCES: Final = {
    "east": "上海 江苏 浙江 安徽 福建 江西 山东",
    "south": "广东 广西 海南",
    "north": "北京 天津 河北 山西 内蒙",
    "central": "河南 湖北 湖南",
    "southwest": "重庆 四川 贵州 云南 西藏",
    "northwest": "陕西 甘肃 青海 宁夏 新疆",
    "northeast": "辽宁 吉林 黑龙",
    "overseas": "香港 澳门 台湾",
}
_BY_PROVINCE: Final = {province: region for region, names in _PROVINCES.items() for province in names.split()}


def region_of(province: str) -> str:
    """Return the region of a province by its first two characters; `overseas` for another country's, "" for none."""
    name = province.strip()
    return _BY_PROVINCE.get(name[:2], "overseas") if name else ""
