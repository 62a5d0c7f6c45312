"""The lab's certificates: an authority to trust, one not to trust, and the server's contexts for each handshake.

Making keys takes the most time, so everything is made when first needed, once per lab.
"""

from __future__ import annotations

import functools
import ssl
from datetime import UTC, datetime

import trustme

from wsconn.lab._certificates import for_clients, leaf_alone, with_expired_intermediate, with_weak_key
from wsconn.lab._fault import Handshake

# Made-up names end in this, so that one certificate is right for all of them (RFC 2606: .invalid never resolves).
MADE_UP_DOMAIN = "lab.invalid"
UNTRUSTED_ORGANISATION = "Untrusted Lab Authority"
_HOSTS = ("127.0.0.1", "::1", "localhost", f"*.{MADE_UP_DOMAIN}")
_WRONG_HOST = "wrong.example"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)
_EVEN_WEAK_KEYS = "DEFAULT:@SECLEVEL=0"  # OpenSSL refuses to serve with one at its own level


class Identity:
    """The certificates of one lab's servers. Used from the thread that adds regions."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[Handshake, ssl.TLSVersion | None], ssl.SSLContext] = {}

    @functools.cached_property
    def client_context(self) -> ssl.SSLContext:
        """A context with Python's defaults that trusts this lab's authority and no other."""
        return ssl.create_default_context(cadata=self._authority.cert_pem.bytes().decode())

    def server_context(self, handshake: Handshake, version: ssl.TLSVersion | None) -> ssl.SSLContext:
        """Return the context for such a handshake, with this `version` of TLS alone; `None`: Python's default."""
        key = (handshake, version)
        if key not in self._contexts:
            self._contexts[key] = self._make_context(handshake, version)
        return self._contexts[key]

    @functools.cached_property
    def _authority(self) -> trustme.CA:
        return trustme.CA(organization_name="Lab Authority")

    @functools.cached_property
    def _intermediate(self) -> trustme.CA:
        return self._authority.create_child_ca()

    def _make_context(self, handshake: Handshake, version: ssl.TLSVersion | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if handshake is Handshake.WEAK_KEY:
            context.set_ciphers(_EVEN_WEAK_KEYS)
        with trustme.Blob(self._key_and_chain(handshake)).tempfile() as path:
            context.load_cert_chain(path)
        if handshake is Handshake.CLIENT_CERTIFICATE_WANTED:
            context.verify_mode = ssl.CERT_REQUIRED
            self._authority.configure_trust(context)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        return context

    def _key_and_chain(self, handshake: Handshake) -> bytes:
        match handshake:
            case Handshake.MISSING_INTERMEDIATE:
                return leaf_alone(self._intermediate.issue_cert(*_HOSTS))
            case Handshake.EXPIRED_INTERMEDIATE:
                return with_expired_intermediate(self._authority, self._intermediate.issue_cert(*_HOSTS), _LONG_AGO)
            case Handshake.WRONG_PURPOSE:
                return for_clients(self._authority, self._authority.issue_cert(*_HOSTS))
            case Handshake.WEAK_KEY:
                return with_weak_key(self._authority, self._authority.issue_cert(*_HOSTS))
            case _:
                return self._certificate(handshake).private_key_and_cert_chain_pem.bytes()

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
