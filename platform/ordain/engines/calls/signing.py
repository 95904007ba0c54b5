"""Signatures as definitions describe them: what is signed, by which hash and key, in which form, put where."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ordain.base.errors import Refused, problem

_DIGESTS: Final[Mapping[str, Callable[[bytes, bytes], bytes]]] = {
    "md5": lambda text, _: hashlib.md5(text, usedforsecurity=False).digest(),
    "sha1": lambda text, _: hashlib.sha1(text, usedforsecurity=False).digest(),
    "sha256": lambda text, _: hashlib.sha256(text).digest(),
    "hmac-md5": lambda text, key: hmac.new(key, text, hashlib.md5).digest(),
    "hmac-sha1": lambda text, key: hmac.new(key, text, hashlib.sha1).digest(),
    "hmac-sha256": lambda text, key: hmac.new(key, text, hashlib.sha256).digest(),
}
_FORMS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "hex-lower": lambda digest: digest.hex(),
    "hex-upper": lambda digest: digest.hex().upper(),
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64-hex": lambda digest: base64.b64encode(digest.hex().encode()).decode(),
}
HASHES: Final = (*_DIGESTS, "rsa-sha256")
OUTPUTS: Final = tuple(_FORMS)


def digest(hash_name: str, text: bytes, key: bytes, output: str) -> str:
    """Return the signature of `text`; for rsa-sha256 `key` is a PEM private key."""
    raw = _rsa(text, key) if hash_name == "rsa-sha256" else _DIGESTS[hash_name](text, key)
    return _FORMS[output](raw)


def sorted_text(parameters: Mapping[str, str], each: str, join: str, exclude: tuple[str, ...]) -> str:
    """Return the parameters in the order of their names, each written as `each` says; empty ones are left out."""
    parts = (
        each.replace("{name}", name).replace("{value}", value)
        for name, value in sorted(parameters.items())
        if name not in exclude and value != ""
    )
    return join.join(parts)


def oauth1_text(method: str, url: str, parameters: Mapping[str, str]) -> str:
    """Return the signature base string of OAuth 1.0a (RFC 5849, 3.4.1)."""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters.items())
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join((method, quote(url, safe="~"), quote(query, safe="~")))


def secret(name: str, secrets: Mapping[str, str]) -> str:
    """Return the secret a definition names as `secret:NAME`; Refused where the connection has none."""
    key = name.removeprefix("secret:")
    if key not in secrets:
        raise Refused(
            [problem(name, "secret_missing", f"连接中没有密钥“{key}”", f"the connection has no secret “{key}”")]
        )
    return secrets[key]


def same(one: str, other: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def _rsa(text: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    private: Any = serialization.load_pem_private_key(key, password=None)
    if not isinstance(private, RSAPrivateKey):
        raise Refused([problem("sign", "bad_key", "私钥不是 RSA 密钥", "the private key is no RSA key")])
    return private.sign(text, padding.PKCS1v15(), hashes.SHA256())
