"""How text that others wrote is shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import hypothesis
import pytest
from hypothesis import strategies as st

from wsconn._text import LONGEST, UNSEEN, host_port, redact, redact_url, sanitize, without_query

any_text = st.text(st.characters(exclude_categories=()))


@hypothesis.given(
    any_text | st.binary() | any_text.map(lambda text: text * 100) | st.binary().map(lambda data: data * 100)
)
def test_shown_text_is_safe(text: str | bytes) -> None:
    """Whatever a peer sends is shown on one line of at most 200 characters, without any that steers a terminal."""
    safe = sanitize(text)
    assert safe.isprintable()
    assert len(safe) <= LONGEST


@hypothesis.given(
    st.text(
        st.characters(exclude_categories=["C", "Z", "M"]).filter(lambda c: not re.match(UNSEEN, c)), max_size=LONGEST
    )
)
def test_short_text_is_shown_as_it_is(text: str) -> None:
    """Text that is printable and short is not touched, given as bytes as well."""
    assert sanitize(text) == text
    assert sanitize(text.encode()) == text


@pytest.mark.parametrize("piece", ["a", "ä", "東", "🏁", "\n", "\x00", "\u202e"], ids=ascii)
@pytest.mark.parametrize("encode", [str, str.encode], ids=["str", "bytes"])
def test_text_that_is_cut_says_so(piece: str, encode: type[str]) -> None:
    """Where something is left out the text ends with an ellipsis."""
    assert sanitize(encode(piece * (LONGEST + 1))).endswith("…")
    assert sanitize(encode(piece * 10_000)).endswith("…")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202eabc", r"\u202eabc"),
        ("\ud800", r"\ud800"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\x00", r"\x00"),
        ("\U000e0001", r"\U000e0001"),
        ("a\u200db\ufeff", r"a\u200db\ufeff"),
        ("a\u3164b\uffa0\u2800", r"a\u3164b\uffa0\u2800"),
        ("a\ufe0f\U000e0101", r"a\ufe0f\U000e0101"),
        ("e" + "\u0301" * 4, "e" + "\u0301" * 4),
        ("e" + "\u0301" * 6 + "f\u0301", "e" + "\u0301" * 4 + r"\u0301\u0301" + "f\u0301"),
        ("a\u20dd" * 3, "a\u20dd" * 3),
        ("\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd"),
        ("สวัสดี हिन्दी Việt 東京", "สวัสดี हिन्दी Việt 東京"),
    ],
    ids=ascii,
)
def test_what_is_not_printable_is_escaped(text: str | bytes, expected: str) -> None:
    """Control characters, bidirectional ones and broken bytes are shown as Python writes them."""
    assert sanitize(text) == expected


@hypothesis.given(any_text, st.text(min_size=4, max_size=300), any_text)
def test_a_secret_that_is_repeated_is_hidden(before: str, secret: str, after: str) -> None:
    """Wherever it stands, and where it was cut: no more than three characters of it are told."""
    told = redact(sanitize(before + secret + after), [secret])
    assert sanitize(secret[:4]) not in told or sanitize(secret[:4]) in sanitize(before) + sanitize(after) + "…"
    assert len(told) <= LONGEST + 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("bad token S3CRETS", "bad token …"),
        ("/room?token=S3CRETS gone", "/room?… gone"),
        ("S3CRETS S3CRETS", "… …"),
        ("x" * 193 + "S3CRETS", "x" * 193 + "…"),
        ("x" * 194 + "S3CRETS", "x" * 194 + "…"),
        ("x" * 196 + "S3CRETS", "x" * 196 + "S3C…"),
        ("nothing", "nothing"),
    ],
)
def test_how_a_secret_is_hidden(said: str, expected: str) -> None:
    """A query leaves its mark, a secret an ellipsis, and what is short is no secret."""
    assert redact(sanitize(said), ["S3CRETS", "?token=S3CRETS", "thi", ""]) == expected


@pytest.mark.parametrize("sent", ["utf-8", "latin-1"])
@pytest.mark.parametrize("read", ["utf-8", "latin-1"])
def test_a_secret_is_found_however_it_is_encoded(sent: str, read: str) -> None:
    """A peer writes it in UTF-8 or in Latin-1, and what it says may be read as the other."""
    said = "no login pässwörtS3CRET here".encode(sent).decode(read, "backslashreplace")
    assert redact(sanitize(said), ["pässwörtS3CRET"]) == "no login … here"


plain = st.text(st.sampled_from("abcXYZ019-._~"), min_size=1, max_size=10)
secrets = st.text(st.sampled_from("!$&'()*+,;=:%éß東 \t\x00"), max_size=6).map(lambda text: f"s3{text}cret")


@hypothesis.given(st.sampled_from(["ws", "wss", "http", "socks5h", "gopher"]), plain, secrets, secrets, secrets)
def test_redacted_urls_tell_no_secret(scheme: str, host: str, user: str, password: str, query: str) -> None:
    """Of a URL neither userinfo nor query nor fragment is shown, and the host is."""
    for url in (
        f"{scheme}://{user}@{host}/",
        f"{scheme}://me:{password}@{host}/a",
        f"{scheme}://{user}:{password}@{host}:80/a?{query}",
        f"{scheme}://{host}/a?{query}",
        f"{scheme}://{host}?{query}#{query}",
        f"{scheme}://{host}/#{query}",
        f"me:{password}@{host}:3128",
    ):
        told = redact_url(url)
        assert "s3" not in told
        assert "cret" not in told
        assert host in told
        assert told.isprintable()


@pytest.mark.parametrize("at", ["/", "//", "?", "#", "@", "://", "\\", " ", "/a@"], ids=repr)
def test_redacted_urls_tell_no_secret_that_is_not_quoted(at: str) -> None:
    """A password with a character that ends a host is the usual mistake: none of its parts is shown."""
    told = redact_url(f"http://me:s3{at}cret@proxy.example:3128/")
    assert "s3" not in told
    assert "cret" not in told


@pytest.mark.parametrize(
    "query", ["mail=me@s3cret", "to=//s3cret", "to=http://me:x@s3cret/", "a@b//c@s3cret"], ids=repr
)
def test_redacted_urls_tell_no_query_with_such_characters(query: str) -> None:
    """A query may hold anything: none of it is shown."""
    for url in (f"wss://h.example/?{query}", f"wss://h.example?{query}", f"wss://h.example/#{query}"):
        assert "s3cret" not in redact_url(url)


@hypothesis.given(any_text)
def test_redacted_takes_any_text(text: str) -> None:
    """What is no URL at all is shown safely too."""
    told = redact_url(text)
    assert told.isprintable()
    assert len(told) <= LONGEST


@hypothesis.given(plain, plain, any_text, any_text)
def test_a_query_is_left_out(host: str, path: str, query: str, fragment: str) -> None:
    """`without_query` gives what is before the query or the fragment, and no more."""
    url = f"wss://{host}/{path}"
    assert without_query(f"{url}?{query}#{fragment}") == without_query(f"{url}#{fragment}?{query}") == url
    assert without_query(url) == url


@hypothesis.given(st.ip_addresses().map(str) | plain, st.integers(0, 65535))
def test_host_and_port_can_be_read_back(host: str, port: int) -> None:
    """An IPv6 address gets its brackets, and the standard library finds host and port again."""
    told = host_port(host, port)
    parts = urlsplit(f"//{told}")
    assert (parts.hostname, parts.port) == (host.lower(), port)
    assert bool(re.match(r"\[", told)) is (":" in host)
