"""The causes that begin in the handshake of TLS, the certificate's above all."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes.words import (
    Explanation,
    bad_setting,
    certified_host,
    clock,
    issuer,
    leaves_issuer_out,
    names_of,
    party,
    peer,
    unknown_authority,
    why,
)
from wsconn._outcome import Cause, Evidence
from wsconn._text import value


def _on_untrusted(seen: Evidence) -> str:
    if seen.setting or seen.no_roots:
        fault = f"'s {bad_setting(seen)};" if seen.setting else " has no root certificates,"
        distrust = f"so the certificate of {peer(seen)}, signed by {issuer(seen)}, is not trusted"
        return f"this machine{fault} {distrust}"
    signed = f"the certificate of {peer(seen)} is not trusted{why(seen)}: it is signed by {issuer(seen)}"
    if seen.faulty_role in ("intermediate", "root"):
        return f"{signed}, and the fault is in the {seen.faulty_role} certificate {value(seen.faulty_certificate)}"
    if leaves_issuer_out(seen):
        signed += f", whose own certificate {party(seen)} did not send"
    elif above := unknown_authority(seen):
        signed += f", and above that stands {value(above)}, which is not known here"
    return signed + _wrong_besides(seen)


def _wrong_besides(seen: Evidence) -> str:
    """Tell what else is wrong with a certificate that is not trusted: OpenSSL complains of one thing at a time."""
    if seen.certificate_fits is not False:
        return _expired_too(seen)
    other = f"it is for {names_of(seen)}" if seen.certificate_names else "it has no subjectAltName"
    return f"; {other}, so not for {certified_host(seen)}{_expired_too(seen)}"


def _expired_too(seen: Evidence) -> str:
    date = seen.tls and seen.tls.not_after
    is_over = date and seen.clock and date < seen.clock
    return f"; it has also expired, on {value(f'{date:%Y-%m-%d}')}" if is_over else ""


def _on_hostname_mismatch(seen: Evidence) -> str:
    shown = f"the certificate that {peer(seen)} shows is not for {certified_host(seen)}"
    common = " (a common name in the subject does not count)" if seen.only_common_name_fits else ""
    named = f" but for {names_of(seen)}" if seen.certificate_names or (seen.tls and seen.tls.subject) else ""
    if common and not seen.certificate_names:
        named = ", since it has no subjectAltName"
    return f"{shown}{named}{common}; it is signed by {issuer(seen)}{_expired_too(seen)}"


def _on_expired(seen: Evidence) -> str:
    date = seen.faulty_date or (seen.tls and seen.tls.not_after)
    when = f" on {value(f'{date:%Y-%m-%d}')}" if date else ""
    return f"{_out_of_date(seen)} expired{when}; this machine's clock reads {clock(seen)}"


def _on_not_yet_valid(seen: Evidence) -> str:
    when = f"before {value(f'{seen.faulty_date:%Y-%m-%d}')}" if seen.faulty_date else "yet"
    return f"{_out_of_date(seen)} is not valid {when}; this machine's clock reads {clock(seen)}"


def _out_of_date(seen: Evidence) -> str:
    if seen.faulty_role in ("intermediate", "root"):
        return (
            f"the certificate of {peer(seen)} depends on the {seen.faulty_role} certificate"
            f" {value(seen.faulty_certificate)}, which"
        )
    return f"the certificate of {peer(seen)}"


def _on_failed(seen: Evidence) -> str:
    if seen.not_loaded:
        reason = f" (its {bad_setting(seen)})" if seen.setting else why(seen)
        return f"this machine could not load {value(seen.not_loaded)}{reason}; nothing was asked of {peer(seen)} yet"
    if seen.setting:
        return f"the TLS handshake with {peer(seen)} failed here: this machine's {bad_setting(seen)}"
    if seen.alpn:
        return f"{peer(seen)} chose {value(seen.alpn)} by ALPN, which was offered, and wsconn speaks HTTP/1.1 alone"
    return f"the TLS handshake with {peer(seen)} failed{why(seen)}"


CAUSES: Mapping[Cause, Explanation] = {
    Cause.TLS_UNTRUSTED: Explanation(
        meaning="The server's certificate is signed by an authority that this machine does not trust.",
        origin=(
            "A company's proxy or a security product opens and re-signs TLS, the server sends an incomplete or"
            " self-signed certificate, or this machine's root certificates are out of date."
        ),
        advice=(
            "If a company's proxy signed it, have its root certificate installed on this machine or the host"
            " exempted from TLS inspection. If a public authority signed it, this Python lacks the root certificates:"
            " update them (on macOS run Install Certificates.command). Otherwise tell the service's operator."
        ),
        message=_on_untrusted,
        phrase="the certificate is not trusted",
    ),
    Cause.TLS_HOSTNAME_MISMATCH: Explanation(
        meaning="The server's certificate is for another name.",
        origin="DNS or a portal led to another server, or the service's certificate lacks this name.",
        advice=(
            "Check the host name in the URL. If it is right, a portal or DNS filter may have led the connection"
            " elsewhere: log in to the network, or try another one; if it is the same there, tell the service's"
            " operator."
        ),
        message=_on_hostname_mismatch,
        phrase="the certificate is for another name",
    ),
    Cause.TLS_EXPIRED: Explanation(
        meaning="The server's certificate is no longer valid.",
        origin="The operator did not renew it, or this machine's clock is ahead.",
        advice=(
            "Check this machine's clock. If it is right, tell the service's operator that the certificate has expired."
        ),
        message=_on_expired,
        phrase="the certificate has expired",
    ),
    Cause.TLS_NOT_YET_VALID: Explanation(
        meaning="The server's certificate is not valid yet.",
        origin=(
            "This machine's clock is behind: an empty battery, or no time server. Or the certificate is for a later"
            " day."
        ),
        advice="Set this machine's clock, and have it kept by a time server.",
        message=_on_not_yet_valid,
        phrase="the certificate is not valid yet",
    ),
    Cause.TLS_CLIENT_CERTIFICATE_REQUIRED: Explanation(
        meaning="The server wants a certificate from this client.",
        origin="The service, or a gateway in front of it, admits only clients with a certificate.",
        advice=(
            "Ask the service's operator for a client certificate and give it along (ssl_context with"
            " load_cert_chain, at the command line --client-cert)."
        ),
        message=lambda seen: f"{peer(seen)} wants a client certificate{why(seen)}",
        phrase="{peer} wants a client certificate",
    ),
    Cause.TLS_VERSION: Explanation(
        meaning="Client and server have no TLS version in common.",
        origin="The server or an inspecting proxy speaks only TLS 1.1 or older, or this machine's policy is stricter.",
        advice="Ask the operator of the server, or of the proxy on the way, to enable TLS 1.2 or 1.3.",
        message=lambda seen: f"{peer(seen)} offers no TLS version that this machine accepts{why(seen)}",
        phrase="there is no TLS version in common",
    ),
    Cause.NOT_TLS: Explanation(
        meaning="What answered on the TLS port does not speak TLS.",
        origin="The port serves plain HTTP, or a portal or firewall answers with a page of its own.",
        advice=(
            "Check the port, and whether the URL should begin with ws://. If both are right, open a web page in a"
            " browser: a portal of this network may want a login."
        ),
        message=lambda seen: f"{peer(seen)} does not speak TLS on this port{why(seen)}",
        phrase="what answers does not speak TLS",
    ),
    Cause.TLS_FAILED: Explanation(
        meaning="The TLS handshake failed.",
        origin=(
            "No cipher in common, a firewall that ends or garbles the handshake, or, under TLS 1.2, a client"
            " certificate that the server wanted."
        ),
        advice=(
            "Ask the network's administrator whether TLS is inspected on the way to this host. The service's"
            " operator can tell whether the server wants a client certificate or an older cipher."
        ),
        message=_on_failed,
        phrase="the handshake fails",
    ),
}
