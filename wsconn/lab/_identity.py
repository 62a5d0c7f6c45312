"""The lab's certificates: an authority to trust, one not to, and the server contexts that each handshake needs.

Keys cost most, so everything is made when first asked for, once per lab.
"""

from __future__ import annotations

import functools
import ssl
from datetime import UTC, datetime

import trustme

from wsconn.lab._fault import Handshake

# Made-up names end in this, so that one certificate is right for all of them (RFC 2606: .invalid never resolves).
MADE_UP_DOMAIN = "lab.invalid"
UNTRUSTED_ORGANISATION = "Untrusted Lab Authority"
_HOSTS = ("127.0.0.1", "::1", "localhost", f"*.{MADE_UP_DOMAIN}")
_WRONG_HOST = "wrong.example"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)


class Identity:
    """Who the lab's servers say they are. Used from the thread that adds regions."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[Handshake, ssl.TLSVersion | None], ssl.SSLContext] = {}

    @functools.cached_property
    def client_context(self) -> ssl.SSLContext:
        """A context with Python's defaults that trusts this lab's authority and nobody else."""
        return ssl.create_default_context(cadata=self._authority.cert_pem.bytes().decode())

    def server_context(self, handshake: Handshake, version: ssl.TLSVersion | None) -> ssl.SSLContext:
        """Return the context for such a handshake; `version`: this one alone, `None` for Python's default."""
        key = (handshake, version)
        if key not in self._contexts:
            self._contexts[key] = self._make_context(handshake, version)
        return self._contexts[key]

    @functools.cached_property
    def _authority(self) -> trustme.CA:
        return trustme.CA(organization_name="Lab Authority")

    def _make_context(self, handshake: Handshake, version: ssl.TLSVersion | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate(handshake).configure_cert(context)
        if handshake is Handshake.CLIENT_CERTIFICATE_WANTED:
            context.verify_mode = ssl.CERT_REQUIRED
            self._authority.configure_trust(context)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        return context

    def _certificate(self, handshake: Handshake) -> trustme.LeafCert:
        issue = self._authority.issue_cert
        match handshake:
            case Handshake.UNTRUSTED:
                return trustme.CA(organization_name=UNTRUSTED_ORGANISATION).issue_cert(*_HOSTS)
            case Handshake.EXPIRED:
                return issue(*_HOSTS, not_after=_LONG_AGO)
            case Handshake.NOT_YET_VALID:
                return issue(*_HOSTS, not_before=_FAR_AHEAD)
            case Handshake.WRONG_HOST:
                return issue(_WRONG_HOST)
            case _:
                return issue(*_HOSTS)
