"""Products: what the business sells, and under which other codes channels sell it."""

from typing import Final

from ordain.records.types.built_in import BuiltIn, titled

_CURRENCIES: Final = {code: {"zh": code, "en": code} for code in ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")}

PRODUCT: Final = BuiltIn(
    "product",
    {
        "sku": titled("text", "商品编码", "SKU", required=True, searchable=True, most=128),
        "title_zh": titled("text", "中文名称", "Chinese name", required=True, searchable=True),
        "title_en": titled("text", "英文名称", "English name", required=True, searchable=True),
        "price": titled("money", "售价", "Price", required=True, least=0),
        "currency": titled("choice", "币种", "Currency", required=True, options=_CURRENCIES, default="CNY"),
        "active": titled("bool", "在售", "On sale", default=True),
        "aliases": titled(
            "list",
            "渠道编码",
            "Codes on channels",
            help={"zh": "渠道留空则适用于所有渠道", "en": "A code without a channel holds for all of them"},
            fields={
                "code": titled("text", "编码", "Code", required=True, most=128),
                "channel": titled("text", "渠道", "Channel", most=128),
            },
        ),
    },
    columns=("title_zh", "title_en", "price", "active"),
    filters=("active",),
    fixed=frozenset({"active"}),
    once=frozenset({"sku"}),
    icon="bookmark",
)
