"""Certificates with names and times that no rule allows: they are shown safely, and never break a region."""

from __future__ import annotations

import contextlib
import socket
import ssl

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.engine import only, start_in
from tests.stages.odd_certificates import (
    ADDRESS,
    BITS,
    BMP,
    DIRECTORY,
    DNS,
    IA5,
    MAIL,
    T61,
    TIME,
    URI,
    UTC_TIME,
    UTF8,
    certificate,
    name,
    server_context,
    trusting,
)
from wsconn import Cause, RegionOutcome, Status
from wsconn._stages.tls import _agreed
from wsconn._text import LONGEST
from wsconn.lab import Fault, Lab
from wsconn.lab._fault import Handshake
from wsconn.lab._healthy import healthy

ODD = {
    "a string of bits": certificate(subject=(BITS, b"\x00ab")),
    "a terminal's commands": certificate(subject=(UTF8, b"\x1b[31m\r\nred")),
    "a zero": certificate(subject=(UTF8, b"a\x00b")),
    "text from right to left": certificate(subject=(UTF8, "\u202eabc".encode())),
    "an alphabet of old": certificate(subject=(T61, b"\xff\x1b")),
    "a long one": certificate(subject=(UTF8, b"a" * 40_000)),
    "an alternative that is no UTF-8": certificate(alternative=(DNS, b"\xff\n")),
    "a mail address that is no UTF-8": certificate(alternative=(MAIL, b"\xff")),
    "a URI with commands": certificate(alternative=(URI, b"http://\x1b[31m")),
    "an address of three bytes": certificate(alternative=(ADDRESS, b"abc")),
    "a name in a name": certificate(alternative=(DIRECTORY, name(UTF8, b"\x1b[31m"))),
    "year 0": certificate(not_after=(TIME, b"00000101000000Z")),
    "half a second": certificate(not_after=(TIME, b"20400101000000.5Z")),
    "no time": certificate(not_after=(UTC_TIME, b"never")),
}


def is_read_by_openssl(made: bytes) -> bool:
    """Tell whether OpenSSL takes it at all: 3.6 refuses a time that is none, and no server can show it then."""
    try:
        server_context(made)
    except ssl.SSLError:
        return False
    return True


def shows(made: bytes) -> Fault:
    """A healthy server with this certificate."""
    context = server_context(made)

    def serve(sock: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(sock, server_side=True) as secure:
            healthy(secure)

    return Fault(name="shows", summary="A certificate of its own.", serve=serve, handshake=Handshake.NONE)


def said(outcome: RegionOutcome) -> list[str]:
    """Return all that is told of a peer."""
    tls, failure = outcome.tls, outcome.failure
    texts = [tls.issuer, tls.subject] if tls else []
    texts += [failure.message, failure.advice] if failure else []
    return [text for text in (*texts, *(attempt.message for attempt in outcome.attempts)) if text]


@pytest.mark.parametrize("made", ODD.values(), ids=ODD.keys())
def test_an_odd_certificate_is_not_trusted_and_no_more(lab: Lab, made: bytes) -> None:
    """The look at a certificate that was not trusted survives whatever stands in it."""
    if ssl.OPENSSL_VERSION_INFO >= (3, 6) and not is_read_by_openssl(made):
        pytest.skip("OpenSSL 3.6 does not read this certificate, so no server can show it")
    lab.add("region", tls=True, fault=shows(made))
    outcome = only(start_in(lab))
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TLS_UNTRUSTED, outcome.failure
    assert all(text.isprintable() and len(text) < LONGEST * 5 for text in said(outcome))


@pytest.mark.parametrize("kind", ["an alternative that is no UTF-8", "a string of bits", "a terminal's commands"])
def test_an_odd_certificate_that_is_trusted_passes(lab: Lab, kind: str) -> None:
    """Who trusts such a certificate gets a region that passed, though its names may not be known."""
    lab.add("region", tls=True, fault=shows(ODD[kind]))
    outcome = only(start_in(lab, ssl_context=trusting(ODD[kind])))
    assert outcome.status is Status.PASSED, outcome
    assert all(text.isprintable() for text in said(outcome))


kinds = st.sampled_from([BITS, UTF8, T61, IA5, BMP, 0x13, 0x12, 0x1C, 0x02, 0x01, 0x05])
bits = (
    st.binary(max_size=40)
    | st.text(max_size=30).map(str.encode)
    | st.text(max_size=9).map(lambda t: t.encode("utf-16-be", "replace"))
)
alternatives = st.tuples(st.sampled_from([MAIL, DNS, URI, ADDRESS, 0x88, 0xA0, 0xA3, 0xA5]), bits) | st.tuples(
    st.just(DIRECTORY), st.builds(name, kinds, bits)
)
times = st.tuples(
    st.sampled_from([UTC_TIME, TIME]),
    st.from_regex(rb"[0-9]{10,14}(\.[0-9]+)?(Z|[+-][0-9]{4})?", fullmatch=True) | bits,
)


@hypothesis.given(st.tuples(kinds, bits), alternatives, times)
def test_whatever_a_certificate_says(
    subject: tuple[int, bytes], alternative: tuple[int, bytes], not_after: tuple[int, bytes]
) -> None:
    """All that is read from a certificate that was verified, or is being looked at, is fit to be shown."""
    made = certificate(subject, alternative, not_after)
    try:
        server, client = server_context(made), trusting(made)
    except ssl.SSLError:  # OpenSSL cannot read it: no handshake shows it
        return
    client.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(to_client, to_server, server_hostname="a.example")
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for end in (ends, other, ends):
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    agreed = _agreed(ends)
    assert agreed.version == "TLSv1.3"
    for text in (agreed.issuer, agreed.subject):
        assert text is None or (text.isprintable() and len(text) <= LONGEST)
