"""How people are called and reached: what a name, mail address and phone must look like."""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

from ordain.base.errors import Problem, problem

_NAME: Final = re.compile(r"[\w.@-]{1,64}")
_MAIL: Final = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]+\.[^@\s<>\"',;.]{2,}")
_MAIL_LENGTH: Final = 254
_SHOWN_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is called and reached; "" for nothing."""

    display_name: str = ""
    mail: str = ""
    phone: str = ""

    def told(self) -> dict[str, str]:
        """Return what an audit row may say of it: the name, and whether the rest is there."""
        kept = {"mail": self.mail, "phone": self.phone}
        return {"display_name": self.display_name} | {key: "set" if value else "none" for key, value in kept.items()}


def fit(contact: Contact) -> list[Problem]:
    """Return what is wrong with a contact; [] where it may be kept."""
    found = []
    if len(contact.display_name) > _SHOWN_LENGTH:
        zh, en = f"最多 {_SHOWN_LENGTH} 个字符", f"takes at most {_SHOWN_LENGTH} characters"
        found.append(problem("display_name", "maxLength", zh, en))
    if contact.mail and (len(contact.mail) > _MAIL_LENGTH or not _MAIL.fullmatch(contact.mail)):
        zh, en = "请填写完整的邮箱，如 anna@example.com", "Write a whole mail address, e.g. anna@example.com"
        found.append(problem("mail", "bad_mail", zh, en))
    if contact.phone and not _is_phone(contact.phone):
        zh, en = (
            "请填写手机号，海外号码以 + 和国家代码开头",
            "Write a phone number; one of another country begins with + and its code",
        )
        found.append(problem("phone", "bad_phone", zh, en))
    return found


def fit_name(name: str) -> list[Problem]:
    """Return what is wrong with a name to sign in with; [] where it may be one."""
    if _NAME.fullmatch(name) and not name.startswith("demo-"):
        return []
    zh = "用户名可用文字、数字、点、连字符、下划线和 @，最多 64 个字符，不能以 demo- 开头"
    en = "A name takes letters, digits, dots, hyphens, underscores and @, at most 64; it may not begin with demo-"
    return [problem("name", "bad_name", zh, en)]


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, "CN"))
    except phonenumbers.NumberParseException:
        return False
