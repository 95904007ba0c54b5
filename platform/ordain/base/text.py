"""A sentence for people in both languages of the product."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in 简体中文 and English; stored as `{"zh", "en"}`."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        """Return the sentence in `language`, or the other one where it is empty."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def as_json(self) -> dict[str, str]:
        """Return the stored form."""
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, value: object) -> "Text":
        """Read a stored `{"zh", "en"}` object, or take a plain string for both languages."""
        if isinstance(value, dict):
            return cls(zh=str(value.get("zh", "")), en=str(value.get("en", "")))
        return cls(zh=str(value), en=str(value))
