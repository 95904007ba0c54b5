"""How parts of a form are named: steps joined by `/`, as JSON pointers are; rows by their own marks.

`spec/fields/r3/title/zh` is a text in the third row of a keyed map. Behind `//` stands what a browser posts beside
the values: `//row` once for each row in its order, `//key` the name of a keyed row, `//is` that a part is there at
all, `//branch` which shape of a union it has, `//empty` that a text was empty and not absent, `//kept` that a part
was not drawn and stays.
"""

from typing import Final

ROW: Final = "//row"
KEY: Final = "//key"
IS: Final = "//is"
BRANCH: Final = "//branch"
EMPTY: Final = "//empty"
KEPT: Final = "//kept"


def below(name: str, step: str) -> str:
    """Return the name of a part below another."""
    escaped = step.replace("~", "~0").replace("/", "~1")
    return f"{name}/{escaped}" if name else escaped


def dotted(path: str, step: str | int) -> str:
    """Return the path of a part as problems name it."""
    return f"{path}.{step}" if path else str(step)
