"""The platforms' own signatures, written anew here: the sandbox must not trust the code it tests."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sorted_pairs(parameters: Mapping[str, str]) -> str:
    """Return name and value of all parameters but the signature, sorted by name."""
    return "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign" and parameters[name])


def md5_upper(text: str) -> str:
    """Return MD5 in upper-case hex."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def md5_lower(data: bytes) -> str:
    """Return MD5 in lower-case hex."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def hmac_hex(secret: str, text: bytes) -> str:
    """Return HMAC-SHA256 in lower-case hex."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def hmac_base64(secret: str, text: bytes) -> str:
    """Return HMAC-SHA256 in base64."""
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
