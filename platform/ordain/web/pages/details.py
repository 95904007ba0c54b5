"""A named value on a page, covered with dots where the role has it so; one for every record's page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    """A named value; `reveal` is where to ask for it in full, "" where nothing is covered or it may not be asked.

    `wide` values stand in a line of their own; `picture` is where a small picture of a file is.
    """

    title: str
    value: str
    reveal: str = ""
    field: str = ""
    href: str = ""
    wide: bool = False
    picture: str = ""
