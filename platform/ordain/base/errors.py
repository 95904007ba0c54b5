"""The one problem shape, and the two exceptions that cross floors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ordain.base.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do about it.

    `path` is the dotted path of the field ("lines.0.sku", "" for the whole document), `code` a stable
    snake_case word for programs, `message` a sentence for people that says the way on.
    """

    path: str
    code: str
    message: Text

    def under(self, prefix: str) -> "Problem":
        """Return the same problem with `prefix` in front of its path."""
        return replace(self, path=".".join(part for part in (prefix, self.path) if part))

    def as_json(self) -> dict[str, object]:
        """Return the stored form, in both languages."""
        return {"path": self.path, "code": self.code, "message": self.message.as_json()}

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> "Problem":
        """Read the stored form."""
        return cls(str(stored.get("path", "")), str(stored.get("code", "")), Text.of(stored.get("message", "")))


def problem(path: str, code: str, zh: str, en: str) -> Problem:
    """Make a Problem from its two sentences."""
    return Problem(path, code, Text(zh, en))


class Refused(Exception):
    """A refusal a person can cause, carried across floors that answer with something else.

    Doors turn it into their own answer; `problems` is never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.code}" for p in self.problems))


class GatewayError(Exception):
    """The one exception a gateway raises; `permanent` says that trying again cannot help.

    `cause` is one of reach, authentication, limit, answer; `retry_after` is in seconds where the other
    side named a time. `sent` says that the request may have arrived all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        cause: str = "reach",
        retry_after: float | None = None,
        sent: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.cause = cause
        self.retry_after = retry_after
        self.sent = sent
