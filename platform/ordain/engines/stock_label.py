"""What a shop's page says of a stock."""

from ordain.base.text import Text


def label(available: int, low: int) -> Text:
    """Return "sold out", "only X left" at or below `low`, or "in stock"."""
    if available <= 0:
        return Text("已售完", "Sold out")
    if available <= low:
        return Text(f"仅剩{available}件", f"Only {available} left")
    return Text("有货", "In stock")
