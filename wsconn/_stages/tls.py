"""TLS: the context that a whole test shares, the handshake, and what OpenSSL's errors mean.

Loading the system's roots takes some 50 ms of processor time. It is done once a test and in the background, while the
first TCP connections are under way.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence, Stage, TlsInfo
from wsconn._protocols.certificate_chain import ADDRESS_MISMATCH, EXPIRED, HOST_MISMATCH, NOT_YET_VALID, Chain
from wsconn._protocols.x509 import Certificate, escape_value
from wsconn._text import sanitize
from wsconn._tls_settings import unwritten_keylog

_VERIFY_CAUSES = {  # every other verification error is one of trust
    NOT_YET_VALID: Cause.TLS_NOT_YET_VALID,
    EXPIRED: Cause.TLS_EXPIRED,
    HOST_MISMATCH: Cause.TLS_HOSTNAME_MISMATCH,
    ADDRESS_MISMATCH: Cause.TLS_HOSTNAME_MISMATCH,
}
_REASON_CAUSES = {
    "HTTP_REQUEST": Cause.NOT_TLS,
    "HTTPS_PROXY_REQUEST": Cause.NOT_TLS,
    "WRONG_VERSION_NUMBER": Cause.NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": Cause.NOT_TLS,
    "RECORD_LAYER_FAILURE": Cause.NOT_TLS,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,
    "TLSV1_ALERT_PROTOCOL_VERSION": Cause.TLS_VERSION,
    "UNSUPPORTED_PROTOCOL": Cause.TLS_VERSION,
    "NO_PROTOCOLS_AVAILABLE": Cause.TLS_VERSION,
    "VERSION_TOO_LOW": Cause.TLS_VERSION,
}
_SHORT_NAMES = {  # RFC 4514, section 3
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "countryName": "C",
}
_SPOKEN = (None, "http/1.1", "http/1.0")  # what the peer may choose by ALPN (RFC 7301); `None`: it chose nothing
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# What was read of certificates: a test sees few, and each many times. Without verification OpenSSL tells less.
# To get, to add and to clear are atomic each, since the keys are compared in C (see `_run/state`). Threads that add at
# once may make a few more than the most.
_known: dict[tuple[bytes, ssl.VerifyMode, str | None, str | None], TlsInfo] = {}
_MOST_KNOWN, _LONGEST_KNOWN_BYTES = 64, 8 * 1024

# Of TLS 1.2. Not DHE: its group is of the server's choice, and one of 10,000 bits takes 0.7 s in a single call. No
# security level, which would end the handshake for the very key or signature that is to be looked at.
_LOOKING_CIPHERS = "ECDHE:!aNULL:!eNULL:@SECLEVEL=0"


def verifying_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Make a context that trusts the system's roots, which takes some 50 ms, or a file's in their place.

    `OSError` where they cannot be loaded.

    As browsers do for a WebSocket it offers `http/1.1` alone by ALPN, to servers and to proxies: they share the roots,
    and the ssl module has no ALPN for a single connection.
    """
    context = ssl.create_default_context(cafile=ca_file)
    # As CPython has it by itself. Debian builds it to take what the system's settings say, even where they say nothing.
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    context.set_alpn_protocols(["http/1.1"])
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        context.hostname_checks_common_name = False  # only what is in subjectAltName counts, as for browsers
    socket.socket().close()  # out of descriptors OpenSSL loads no roots and says nothing; this says it
    return context


def _server_name(host: str) -> str:
    """Return the name to ask for and to verify: DNS' trailing dot is no part of it (RFC 6066, section 3)."""
    return host.rstrip(".")


def handshake(stream: Stream, context: ssl.SSLContext, host: str) -> TlsInfo:
    """Do the handshake on `stream` and tell what was agreed."""
    try:
        agreed = stream.start_tls(context, _server_name(host))
    except ssl.SSLError as error:
        failed = failure(error)
        if failed.cause is Cause.NOT_TLS and failed.evidence and stream.not_understood:
            failed.evidence = attrs.evolve(failed.evidence, detail=_in_place_of_tls(stream.not_understood))
        raise failed from error
    except LimitExceeded as error:
        raise StageFailed(Cause.TLS_FAILED, Evidence(detail="it sends without end")) from error
    except ValueError as error:  # UnicodeError is one
        raise StageFailed(Cause.TLS_FAILED, Evidence(detail="the host name does not fit into TLS")) from error
    chosen = agreed.selected_alpn_protocol()
    if chosen not in _SPOKEN:
        raise StageFailed(Cause.TLS_FAILED, Evidence(alpn=chosen))  # only what was offered: a context of the user's
    return _agreed(agreed)


def _in_place_of_tls(data: bytes) -> str:
    first = data.partition(b"\n")[0].removesuffix(b"\r")
    return f"in its place came '{sanitize(first)}'"


def failure(error: ssl.SSLError, stage: Stage | None = None) -> StageFailed:
    """Say what an error of TLS means, whenever it came: TLS 1.3 sends some alerts only after the handshake.

    `stage` is given where the handshake's is over.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        code = getattr(error, "verify_code", 0)  # a context that asks the system (truststore's) makes its errors itself
        said = getattr(error, "verify_message", None) or " ".join(map(str, error.args))
        cause, evidence = (
            _VERIFY_CAUSES.get(code, Cause.TLS_UNTRUSTED),
            Evidence(detail=sanitize(said), verify_code=code),
        )
    elif isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        cause, evidence = Cause.CLOSED, Evidence()
    elif error.library == "BIO":  # TLS is done in memory, which does not fail: the key log does
        cause, evidence = Cause.TLS_FAILED, unwritten_keylog()
    else:
        reason = error.reason or _unnamed_reason(error)
        cause = _REASON_CAUSES.get(reason or "", Cause.TLS_FAILED)
        if cause is Cause.NOT_TLS and stage is not None:  # it spoke TLS before; OpenSSL 3.6 says so of empty records
            cause = Cause.TLS_FAILED
        evidence = Evidence(tls_reason=sanitize(reason)) if reason else Evidence(detail=sanitize(str(error)).lower())
    return StageFailed(cause, evidence, stage=stage)


def _unnamed_reason(error: ssl.SSLError) -> str | None:
    """Return OpenSSL's name of a reason for which the ssl module has none (alert 120): it spells out what that says."""
    words = re.fullmatch(r"\[SSL\] (.+) \(_ssl\.c:\d+\)", str(error))
    return words[1].upper().replace(" ", "_") if words else None


def look_at_certificates(dial: Callable[[], Stream], host: str) -> tuple[TlsInfo, Chain] | None:
    """Fetch the certificates of a server that were not accepted, or `None` where that fails too.

    OpenSSL keeps none of them, so this takes another handshake, whose every certificate is right. Nothing is sent over
    it. An inspecting proxy may make a new certificate for each connection: who signed is read from this one.
    """
    try:
        stream = dial()
        to_proxy = stream.tls
        try:
            return look(stream, looking_context(), host)
        except (ssl.SSLError, StageFailed):  # TLS 1.2 shows them before the server misses a client certificate
            return _shown(stream.tls) if stream.tls and stream.tls is not to_proxy else None
        finally:
            stream.close()
    except (StageFailed, LimitExceeded, OSError, ValueError):
        return None


def speaks_tls(dial: Callable[[], Stream], host: str) -> bool:
    """Find out whether TLS is spoken to whom `dial` connects to; an alert shows that, too."""
    try:
        stream = dial()
        try:
            stream.start_tls(looking_context(), _server_name(host))
        finally:
            stream.close()
    except ssl.SSLError as error:
        return failure(error).cause not in (Cause.NOT_TLS, Cause.CLOSED)
    except (StageFailed, LimitExceeded, OSError, ValueError):
        return False
    return True


def look(stream: Stream, context: ssl.SSLContext, host: str | None) -> tuple[TlsInfo, Chain] | None:
    """Do a handshake that takes any certificate, and return what was shown; `None` where it cannot be read.

    Without a host the server is not told a name.
    """
    return _shown(stream.start_tls(context, None if host is None else _server_name(host)))


def _shown(ends: ssl.SSLObject) -> tuple[TlsInfo, Chain] | None:
    chain = Chain.decode(*_sent(ends))
    return (_looked(ends, chain.sent[0]), chain) if chain else None


def looking_context() -> ssl.SSLContext:
    """Make a context that takes any certificate: nothing may be sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_LOOKING_CIPHERS)
    return context


def _sent(ends: ssl.SSLObject) -> tuple[list[bytes], bool]:
    """Return the certificates that the server sent, and whether these are all.

    Before Python 3.13 only a private name tells of more than the server's own, as truststore uses it too.
    """
    if hasattr(ends, "get_unverified_chain"):
        return ends.get_unverified_chain(), True
    try:
        chain = ends._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001 - see above
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in chain], True
    except (AttributeError, TypeError):
        try:
            own = ends.getpeercert(binary_form=True)
        except ValueError:  # the handshake is not done
            own = None
        return [own] if own else [], False


def _looked(ends: ssl.SSLObject, own: Certificate) -> TlsInfo:
    cipher = ends.cipher()
    return TlsInfo(
        version=ends.version() or (cipher and cipher[1]),
        cipher=cipher[0] if cipher else None,
        issuer=sanitize(own.issuer) or None,
        subject=sanitize(own.subject or ", ".join(own.names)) or None,
        not_after=own.not_after,
    )


def _agreed(ends: ssl.SSLObject) -> TlsInfo:
    der, cipher = ends.getpeercert(binary_form=True) or b"", ends.cipher()
    seen = (der, ends.context.verify_mode, ends.version(), cipher[0] if cipher else None)
    known = _known.get(seen)
    if known is None:
        known = _read(ends, seen[2], seen[3])
        if known.not_after and len(der) <= _LONGEST_KNOWN_BYTES:  # what tells nothing may be for want of verification
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[seen] = known
    return known


def _read(ends: ssl.SSLObject, version: str | None, cipher: str | None) -> TlsInfo:
    certificate = _certificate(ends)
    return TlsInfo(
        version=version,
        cipher=cipher,
        issuer=_name(certificate.get("issuer", ())),
        subject=_name(certificate.get("subject", ())) or _alternative_names(certificate),
        not_after=_not_after(certificate),
    )


def _certificate(sock: ssl.SSLObject) -> dict[str, Any]:
    """Return what the peer's certificate says, nothing where that cannot be read: OpenSSL has verified it all the same.

    In the names that a certificate is for may stand any bytes, and the ssl module insists on UTF-8.
    """
    try:
        return sock.getpeercert() or {}
    except (ssl.SSLError, ValueError):
        return {}


def _not_after(certificate: dict[str, Any]) -> datetime | None:
    try:
        return moment(certificate["notAfter"])
    except (LookupError, ValueError):  # a year 0, a fraction of a second, "Bad time value"
        return None


def moment(text: str) -> datetime:
    """Read a time as OpenSSL writes it, `"Jan  5 09:34:43 2018 GMT"`.

    `ssl.cert_time_to_seconds` does so too, but loads modules for 4 ms in the midst of a process' first handshake.
    """
    month, day, clock, year, _gmt = text.split()
    hour, minute, second = map(int, clock.split(":"))
    return datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)


def _alternative_names(certificate: dict[str, Any]) -> str | None:
    """Return the names that a certificate is for where its subject is empty, as it often is today."""
    names = [f"{kind}:{name}" for kind, name in certificate.get("subjectAltName", ())]
    return sanitize(", ".join(names)) if names else None


def _name(relative_names: tuple[tuple[tuple[str, str | bytes], ...], ...]) -> str | None:
    """Write a distinguished name as RFC 4514 does, the most particular part first."""
    parts = [
        f"{_SHORT_NAMES.get(kind, kind)}=" + _value(value)
        for relative in reversed(relative_names)
        for kind, value in relative
    ]
    return sanitize(", ".join(parts)) if parts else None


def _value(value: str | bytes) -> str:
    """Write a value as RFC 4514 does, section 2.4: one that is no text, but a string of bits, in hexadecimal."""
    return f"#{value.hex()}" if isinstance(value, bytes) else escape_value(value)
