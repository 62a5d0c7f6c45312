"""The lab's faults, proven with bare sockets: what comes over the wire, byte for byte, or that nothing comes."""

import contextlib
import logging
import math
import os
import pickle
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from tests.lab.wire import (
    ACCEPT,
    ACCEPTED,
    BOUND,
    MASKED_PING,
    MIB,
    PONG,
    REFUSED,
    REQUEST,
    SILENCE,
    STATUS_101,
    UPGRADE,
    answers_a_ping,
    ask,
    both_schemes,
    cut,
    ended,
    late_or_not,
    port_of,
    reach,
    receive,
    receive_headers,
    silent,
    status,
    was_reset,
)
from tests.windows import marked, no_resets
from wsconn.lab import FAULTS, Fault, Lab, UnknownFaultError, fault_named, faults

# What follows the request, and how it goes on after that.
SAID = {
    "mute": (b"", silent),
    "stalled-status": (b"HTTP/1.1 403 Forbidden\r\n", silent),
    "stalled-body": (status(b"403 Forbidden", b"Content-Length: 1000") + b"Forbidden\n", silent),
    "not-http": (b"SSH-2.0-OpenSSH_9.2\r\n", silent),
    "reset": (b"", was_reset),
    "eof": (b"", ended),
    "truncated": (b"", cut),
    "http-403": (status(b"403 Forbidden", b"Content-Length: 0", b"Connection: close"), ended),
    "http-503": (status(b"503 Service Unavailable", b"Content-Length: 0", b"Connection: close"), ended),
    "not-found-200": (status(b"200 OK", b"Content-Length: 0", b"Connection: close"), ended),
    "origin-wanted": (status(b"403 Forbidden", b"Content-Length: 0", b"Connection: close"), ended),
    "origin-wanted-eof": (b"", ended),
    "subprotocol-wanted-eof": (b"", ended),
    "subprotocol-wanted": (status(b"400 Bad Request", b"Content-Length: 0", b"Connection: close"), ended),
    "redirect": (
        status(b"302 Found", b"Location: https://portal.example/login", b"Content-Length: 0", b"Connection: close"),
        ended,
    ),
    "wrong-case-accept": (ACCEPTED.replace(ACCEPT, ACCEPT.swapcase()), answers_a_ping),
    "missing-accept": (re.sub(rb"Sec-WebSocket-Accept.*\r\n", b"", ACCEPTED, count=1), answers_a_ping),
    "missing-upgrade": (ACCEPTED.replace(UPGRADE, b""), answers_a_ping),
    "http-1-0": (ACCEPTED.replace(b"HTTP/1.1", b"HTTP/1.0"), answers_a_ping),
    "corrupt-frames": (ACCEPTED + b"\xfb\x05hello", silent),
    "reserved-bits": (ACCEPTED + b"\xc2\x05hello", silent),
    "bad-opcode": (ACCEPTED + b"\x83\x05hello", silent),
    "masked-frame": (ACCEPTED + b"\x8a\x80mask", silent),
    "non-minimal-length": (ACCEPTED + b"\x82\x7e\x00\x05hello", silent),
    "fragmented-pong": (ACCEPTED + b"\x0a\x00", silent),
    "long-pong": (ACCEPTED + b"\x8a\x7e\x00\x7e" + bytes(126), silent),
    "continuation-first": (ACCEPTED + b"\x80\x05hello", silent),
    "invalid-utf8": (ACCEPTED + b"\x81\x02\xff\xfe", silent),
    "one-byte-close": (ACCEPTED + b"\x88\x01\x03", silent),
    "close-1005": (ACCEPTED + b"\x88\x02\x03\xed", silent),
    "stalled-frame": (ACCEPTED + b"\x82\x7f" + struct.pack("!Q", MIB), silent),
    "huge-frame": (ACCEPTED + b"\x82\x7f" + struct.pack("!Q", MIB) + bytes(MIB), silent),
    "reset-after-upgrade": (ACCEPTED, was_reset),
    "eof-after-upgrade": (ACCEPTED, ended),
}
# How what never ends begins. More than any buffer between here and there is read of it.
ENDLESS = {
    "endless-headers": re.compile(rb"HTTP/1\.1 101 Switching Protocols\r\n(X-Filler: a{100}\r\n){999}"),
    "endless-line": re.compile(rb"HTTP/1\.1 101 Switching Protocols\r\nX-Filler: a{9000}"),
    "endless-body": re.compile(rb"HTTP/1\.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\na{9000}"),
    "endless-frame": re.compile(re.escape(ACCEPTED + b"\x82\x7f\x40" + bytes(7)) + rb"\0{9000}"),
}
# What comes at once, and what then comes a byte at a time.
SLOW = {"slow-status": (b"", b"HTT"), "slow-headers": (STATUS_101, b"X-F")}
# OpenSSL's code for what is wrong with the certificate (X509_V_ERR_*).
VERIFY_CODES = {
    "untrusted": 20,
    "missing-intermediate": 20,
    "expired": 10,
    "expired-intermediate": 10,
    "not-yet-valid": 9,
    "wrong-host": 64,
    "wrong-purpose": 26,
    "weak-key": 66,
}
# What follows the first bytes on a TLS port, and what OpenSSL makes of it.
BEFORE_TLS = {
    "silent-tls": (b"", silent, TimeoutError, "timed out"),
    "plain-text-on-tls": (status(b"400 Bad Request", b"Connection: close"), ended, ssl.SSLError, "WRONG_VERSION|HTTP"),
    "reset-in-handshake": (b"", was_reset, ConnectionResetError, "reset"),
    "eof-in-handshake": (b"", ended, ssl.SSLEOFError, "EOF"),
    "old-tls": (bytes.fromhex("15030100020246"), ended, ssl.SSLError, "PROTOCOL_VERSION"),
    "handshake-failure": (bytes.fromhex("15030100020228"), ended, ssl.SSLError, "HANDSHAKE_FAILURE"),
}
# Each has a test of its own, named for it, here or in test_ways.py.
ALONE = {
    "latency-200ms",
    "stall-after-2s",
    "cut-after-2s",
    "proxy-yes-at-once",
    "portal-dns",
    "subprotocol-wanted-101",
    "refused",
    "black-hole",
    "no-such-host",
    "hanging-name",
    "blocked-name",
    "client-certificate-wanted",
    "wrong-accept",
    "swallowed-frames",
    "set-cookie",
    "greeting",
    "speaks-first",
    "ping-first",
    "empty-pong",
    "close-1008",
}


def names(table):
    """Return the names in a table of faults."""
    return marked({name: name for name in table}, no_resets, "reset")


def test_every_fault_is_proven():
    """No fault is registered that has no test here."""
    tables = (SAID, ENDLESS, SLOW, VERIFY_CODES, BEFORE_TLS)
    assert sorted([*ALONE, *(name for table in tables for name in table)]) == sorted(FAULTS)


def test_faults_are_registered_by_name():
    """A name is in kebab case, and its fault says one sentence and whether it needs TLS."""
    for name, fault in FAULTS.items():
        assert name == fault.name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"[A-Z][^\n]*\.", fault.summary)
    needing = {name for name, fault in FAULTS.items() if fault.needs_tls}
    assert needing == {*VERIFY_CODES, *BEFORE_TLS, "client-certificate-wanted", "portal-dns"}


def test_every_constant_is_registered():
    """Each constant of the module is in `FAULTS` under its name in kebab case, and no fault is without a constant."""
    constants = {name for name in faults.__all__ if isinstance(getattr(faults, name), Fault)}
    for constant in constants:
        assert FAULTS[constant.lower().replace("_", "-")] is getattr(faults, constant)
    assert {name.lower().replace("_", "-") for name in constants} == set(FAULTS)


def test_the_module_exports_faults_and_no_helpers():
    """The public names are the constants, the factories, and what a fault is made of."""
    assert {name for name in faults.__all__ if not isinstance(getattr(faults, name), Fault)} == {
        *("FAULTS", "Fault", "Handshake", "Link", "Reachability"),
        *("tls_alert", "http_status", "redirect", "set_cookie", "origin_wanted", "subprotocol_wanted"),
        *("raw_frame", "close", "greeting", "latency", "stall_after", "cut_after"),
    }


class TestHealthy:
    def test_is_a_websocket_server(self, lab):
        """A client that others wrote opens a WebSocket and gets its pong."""
        # Over ws alone: over TLS older versions of this client lose what they read (two threads at one SSLSocket).
        with connect(lab.add("region"), close_timeout=BOUND) as client:
            assert client.ping().wait(BOUND)
        assert client.protocol.close_code == 1000

    @late_or_not
    @both_schemes
    def test_speaks_by_the_bytes(self, lab, tls, latency):
        """The RFC's sample key gets the RFC's sample answer, a ping its pong, a Close its echo, and then the end."""
        with ask(lab, None, tls=tls, latency=latency) as sock:
            head = receive_headers(sock)
            assert head.startswith(STATUS_101)
            assert b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n" in head
            answers_a_ping(sock)
            sock.sendall(b"\x88\x82\x00\x00\x00\x00\x03\xe8")
            assert receive(sock, 4) == b"\x88\x02\x03\xe8"
            ended(sock)

    def test_refuses_what_is_no_upgrade(self, lab):
        """Plain HTTP is answered with 426, then the connection ends."""
        with reach(lab, lab.add("region")) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            head = receive_headers(sock)
            assert head.startswith(b"HTTP/1.1 426 ")
            receive(sock, int(re.search(rb"Content-Length: (\d+)", head)[1]))
            ended(sock)

    def test_takes_any_subprotocol(self, lab):
        """The first subprotocol that is offered is agreed on."""
        with connect(lab.add("region"), subprotocols=["chat", "superchat"]) as client:
            assert client.subprotocol == "chat"

    def test_writes_no_header_to_a_log(self, lab, caplog):
        """At no level do the headers of those who are tested reach a log."""
        caplog.set_level(logging.DEBUG)
        with reach(lab, lab.add("region")) as sock:
            sock.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nAuthorization: hunter2\r\n\r\n"))
            receive_headers(sock)
        assert "hunter2" not in caplog.text

    def test_listens_on_ipv6(self, lab):
        """A region can be on ::1, with a URL that says so."""
        try:
            url = lab.add("region", host="::1", tls=True)
        except OSError:
            pytest.skip("no IPv6 here")
        assert url.startswith("wss://[::1]:")
        with reach(lab, url) as sock:
            sock.sendall(REQUEST)
            assert receive_headers(sock).startswith(STATUS_101)

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
    def test_speaks_one_version_of_tls(self, lab, version):
        """`tls_version` is the only one spoken."""
        with reach(lab, lab.add("region", tls=True, tls_version=version)) as sock:
            assert sock.version() == version.name.replace("_", ".")

    def test_set_cookie(self, lab):
        """The cookie comes with the 101, and the WebSocket works."""
        with ask(lab, faults.set_cookie("id=1; Domain=example.org")) as sock:
            assert b"\r\nSet-Cookie: id=1; Domain=example.org\r\n" in receive_headers(sock)
            answers_a_ping(sock)

    def test_greeting(self, lab):
        """A text frame comes before anything is asked, and the WebSocket works."""
        with ask(lab, "greeting") as sock:
            receive_headers(sock)
            assert receive(sock, 7) == b"\x81\x05hello"
            answers_a_ping(sock)

    def test_ping_first(self, lab):
        """The server's own ping comes before anything is asked, and the WebSocket works."""
        with ask(lab, "ping-first") as sock:
            receive_headers(sock)
            assert receive(sock, 5) == b"\x89\x03lab"
            answers_a_ping(sock)

    def test_speaks_first(self, lab):
        """A text frame comes at once, the pong a while after the ping; no later frame is lost or late."""
        with ask(lab, "speaks-first") as sock:
            assert receive(sock, len(ACCEPTED)) == ACCEPTED
            assert receive(sock, 7) == b"\x81\x05hello"
            sock.sendall(MASKED_PING)
            silent(sock)
            sock.settimeout(BOUND)
            answers_a_ping(sock)
            assert receive(sock, len(PONG)) == PONG

    def test_speaks_first_ends_with_the_lab(self, lab):
        """While its pong is due the lab closes at once."""
        with ask(lab, "speaks-first") as sock:
            receive(sock, len(ACCEPTED) + 7)
            sock.sendall(MASKED_PING)
            silent(sock)
            lab.close()
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("wsconn-lab")]

    def test_empty_pong(self, lab):
        """Each ping has a pong, without what the ping held."""
        with ask(lab, "empty-pong") as sock:
            assert receive(sock, len(ACCEPTED)) == ACCEPTED
            for _ in range(2):
                sock.sendall(MASKED_PING)
                assert receive(sock, 2) == b"\x8a\x00"
            silent(sock)


WANTED = {"Origin": faults.origin_wanted, "Sec-WebSocket-Protocol": faults.subprotocol_wanted}


class TestWanted:
    @both_schemes
    @pytest.mark.parametrize("header", WANTED)
    def test_opens_with_the_header(self, lab, header, tls):
        """A request that has what is wanted, however the header is written, opens a WebSocket."""
        with reach(lab, lab.add("region", fault=WANTED[header](), tls=tls)) as sock:
            sock.sendall(REQUEST.replace(b"\r\n\r\n", f"\r\n{header.lower()}:  chat\r\n\r\n".encode()))
            assert receive_headers(sock).startswith(STATUS_101)
            answers_a_ping(sock)

    @pytest.mark.parametrize("header", WANTED)
    @pytest.mark.parametrize("refusal", [400, 401, 403, 404])
    def test_refuses_with_a_status(self, lab, header, refusal):
        """Without it, the status is the one that was chosen."""
        with ask(lab, WANTED[header](refusal)) as sock:
            assert receive_headers(sock).startswith(b"HTTP/1.1 %d " % refusal)
            ended(sock)

    @pytest.mark.parametrize("header", WANTED)
    def test_refuses_with_the_end(self, lab, header):
        """Without it, the connection ends unanswered."""
        with ask(lab, WANTED[header](None)) as sock:
            ended(sock)

    def test_refusal_names_a_subprotocol(self, lab):
        """The answer can have the header that names one."""
        with ask(lab, faults.subprotocol_wanted(header=True)) as sock:
            assert b"\r\nSec-WebSocket-Protocol: chat\r\n" in receive_headers(sock)

    def test_subprotocol_wanted_101(self, lab):
        """A refusal can be a Close with code 4406 after a right 101, as with graphql-transport-ws."""
        with ask(lab, "subprotocol-wanted-101") as sock:
            assert receive(sock, len(ACCEPTED)) == ACCEPTED
            assert receive(sock, 30) == b"\x88\x1c" + (4406).to_bytes(2) + b"Subprotocol not acceptable"
            sock.sendall(b"\x88\x82\x00\x00\x00\x00\x11\x36")
            ended(sock)


class TestAnswers:
    @late_or_not
    @both_schemes
    @pytest.mark.parametrize("name", names(SAID))
    def test_says(self, lab, name, tls, latency):
        """These bytes follow the request, then this happens."""
        said, then = SAID[name]
        with ask(lab, name, tls=tls, latency=latency) as sock:
            assert receive(sock, len(said)) == said
            then(sock)

    @late_or_not
    @both_schemes
    @pytest.mark.parametrize("name", ENDLESS)
    def test_never_ends(self, lab, name, tls, latency):
        """More comes than any buffer holds, as long as it is read."""
        with ask(lab, name, tls=tls, latency=latency) as sock:
            assert ENDLESS[name].match(receive(sock, 8 * MIB))

    @both_schemes
    @pytest.mark.parametrize("name", SLOW)
    def test_drips(self, lab, name, tls):
        """After what comes at once a byte comes each 50 ms."""
        at_once, bytewise = SLOW[name]
        with ask(lab, name, tls=tls) as sock:
            assert receive(sock, len(at_once)) == at_once
            took, pieces = [time.monotonic()], []
            while len(b"".join(pieces)) < len(bytewise):  # a busy machine may read two at once
                pieces.append(sock.recv(100))
                took.append(time.monotonic())
            assert b"".join(pieces).startswith(bytewise)
            assert len(pieces) > 1 or took[-1] - took[0] >= 0.08

    @pytest.mark.parametrize("name", ["slow-headers", "slow-status"])
    def test_drips_for_ever(self, lab, name):
        """A second later it still drips."""
        with ask(lab, name) as sock:
            end = time.monotonic() + 1
            while time.monotonic() < end:
                assert sock.recv(100)

    @both_schemes
    def test_wrong_accept(self, lab, tls):
        """The 101 has an accept of the right form and the wrong value."""
        with ask(lab, faults.WRONG_ACCEPT, tls=tls) as sock:
            head = receive_headers(sock)
            assert re.search(rb"\r\nSec-WebSocket-Accept: [A-Za-z0-9+/]{27}=\r\n", head)
            assert ACCEPT.lower() not in head.lower()
            answers_a_ping(sock)

    @both_schemes
    def test_swallowed_frames(self, lab, tls):
        """After a right 101 a ping stays unanswered."""
        with ask(lab, faults.SWALLOWED_FRAMES, tls=tls) as sock:
            assert receive(sock, len(ACCEPTED)) == ACCEPTED
            sock.sendall(MASKED_PING)
            silent(sock)

    @both_schemes
    def test_close_1008(self, lab, tls):
        """A Close with code and reason follows the 101; the stream ends once it is echoed."""
        with ask(lab, faults.close(1008, reason="log in"), tls=tls) as sock:
            assert receive(sock, len(ACCEPTED) + 10) == ACCEPTED + b"\x88\x08\x03\xf0log in"
            sock.sendall(b"\x88\x82\x00\x00\x00\x00\x03\xf0")
            ended(sock)

    def test_status_with_everything(self, lab):
        """A status goes out with the reason, headers and body that were given, which win over the usual ones."""
        fault = faults.http_status(
            429, reason="Slow Down", headers={"content-length": "4", "Retry-After": "30"}, body=b"busy"
        )
        with ask(lab, fault) as sock:
            expected = (
                b"HTTP/1.1 429 Slow Down\r\nConnection: close\r\ncontent-length: 4\r\nRetry-After: 30\r\n\r\nbusy"
            )
            assert receive(sock, 1000) == expected

    def test_raw_frame(self, lab):
        """Any bytes can follow the 101."""
        with ask(lab, faults.raw_frame(b"\x00\x01\x02")) as sock:
            assert receive(sock, len(ACCEPTED) + 3) == ACCEPTED + b"\x00\x01\x02"

    def test_sends_no_more_than_is_read(self, lab):
        """What is not read is not sent: the fault waits, and the lab closes all the same."""
        sent = []

        def endless(sock):
            while True:
                sent.append(sock.send(bytes(MIB)))

        with reach(lab, lab.add("region", fault=endless)) as sock:
            assert receive(sock, MIB)
            lab.close()
            assert sum(sent) < 64 * MIB


class TestTls:
    @pytest.mark.parametrize("name", VERIFY_CODES)
    def test_certificate_is_refused(self, lab, name):
        """OpenSSL says with a code of its own what is wrong with the certificate."""
        with pytest.raises(ssl.SSLCertVerificationError) as caught, ask(lab, name, tls=True):
            pass
        assert caught.value.verify_code == VERIFY_CODES[name]

    def test_untrusted_issuer_is_recognisable(self, lab):
        """The issuer's organisation stands in the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        address = ("127.0.0.1", port_of(lab.add("region", tls=True, fault="untrusted")))
        with socket.create_connection(address, timeout=BOUND) as tcp, context.wrap_socket(tcp) as sock:
            assert b"Untrusted Lab Authority" in sock.getpeercert(binary_form=True)

    @pytest.mark.parametrize("name", names(BEFORE_TLS))
    def test_says_before_tls(self, lab, name):
        """These bytes answer a ClientHello, then this happens."""
        said, then, _, _ = BEFORE_TLS[name]
        address = ("127.0.0.1", port_of(lab.add("region", tls=True, fault=name)))
        with socket.create_connection(address, timeout=BOUND) as sock:
            sock.sendall(b"hello")
            assert receive(sock, len(said)) == said
            then(sock)

    @late_or_not
    @pytest.mark.parametrize("name", names(BEFORE_TLS))
    def test_handshake_fails(self, lab, name, latency):
        """OpenSSL ends the handshake with this."""
        _, _, error, text = BEFORE_TLS[name]
        address = ("127.0.0.1", port_of(lab.add("region", tls=True, fault=name, latency=latency)))
        with socket.create_connection(address, timeout=BOUND) as tcp:
            tcp.settimeout(SILENCE if error is TimeoutError else BOUND)
            with pytest.raises(error, match=text):
                lab.ssl_context.wrap_socket(tcp, server_hostname="127.0.0.1")

    def test_client_certificate_wanted(self, lab):
        """In TLS 1.3 the handshake is over before the alert comes."""
        url = lab.add("region", tls=True, fault="client-certificate-wanted", tls_version=ssl.TLSVersion.TLSv1_3)
        with reach(lab, url) as sock, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            sock.recv(1)

    def test_client_certificate_wanted_in_tls_1_2(self, lab):
        """In TLS 1.2 the handshake fails."""
        url = lab.add("region", tls=True, fault="client-certificate-wanted", tls_version=ssl.TLSVersion.TLSv1_2)
        with pytest.raises((ssl.SSLError, ConnectionResetError)), reach(lab, url):
            pass

    def test_context_is_strict(self, lab):
        """The client's context is one, verifies as Python does by default, and trusts one authority."""
        context = lab.ssl_context
        default = ssl.create_default_context()
        assert context is lab.ssl_context
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.verify_flags == default.verify_flags
        assert len(context.get_ca_certs()) == 1

    def test_labs_do_not_trust_each_other(self, lab):
        """Each lab has an authority of its own."""
        with Lab() as other:
            url = other.add("region", tls=True)
            with pytest.raises(ssl.SSLCertVerificationError), reach(lab, url):
                pass

    def test_certificate_is_right_for_made_up_names(self, lab):
        """A name under lab.invalid can be used in a wss URL."""
        address = ("127.0.0.1", port_of(lab.add("region", tls=True)))
        with socket.create_connection(address, timeout=BOUND) as tcp:
            lab.ssl_context.wrap_socket(tcp, server_hostname="eu.lab.invalid").close()


class TestUnreachable:
    def test_refused(self, lab):
        """The port answers with a RST, and is kept."""
        address = ("127.0.0.1", port_of(lab.add("region", fault="refused")))
        with socket.socket() as sock:
            assert sock.connect_ex(address) == REFUSED
        with socket.socket() as sock, pytest.raises(OSError, match=r"in use|10048"):
            sock.bind(address)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows answers for a full queue")
    def test_black_hole(self, lab):
        """No connection comes about, however often one tries, and nobody says no."""
        address = ("127.0.0.1", port_of(lab.add("region", fault="black-hole")))
        for _ in range(3):
            with socket.socket() as sock:
                sock.settimeout(SILENCE)
                with pytest.raises(TimeoutError):
                    sock.connect(address)

    def test_no_such_host(self, lab):
        """The URL's host is one that no resolver knows."""
        host = urlsplit(lab.add("region", fault="no-such-host")).hostname
        assert host == "no-such-host.invalid"
        with pytest.raises(socket.gaierror) as caught:
            lab.getaddrinfo(host, 443)
        assert caught.value.errno == socket.EAI_NONAME

    def test_blocked_name(self, lab):
        """The URL's host is the unspecified address in both families."""
        host = urlsplit(lab.add("region", fault="blocked-name")).hostname
        found = lab.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        assert [info[4][0] for info in found] == ["0.0.0.0", "::"]

    def test_hanging_name(self, lab):
        """The lookup of the URL's host ends when the lab closes, and says that it may be tried again."""
        host = urlsplit(lab.add("region", fault="hanging-name")).hostname
        answers = []
        lookup = threading.Thread(target=lambda: answers.append(error_of(lab, host)))
        lookup.start()
        lookup.join(SILENCE)
        assert lookup.is_alive()
        lab.close()
        lookup.join(BOUND)
        assert answers == [socket.EAI_AGAIN]

    def test_hanging_names_differ(self, lab):
        """No two hanging names are the same, in one lab or in two."""
        with Lab() as other:
            assert (
                len({each.add(name, fault="hanging-name").split(":")[1] for each in (lab, other) for name in "ab"}) == 4
            )


def error_of(lab, host, family=0):
    try:
        lab.getaddrinfo(host, 443, family)
    except socket.gaierror as exc:
        return exc.errno
    return None


class TestNames:
    def test_answers_as_socket_does(self, lab):
        """A made-up name gives the tuples that its addresses give."""
        lab.name("made.up", ["127.0.0.1", "::1"])
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            expected = socket.getaddrinfo(address, 443, family, socket.SOCK_STREAM)
            assert lab.getaddrinfo("Made.UP.", 443, family, socket.SOCK_STREAM) == expected
        both = lab.getaddrinfo("made.up", 443, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        assert [info[4][0] for info in both] == ["127.0.0.1", "::1"]

    def test_gives_addresses_in_order(self, lab):
        """Several addresses come in the order in which they were given."""
        lab.name("made.up", ["127.0.0.3", "127.0.0.1", "127.0.0.2"])
        found = lab.getaddrinfo("made.up", "443", proto=socket.IPPROTO_TCP)
        assert [info[4] for info in found] == [("127.0.0.3", 443), ("127.0.0.1", 443), ("127.0.0.2", 443)]

    def test_canonical_name(self, lab):
        """The first entry has the canonical name, where that is asked for: the name itself, or what was declared."""
        lab.name("made.up", ["127.0.0.1", "::1"])
        found = lab.getaddrinfo("Made.Up", 80, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
        assert [info[3] for info in found] == ["made.up", ""]
        lab.name("made.up", ["127.0.0.1"], canonical="made.up.corp.test")
        assert lab.getaddrinfo("made.up", 80, flags=socket.AI_CANONNAME)[0][3] == "made.up.corp.test"
        unasked = socket.getaddrinfo("127.0.0.1", 80)[0][3]  # musl tells something then, too
        assert lab.getaddrinfo("made.up", 80)[0][3] == unasked

    def test_leaves_other_names_to_socket(self, lab):
        """What is not made up is answered by the real thing, errors included."""
        assert lab.getaddrinfo("127.0.0.1", 80) == socket.getaddrinfo("127.0.0.1", 80)
        assert lab.getaddrinfo(None, 80) == socket.getaddrinfo(None, 80)
        assert lab.getaddrinfo(b"127.0.0.1", b"80") == socket.getaddrinfo("127.0.0.1", 80)
        with pytest.raises(UnicodeError):
            lab.getaddrinfo("a" * 64 + ".example", 80)

    def test_family_without_address(self, lab):
        """A family that has no address says EAI_NONAME while the other answers."""
        lab.name("made.up", ["::1"])
        assert error_of(lab, "made.up", socket.AF_INET) == socket.EAI_NONAME
        assert error_of(lab, "made.up", socket.AF_INET6) is None
        assert error_of(lab, "made.up") is None

    def test_family_with_an_error(self, lab):
        """A family can fail in its own way; both together fail only when neither answers."""
        lab.name("made.up", ["127.0.0.1", "::1"], errors={socket.AF_INET6: socket.EAI_AGAIN})
        assert error_of(lab, "made.up", socket.AF_INET6) == socket.EAI_AGAIN
        assert error_of(lab, "made.up", socket.AF_INET) is None
        assert error_of(lab, "made.up") is None
        lab.name("made.up", [], errors={socket.AF_INET: socket.EAI_AGAIN, socket.AF_INET6: socket.EAI_AGAIN})
        assert error_of(lab, "made.up") == socket.EAI_AGAIN

    def test_family_that_is_late(self, lab):
        """A family can be late: asked alone the other is not, asked together both are."""
        lab.name("made.up", ["127.0.0.1", "::1"], delays={socket.AF_INET: 10 * SILENCE})
        began = time.monotonic()
        lab.getaddrinfo("made.up", 80, socket.AF_INET6)
        assert time.monotonic() - began < 10 * SILENCE
        lab.getaddrinfo("made.up", 80)
        assert time.monotonic() - began >= 10 * SILENCE

    def test_family_that_hangs(self, lab):
        """A family can hang while the other answers; closing the lab lets go of it."""
        lab.name("made.up", ["127.0.0.1"], delays={socket.AF_INET6: math.inf})
        assert error_of(lab, "made.up", socket.AF_INET) is None
        answers = []
        lookup = threading.Thread(target=lambda: answers.append(error_of(lab, "made.up")))
        lookup.start()
        lab.close()
        lookup.join(BOUND)
        assert answers == [socket.EAI_AGAIN]

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ({"host": "", "addresses": []}, "host .*''"),
            ({"host": "x", "addresses": "127.0.0.1"}, "addresses .*'127.0.0.1'"),
            ({"host": "x", "addresses": ["nowhere"]}, "addresses .*'nowhere'"),
            ({"host": "x", "addresses": [], "delays": {socket.AF_INET: -1}}, "delays .*-1"),
            ({"host": "x", "addresses": [], "delays": {99: 1}}, "delays .*99"),
            ({"host": "x", "addresses": [], "errors": {0: socket.EAI_AGAIN}}, "errors .*0"),
        ],
        ids=["no host", "one str", "no address", "negative delay", "family of delay", "family of error"],
    )
    def test_refuses_bad_arguments(self, lab, arguments, complaint):
        """A bad argument is named with its value."""
        with pytest.raises(ValueError, match=complaint):
            lab.name(**arguments)


class TestLatency:
    @both_schemes
    def test_delays_the_round_trip(self, lab, tls):
        """A ping takes as long as was asked for, and not another connection's time on top."""
        with ask(lab, None, tls=tls, latency=0.1) as sock:
            receive_headers(sock)
            began = time.monotonic()
            answers_a_ping(sock)
            assert 0.1 <= time.monotonic() - began < 2.5

    def test_does_not_delay_the_tcp_handshake(self, lab):
        """The kernel answers for the connection itself, at once."""
        with reach(lab, lab.add("region", latency=BOUND * 10)):
            pass

    def test_keeps_the_order(self, lab):
        """What is sent in one order arrives in it, all of it under way at once."""
        with ask(lab, None, latency=0.1) as sock:
            began = time.monotonic()
            receive_headers(sock)
            for number in range(100):
                sock.sendall(b"\x89\x81\x00\x00\x00\x00" + bytes([number]))
            assert receive(sock, 300) == b"".join(b"\x8a\x01" + bytes([number]) for number in range(100))
            assert time.monotonic() - began < BOUND

    @no_resets
    def test_passes_a_reset_of_the_peer_on(self, lab):
        """A peer that resets its connection resets the one to the server."""
        ends = []
        gone = threading.Event()

        def keep(sock):
            try:
                while sock.recv(100):
                    pass
            except ConnectionResetError as exc:
                ends.append(exc)
            finally:
                gone.set()

        with reach(lab, lab.add("region", fault=keep, latency=0.02)) as sock:
            sock.sendall(b"hello")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert gone.wait(BOUND)
        assert len(ends) == 1

    def test_ends_with_the_lab(self, lab):
        """What is under way for long is dropped when the lab closes."""
        with ask(lab, None, latency=1000) as sock:
            began = time.monotonic()
            lab.close()
            assert time.monotonic() - began < 2
            with contextlib.suppress(ConnectionResetError):  # if the request was not yet read
                assert receive(sock, 1) == b""


class TestFaultNames:
    @pytest.mark.parametrize("name", FAULTS)
    def test_of_each_fault(self, name):
        """Every fault is found by its name."""
        assert fault_named(name) is FAULTS[name]

    def test_healthy(self, lab):
        """`healthy` is the name of nothing being wrong."""
        with ask(lab, "healthy") as sock:
            receive_headers(sock)
            answers_a_ping(sock)

    def test_any_status(self, lab):
        """`http-` and a status is that status, in `Lab.add` too."""
        with ask(lab, "http-418") as sock:
            assert receive_headers(sock).startswith(b"HTTP/1.1 418 ")

    def test_any_close_code(self, lab):
        """`close-` and a code is that Close, in `Lab.add` too."""
        with ask(lab, "close-4999") as sock:
            assert receive(sock, len(ACCEPTED) + 4) == ACCEPTED + b"\x88\x02" + (4999).to_bytes(2)

    @pytest.mark.parametrize(
        ("name", "complaint"),
        [
            ("http-101", "200 to 599"),
            ("http-99999", "200 to 599"),
            ("close-999", "close code"),
            ("close-1006", "close code"),
            ("origin-wanted-200", "400 to 599"),
            ("subprotocol-wanted-302", "400 to 599"),
            ("latency-0s", "more than 0"),
            ("cut-after-86401s", "at most 86400"),
        ],
    )
    def test_a_number_that_cannot_be_sent(self, lab, name, complaint):
        """A status or code out of range is refused with the range."""
        with pytest.raises(ValueError, match=complaint):
            lab.add("a", fault=name)

    @pytest.mark.parametrize("name", ["no_pong", "no-pong", "NO_PONG", "No-Pong"])
    def test_a_cause_leads_to_its_faults(self, lab, name):
        """The name of a cause, however it is written, is answered with the faults that fail so."""
        with pytest.raises(ValueError, match=f"there is no fault '{name}'; try swallowed-frames") as caught:
            lab.add("a", fault=name)
        assert isinstance(caught.value, UnknownFaultError)
        assert (caught.value.name, caught.value.suggestions[0]) == (name, "swallowed-frames")

    @pytest.mark.parametrize(
        ("name", "near"), [("expierd", "expired"), ("WRONG_HOST", "wrong-host"), ("Refused", "refused")]
    )
    def test_a_name_spelt_wrong(self, name, near):
        """Names that are spelt alike are suggested, the nearest first."""
        with pytest.raises(UnknownFaultError) as caught:
            fault_named(name)
        assert caught.value.suggestions[0] == near

    @pytest.mark.parametrize(
        "name",
        ["", "xyzzy", "http-", "http-4x", "tcp-80", "close-10000000", "latency-1", "cut-after--1s", "stall-after-.5s"],
    )
    def test_a_name_like_no_other(self, name):
        """Where nothing is near, the message has all names."""
        with pytest.raises(UnknownFaultError) as caught:
            fault_named(name)
        if not caught.value.suggestions:
            assert f"try {' or '.join(FAULTS)}" in str(caught.value)

    def test_the_error_pickles(self):
        """It can go to another process."""
        error = UnknownFaultError("a", ("b", "c"))
        copy = pickle.loads(pickle.dumps(error))
        assert (str(copy), copy.name, copy.suggestions) == ("there is no fault 'a'; try b or c", "a", ("b", "c"))


class TestFaultFunctions:
    @both_schemes
    def test_is_given_the_socket(self, lab, tls):
        """A function is a fault: it gets the socket, after TLS."""

        def teapot(sock):
            sock.sendall(b"%d " % isinstance(sock, ssl.SSLSocket) + sock.recv(3))

        with ask(lab, teapot, tls=tls) as sock:
            assert receive(sock, 5) == (b"1 GET" if tls else b"0 GET")

    def test_what_it_raises_is_logged(self, lab, caplog):
        """An exception that is no OSError is told to whoever wrote the function, with the region."""

        def broken(sock):
            raise LookupError("a slip of the pen")

        with reach(lab, lab.add("eu", fault=broken)) as sock:
            assert receive(sock, 1) == b""
        lab.close()
        assert [record.name for record in caplog.records] == ["wsconn.lab"]
        assert "'eu'" in caplog.text
        assert "a slip of the pen" in caplog.text

    def test_peer_that_vanishes_is_no_error(self, lab, caplog):
        """An OSError ends the function quietly."""

        def vanished(sock):
            raise ConnectionResetError

        with reach(lab, lab.add("eu", fault=vanished)) as sock:
            assert receive(sock, 1) == b""
        lab.close()
        assert not caplog.records

    def test_may_be_a_fault_of_ones_own(self, lab):
        """A `Fault` is made with a name, a summary and a function."""
        fault = Fault(name="mine", summary="It says so.", serve=lambda sock: sock.sendall(b"so"))
        with reach(lab, lab.add("eu", fault=fault)) as sock:
            assert receive(sock, 2) == b"so"


class TestLab:
    def test_regions(self, lab):
        """URLs come by name in the order of adding, with the path that was asked for."""
        urls = [lab.add("b"), lab.add("a", tls=True, path="/x?y=1"), lab.add("c", fault="refused")]
        assert list(lab.regions.items()) == list(zip("bac", urls, strict=True))
        assert re.fullmatch(r"ws://127\.0\.0\.1:\d+/", urls[0])
        assert re.fullmatch(r"wss://127\.0\.0\.1:\d+/x\?y=1", urls[1])

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            pytest.param({"name": ""}, "name .*''", id="no name"),
            pytest.param({"name": "taken"}, "name .*'taken'", id="name twice"),
            pytest.param({"latency": -1}, "latency .*-1", id="negative latency"),
            pytest.param({"latency": math.inf}, "latency .*inf", id="endless latency"),
            pytest.param({"latency": math.nan}, "latency .*nan", id="latency nan"),
            pytest.param({"host": "0.0.0.0"}, "host .*'0.0.0.0'", id="foreign host"),
            pytest.param({"path": "x"}, "path .*'x'", id="path without slash"),
            pytest.param({"fault": "expierd"}, "fault .*'expierd'; try .*expired", id="misspelt fault"),
            pytest.param({"fault": 7}, "fault .*7", id="no fault"),
            pytest.param({"fault": faults.http_status}, "fault .*call it.*http_status", id="factory not called"),
            pytest.param({"fault": faults.EXPIRED}, "fault needs tls=True: 'expired'", id="certificate without TLS"),
            pytest.param({"fault": faults.OLD_TLS}, "fault needs tls=True: 'old-tls'", id="alert without TLS"),
            pytest.param(
                {"tls_version": ssl.TLSVersion.TLSv1_2}, "tls_version needs tls=True", id="version without TLS"
            ),
            pytest.param(
                {"tls": True, "tls_version": ssl.TLSVersion.SSLv3}, "tls_version .*OLD_TLS.*SSLv3", id="version"
            ),
        ],
    )
    def test_refuses_bad_arguments(self, lab, arguments, complaint):
        """A bad argument is named with its value, and adds nothing."""
        lab.add("taken")
        with pytest.raises(ValueError, match=complaint):
            lab.add(**{"name": "new", **arguments})
        assert list(lab.regions) == ["taken"]

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            pytest.param({"latency": "x"}, "latency must be a number of seconds, not 'x'", id="latency"),
            pytest.param({"latency": True}, "latency must be a number of seconds, not True", id="latency, a bool"),
            pytest.param({"tls": "x"}, "tls must be True or False, not 'x'", id="tls"),
            pytest.param({"path": None}, "path must be a str, not None", id="path"),
        ],
    )
    def test_refuses_arguments_of_another_type(self, lab, arguments, complaint):
        """So is one of another type, in a TypeError."""
        with pytest.raises(TypeError, match=complaint):
            lab.add("new", **arguments)
        assert not lab.regions

    @pytest.mark.parametrize(
        "make",
        [
            lambda: faults.http_status(101),
            lambda: faults.redirect(status=200),
            lambda: faults.close(1005),
            lambda: faults.close(1000, reason="x" * 124),
            lambda: faults.tls_alert(256),
            lambda: faults.origin_wanted(200),
            lambda: faults.subprotocol_wanted(302),
            lambda: faults.latency(0),
            lambda: faults.stall_after(math.nan),
            lambda: faults.cut_after(86401),
        ],
        ids=[
            *("http_status", "redirect", "close", "reason", "tls_alert", "origin_wanted", "subprotocol_wanted"),
            *("latency", "stall_after", "cut_after"),
        ],
    )
    def test_factories_refuse_bad_arguments(self, make):
        """A factory says what it cannot make."""
        with pytest.raises(ValueError, match="must be"):
            make()

    def test_is_closed_once(self, lab):
        """Closing again does nothing; using it after says that it is closed."""
        lab.add("eu")
        lab.close()
        lab.close()
        with pytest.raises(RuntimeError, match="closed"):
            lab.add("us")
        with pytest.raises(RuntimeError, match="closed"), lab:
            pass
        assert repr(lab).startswith("<Lab closed regions={'eu': 'ws://127.0.0.1:")

    def test_is_closed_by_two_at_once(self, lab):
        """Who closes second comes back when all is closed, as who closes first does."""
        with reach(lab, lab.add("eu")):
            closers = [threading.Thread(target=lab.close) for _ in range(2)]
            for closer in closers:
                closer.start()
            for closer in closers:
                closer.join(BOUND)
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("wsconn-lab")]

    def test_can_be_closed_before_anything(self):
        """A lab that was given nothing to do has nothing to give back."""
        Lab().close()

    @pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="descriptors are counted in /proc")  # noqa: PTH110 - shorter
    def test_leaves_nothing(self):
        """With every fault at work, closing ends the threads and gives the descriptors back."""
        threads, descriptors = threading.enumerate(), set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - shorter
        with contextlib.ExitStack() as clients, Lab() as lab:
            for name, fault in FAULTS.items():
                parts = urlsplit(lab.add(name, fault=fault, tls=fault.needs_tls, latency=0.01 * (len(name) % 2)))
                if parts.hostname == "127.0.0.1" and name not in ("refused", "black-hole"):
                    client = clients.enter_context(socket.create_connection(("127.0.0.1", parts.port), timeout=BOUND))
                    client.sendall(REQUEST)
        assert threading.enumerate() == threads
        assert set(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208 - shorter

    def test_two_hundred_regions(self):
        """Many regions, half of them wss, are there and gone in no time, and each can be reached."""
        began = time.monotonic()
        with contextlib.ExitStack() as clients, Lab() as lab:
            for number in range(200):
                lab.add(f"r{number}", tls=number % 2 == 0, latency=0.01 * (number % 3))
            added = time.monotonic()
            for url in lab.regions.values():
                clients.enter_context(socket.create_connection(("127.0.0.1", port_of(url)), timeout=BOUND))
            closing = time.monotonic()
            lab.close()
            assert time.monotonic() - closing + added - began < 2

    def test_serves_many_at_once(self, lab):
        """One region serves fifty connections side by side."""
        url = lab.add("region", tls=True)
        with contextlib.ExitStack() as clients:
            socks = [clients.enter_context(reach(lab, url)) for _ in range(50)]
            for sock in socks:
                sock.sendall(REQUEST)
            for sock in reversed(socks):
                receive_headers(sock)
                answers_a_ping(sock)

    @pytest.mark.parametrize("missing", ["trustme", "websockets"])
    def test_says_what_to_install(self, missing):
        """Without its extra, the import fails with the line that installs it."""
        script = f"import sys; sys.modules[{missing!r}] = None\nimport wsconn.lab"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
        assert f'ImportError: wsconn.lab needs {missing}: pip install "wsconn[lab]"' in done.stderr
