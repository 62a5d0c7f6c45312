"""Why wsconn and a browser differ on purpose: one reason for each server on which they do."""

from __future__ import annotations

_PYTHON = "Python's TLS decides, since your program will use it."
_OFFERS = f"Python has not offered this since 3.10. {_PYTHON}"
_ORIGIN = "A browser always sends an `Origin`. wsconn sends the one that it is given: `--origin`, `origin=`."
_VERSION = "RFC 6455 wants HTTP/1.1 (section 4.1)."
_INTERIM = "HTTP lets such answers come first (RFC 9110, section 15.2), and a client must read on. Chromium does not."
_MANGLED = "This breaks RFC 9112, and Python's `websockets` refuses it too. Chromium reads over it."
_ATTACK = "In a 101 this header means nothing. Chromium takes two of them for an attack."
_CODE = "Nobody may send this code (RFC 6455, section 7.4), and Python's clients refuse it. Chromium hands it on."
_END = "Over verified TLS it was the server that ended the connection, not the network; the evidence says so."
_AFTER = "A frame came back, which is what a pass says. What comes later is not waited for."

REASONS = {
    # TLS
    "weak-key": f"OpenSSL's security level 2 wants 2048 bits. {_PYTHON}",
    "for-anything": f"OpenSSL wants the purpose of servers by name. {_PYTHON}",
    "intermediate-to-fetch": f"Browsers fetch an intermediate where the certificate says from where. {_PYTHON}",
    "p-521": f"Chromium does not know this curve. {_PYTHON}",
    "ed25519": f"Chromium does not know this kind of key. {_PYTHON}",
    "key-usage": f"Chromium wants a key that may sign. {_PYTHON}",
    "rsa-key-exchange": _OFFERS,
    "cbc": _OFFERS,
    # What is asked
    "blocked-port": "Browsers never connect to some ports (port blocking in the Fetch standard). Programs do.",
    **dict.fromkeys(("origin-wanted", "origin-wanted-eof"), _ORIGIN),
    "deflate": "A browser offers `permessage-deflate`. wsconn does not, so a server may not choose it.",
    # The answer
    **dict.fromkeys(("http-1-0", "http-1-2", "http-2-0"), _VERSION),
    **dict.fromkeys(("early-hints", "continue", "processing", "interim-199"), _INTERIM),
    **dict.fromkeys(("lower-case-http", "empty-line-first", "two-spaces", "status-101x"), _MANGLED),
    **dict.fromkeys(("space-before-colon", "space-before-colon-of-upgrade", "no-colon", "no-name"), _MANGLED),
    **dict.fromkeys(("location-twice", "content-length-twice"), _ATTACK),
    "headers-of-100-kib": "wsconn reads 64 KiB of headers, Chromium 256 KiB.",
    # Frames
    "swallowed-frames": "The socket is open and nothing gets through: this is why [frames are verified](frames.md).",
    **dict.fromkeys(("close-999", "close-1004", "close-1016", "close-2999", "close-5000"), _CODE),
    **dict.fromkeys(("eof-after-upgrade", "half-a-header", "half-a-frame"), _END),
    **dict.fromkeys(("text-among-fragments", "reset-later", "eof-later"), _AFTER),
}
