"""What a PAC answers, what it is told, and what its answer means."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pac_cases import CASES, Case, returning
from tests.protocols.pac import ask, fault, needs_pac
from wsconn._protocols.pac import PacFailed, Way, decode, ways

KINDS = {"http": "PROXY", "https": "HTTPS", "socks4": "SOCKS", "socks5": "SOCKS5"}


def as_in_a_log(way: Way) -> str:
    host = f"[{way.host}]" if ":" in way.host else way.host
    return "DIRECT" if way.scheme == "direct" else f"{KINDS[way.scheme]} {host}:{way.port}"


@needs_pac
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_table(case: Case) -> None:
    """Each file chooses the way that it chooses in Chromium; one that fails is for the direct way there."""
    try:
        answer = ask(decode(case.script, case.charset), case.url)
    except PacFailed:
        answer = "DIRECT"
    assert ";".join(map(as_in_a_log, ways(answer))) == case.route


URLS = {
    "wss://user:word@H.test:443/path?query#fragment": ("wss://h.test/", "h.test"),
    "wss://h.test:444": ("wss://h.test:444/", "h.test"),
    "wss://[FD00::7]:444/": ("wss://[fd00::7]:444/", "fd00::7"),
    "ws://h.test:80": ("ws://h.test/", "h.test"),
    "ws://[::1]/path?query": ("ws://[::1]/path?query", "::1"),
    "https://h.test/path": ("https://h.test/", "h.test"),
}


@needs_pac
@pytest.mark.parametrize(("url", "seen"), URLS.items(), ids=URLS.keys())
def test_what_a_script_is_told(url: str, seen: tuple[str, str]) -> None:
    """Of a URL over TLS neither path nor query, and never a login or a fragment."""
    assert tuple(ask(returning("url + ' ' + host"), url).split()) == seen


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the install line is told."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert fault("") == 'the extra pac is not installed: pip install "wsconn[pac]"'


TEXTS: Mapping[str, tuple[bytes, str | None, str]] = {
    "Latin-1": (b"\xfc", None, "ü"),
    "a mark of UTF-8": (b"\xef\xbb\xbf\xc3\xbc", None, "ü"),
    "a mark of UTF-16": ("\ufeffü".encode("utf-16-be"), None, "ü"),
    "a charset": (b"\xc3\xbc", "UTF-8", "ü"),
    "a charset of Windows": (b"\x80", " windows-1252", "€"),
    "not that charset": (b"\xfc", "utf-8", "\ufffd"),
    "a charset that nobody knows": (b"\xfc", "iso-8859-99", "ü"),
    "a codec that is no charset": (b"\xfc", "unicode_escape", "ü"),
    "half a character": (b"\xff\xfea", None, "\ufffd"),
}


@pytest.mark.parametrize(("data", "charset", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_the_text_of_a_file(data: bytes, charset: str | None, text: str) -> None:
    """A mark at its beginning says what it is written in, else its media type does, else it is Latin-1."""
    assert decode(data, charset) == text


PIECES = [
    *("PROXY", "DIRECT", "SOCKS5", "https", " ", "\t", ";", ":", "[", "]", "::1", "a.test", "80", "70000", "@", "/"),
    *("\n", "\0", "é", "10.0.0.1", "x" * 300),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text())
def test_any_answer(answer: str) -> None:
    """Whatever a PAC answers, a few ways come of it, each fit to be tried."""
    found = ways(answer)
    assert 1 <= len(found) <= 20
    for way in found:
        assert way.scheme in ("direct", *KINDS)
        assert (way.scheme == "direct") == (way.host == "")
        assert 0 <= way.port < 65536
        assert way.host.isascii()
        assert way.host.isprintable()
        assert len(way.host) <= 253


def test_a_long_list() -> None:
    """Nobody waits for thousands of proxies to fail."""
    assert len(ways("PROXY a.test:1;" * 4000)) == 20
