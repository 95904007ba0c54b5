"""Phone numbers as channels send them: whole, masked, with extension, or nonsense."""

import re
from functools import lru_cache
from typing import Final

_MASKED: Final = re.compile(r"^\+?[\d\- ]{2,}[*＊xX•·]{2,}[\d]{0,6}([-转]\d{1,6})?$")
_CIPHER: Final = re.compile(r"^[~$#][A-Za-z0-9+/=~$#_.-]{16,}$")
_EXTENSION: Final = re.compile(r"[-转,](\d{1,6})$")
_MOBILE: Final = re.compile(r"^(?:\+?86[- ]?)?1[3-9]\d{9}$")


@lru_cache(maxsize=8192)
def plausible_phone(text: str) -> bool:
    """Tell whether a text can be a phone number; masks and ciphertexts of platforms are taken as received.

    Chinese mobiles are judged by their form, other numbers by Google's metadata.
    """
    phone = text.strip()
    if _MOBILE.match(phone) or _MASKED.match(phone) or _CIPHER.match(phone):
        return True
    if _MOBILE.match(_EXTENSION.sub("", phone)):  # virtual numbers: 1390000xxxx-1234
        return True
    return _valid(phone)


def _valid(phone: str) -> bool:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(phone, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed) and phonenumbers.is_valid_number(parsed)
