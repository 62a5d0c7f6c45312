"""Basic (RFC 7617): user name and password, as good as in the clear."""

from __future__ import annotations

from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs


def log_in(asked: Asked) -> Legs:
    """Give user name and password, in UTF-8: no proxy was seen to ask for another."""
    yield Credentials(asked.proxy.login.encode())
