"""Which targets a pattern allows, and which patterns are refused."""

from __future__ import annotations

import pytest

from wsconn._regions import parse_url
from wsconn.fleet._exporter.allowed import Pattern

FITS = [
    ("wss://*.example.org", "wss://eu.example.org/"),
    ("wss://*.example.org", "wss://a.b.example.org/any/path?and=query"),
    ("wss://*.example.org", "wss://EU.Example.ORG./"),
    ("wss://chat.example.org:8443", "wss://chat.example.org:8443/rooms"),
    ("wss://*.example.org./", "wss://eu.example.org/"),
    ("wss://chat.example.org/echo", "wss://chat.example.org/echo?token=1"),
    ("ws://10.0.0.7:9000/", "ws://10.0.0.7:9000/x"),
    ("wss://[2001:db8::1]/", "wss://[2001:db8::1]/"),
]
FITS_NOT = [
    ("wss://*.example.org", "wss://example.org/"),
    ("wss://*.example.org", "ws://eu.example.org/"),
    ("wss://*.example.org", "wss://eu.example.org:8443/"),
    ("wss://*.example.org", "wss://eu.example.org.evil.example/"),
    ("wss://*.example.org", "wss://evilexample.org/"),
    ("wss://*.example.org", "wss://[::1%25eth0.example.org]/"),
    ("wss://chat.example.org:8443", "wss://chat.example.org/"),
    ("wss://chat.example.org/echo", "wss://chat.example.org/echo/../admin"),
    ("wss://chat.example.org/echo", "wss://chat.example.org/%2e%2e/echo"),
    ("wss://chat.example.org/echo", "wss://chat.example.org/echoes"),
    ("ws://10.0.0.7/", "ws://10.0.0.77/"),
]
REFUSED = [
    ("wss://*", "star"),
    ("wss://*/", "star"),
    ("wss://*.org", "fits too much"),
    ("wss://*.org./", "fits too much"),
    ("wss://*.0.0.7/", "fits too much"),
    ("wss://a.*.example.org", "star"),
    ("wss://eu*.example.org", "star"),
    ("wss://*.example.org/*", "star"),
    ("https://*.example.org", "must begin with ws:// or wss://"),
    ("wss://user:secret@example.org/", "user name or password"),
    ("wss://example.org/?token=secret", "no query"),
    ("*.example.org", "star"),
    (7, "must be a string"),
]


@pytest.mark.parametrize(("pattern", "target"), FITS)
def test_a_pattern_allows_what_it_names(pattern: str, target: str) -> None:
    """A star stands for one label or more at the beginning of the host; without a path any path will do."""
    assert Pattern.parse(pattern).fits(parse_url(target))


@pytest.mark.parametrize(("pattern", "target"), FITS_NOT)
def test_a_pattern_allows_nothing_else(pattern: str, target: str) -> None:
    """Scheme and port count, a host only whole, and no path leads out of the one that is named."""
    assert not Pattern.parse(pattern).fits(parse_url(target))


@pytest.mark.parametrize(("pattern", "said"), REFUSED)
def test_a_pattern_for_everything_is_refused(pattern: object, said: str) -> None:
    """What would allow every host, or is no URL, raises, and no secret is in the message."""
    with pytest.raises(ValueError, match=said) as caught:
        Pattern.parse(pattern)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("pattern", ["wss://*.example.org/", "ws://10.0.0.7:9000/x", "wss://[2001:db8::1]/"])
def test_a_pattern_is_shown_as_it_was_written(pattern: str) -> None:
    """The text of a pattern reads back as the same one."""
    assert str(Pattern.parse(pattern)) == pattern
