"""Digest (RFC 7616): a hash of user name, password and what the proxy names.

No library that is kept up does this alone; requests and httpx each have it inside. Texts are bytes here: what a proxy
names is sent back and hashed byte for byte, as it came, whatever its encoding.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from wsconn._outcome import Evidence
from wsconn._protocols.challenges import Challenge
from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs, LoginFailed
from wsconn._text import sanitize

_Hash = Callable[[bytes], bytes]
_COUNT = b"00000001"  # how often a nonce was used: each is used once
_SESSION = "-sess"


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).hexdigest().encode()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


_HASHES: Mapping[str, _Hash] = {"sha-256": _sha256, "md5": _md5}  # the strongest first


def log_in(asked: Asked) -> Legs:
    """Answer the strongest challenge; once more where the nonce, and not the login, was refused."""
    challenges = yield _credentials(asked, _strongest(asked.challenges), secrets.token_hex())
    if any(challenge.parameters.get("stale", "").lower() == "true" for challenge in challenges):
        yield _credentials(asked, _strongest(challenges), secrets.token_hex())


def _strongest(challenges: Iterable[Challenge]) -> Challenge:
    if not any(challenge.parameters.get("nonce") for challenge in challenges):
        raise LoginFailed(Evidence(detail="its challenge for Digest has no nonce"))
    spoken = [challenge for challenge in challenges if _is_spoken(challenge)]
    if not spoken:
        wanted = " or ".join(dict.fromkeys(_wish(challenge) for challenge in challenges))
        raise LoginFailed(Evidence(detail=sanitize(f"it wants Digest with {wanted}, which wsconn does not speak")))
    return min(spoken, key=lambda challenge: list(_HASHES).index(_algorithm(challenge).removesuffix(_SESSION)))


def _is_spoken(challenge: Challenge) -> bool:
    qop = challenge.parameters.get("qop")
    return _algorithm(challenge).removesuffix(_SESSION) in _HASHES and (not qop or "auth" in _words(qop))


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5").lower()


def _words(listed: str) -> list[str]:
    return [word.strip().lower() for word in listed.split(",")]


def _wish(challenge: Challenge) -> str:
    qop = challenge.parameters.get("qop")
    return challenge.parameters.get("algorithm", "MD5") + (f" and qop {qop}" if qop else "")


def _credentials(asked: Asked, challenge: Challenge, cnonce: str) -> Credentials:
    named = {name: text.encode("latin-1") for name, text in challenge.parameters.items()}
    user, password = ((text or "").encode() for text in (asked.proxy.username, asked.proxy.password))
    uri, own = asked.target.encode(), cnonce.encode()
    response = response_to(named, user, password, b"CONNECT", uri, own)
    parts = [_user(user, named), b"realm=" + _quoted(named.get("realm", b"")), b"uri=" + _quoted(uri)]
    parts += [b"nonce=" + _quoted(named.get("nonce", b"")), b"response=" + _quoted(response)]
    if "algorithm" in named:
        parts.append(b"algorithm=" + named["algorithm"])
    if "opaque" in named:
        parts.append(b"opaque=" + _quoted(named["opaque"]))
    if named.get("qop"):
        parts += [b"qop=auth", b"nc=" + _COUNT]
    if named.get("qop") or _algorithm(challenge).endswith(_SESSION):
        parts.append(b"cnonce=" + _quoted(own))
    return Credentials(b", ".join(parts), (response.decode(), cnonce))


def response_to(
    named: Mapping[str, bytes], user: bytes, password: bytes, method: bytes, uri: bytes, cnonce: bytes
) -> bytes:
    """Compute the answer to what a challenge named (section 3.4.1)."""
    algorithm = named.get("algorithm", b"MD5").decode("latin-1").lower()
    hash_of = _HASHES[algorithm.removesuffix(_SESSION)]
    nonce = named.get("nonce", b"")
    secret = hash_of(b":".join((user, named.get("realm", b""), password)))
    if algorithm.endswith(_SESSION):
        secret = hash_of(b":".join((secret, nonce, cnonce)))
    between = (nonce, _COUNT, cnonce, b"auth") if named.get("qop") else (nonce,)
    return hash_of(b":".join((secret, *between, hash_of(b":".join((method, uri))))))


def _user(user: bytes, named: Mapping[str, bytes]) -> bytes:
    """Write the user name: beyond ASCII, encoded where the proxy says that it reads UTF-8 (section 3.4)."""
    if user.isascii() or named.get("charset", b"").lower() != b"utf-8":
        return b"username=" + _quoted(user)
    return b"username*=UTF-8''" + quote(user, safe="").encode()


def _quoted(text: bytes) -> bytes:
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
