"""Questions to a name server and its answers, as bytes."""

from __future__ import annotations

import contextlib

import dnslib
import pytest
from dnslib import QTYPE, RR, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from wsconn._protocols.dns import AAAA, NS, NXDOMAIN, A, BadReply, Reply, is_reply_to, question, read_reply


def test_a_question_is_one() -> None:
    """Another implementation reads name and kind, and that recursion is wanted."""
    asked = DNSRecord.parse(question("eu.example.org.", AAAA))
    assert (str(asked.q.qname), QTYPE[asked.q.qtype]) == ("eu.example.org.", "AAAA")
    assert asked.header.rd == 1
    assert str(DNSRecord.parse(question(".", NS)).q.qname) == "."


@pytest.mark.parametrize("name", ["x" * 64 + ".example", ".".join(["x" * 60] * 5), "ö.example"], ids=len)
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    """A label or a name that is too long, or not ASCII, is told at once."""
    with pytest.raises(ValueError):  # noqa: PT011 - `UnicodeError` is one
        question(name, A)


def test_addresses_are_read() -> None:
    """Those of both kinds are found behind a CNAME, in their order."""
    asked = question("eu.example", A)
    answer = DNSRecord.parse(asked).reply()
    answer.add_answer(RR("eu.example", QTYPE.CNAME, rdata=dnslib.CNAME("a.cdn.example")))
    answer.add_answer(RR("a.cdn.example", QTYPE.A, rdata=dnslib.A("192.0.2.7")))
    answer.add_answer(RR("a.cdn.example", QTYPE.AAAA, rdata=dnslib.AAAA("2001:db8::7")))
    datagram = bytes(answer.pack())
    assert is_reply_to(datagram, asked)
    assert read_reply(datagram, asked) == Reply(0, ("192.0.2.7", "2001:db8::7"))


def test_an_error_is_read() -> None:
    """An answer that has no question in it is one, too: some servers refuse so."""
    asked = question("eu.example", A)
    bare = asked[:2] + bytes([0x81, 0x80 | NXDOMAIN]) + bytes(8)
    assert is_reply_to(bare, asked)
    assert read_reply(bare, asked) == Reply(NXDOMAIN, ())


def test_strangers_are_no_reply() -> None:
    """Another number, another name, the question itself: none of these answers it."""
    asked = question("eu.example", A)
    reply = bytes(DNSRecord.parse(asked).reply().pack())
    assert not is_reply_to(asked, asked)
    assert not is_reply_to(bytes([reply[0] ^ 1]) + reply[1:], asked)
    assert not is_reply_to(reply[:12] + b"\x02us" + reply[15:], asked)
    assert not is_reply_to(b"", asked)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail: bytes) -> None:
    """Whatever follows a right beginning, reading ends, with a reply or with `BadReply`."""
    asked = question("eu.example", A)
    datagram = asked[:2] + b"\x81\x80" + asked[4:6] + b"\xff\xff" + asked[8:] + tail
    with contextlib.suppress(BadReply):
        assert len(read_reply(datagram, asked).addresses) <= len(tail)
