"""Basic (RFC 7617): user name and password, as good as in the clear."""

from __future__ import annotations

from wsconn._outcome import Evidence
from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs, LoginFailed


def log_in(asked: Asked) -> Legs:
    """Give user name and password, in UTF-8: no proxy was seen to ask for another."""
    if ":" in (asked.proxy.username or ""):  # section 2: the rest would be read as a part of the password
        raise LoginFailed(Evidence(detail="the user name holds a colon, which Basic cannot carry"))
    yield Credentials(asked.proxy.login.encode())
