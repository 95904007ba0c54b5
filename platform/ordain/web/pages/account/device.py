"""What a browser calls itself, said as people would: "Chrome on Windows"."""

from typing import Final

# The first that is named in the text; those that also name others come first.
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("HeadlessChrome", "Chrome"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str) -> str:
    """Return the browser's name, "" where it is none that is known."""
    return next((name for sign, name in _BROWSERS if sign in agent), "")


def system(agent: str) -> str:
    """Return the name of the system it runs on, "" where it is none that is known."""
    return next((name for sign, name in _SYSTEMS if sign in agent), "")
