"""The door: what `start`, `Region` and `Discovery` take, what they refuse, in which words, and what they never tell."""

from __future__ import annotations

import inspect
import math
import pickle
import re
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import hypothesis
import pytest
from hypothesis import strategies as st

import wsconn
from wsconn import Cause, ConnectivityTest, Discovery, InvalidRegionError, Region, Stage, Status
from wsconn._regions import Target, parse_url, to_regions
from wsconn.lab import Lab, faults

URL = "wss://h.example/"
SECRET = "s3cret"
UNFIT = re.compile(r"[\s\x00-\x20\x7f-\x9f]")

any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates too: `os.environ` can hold them
nasty_text = st.text(st.sampled_from("aZ09-._~:/?#[]@!$&'()*+,;=%\\<>\"{}|^` \t\r\n\x00\x7f\x85\xa0é東\u200b\ud800٣"))


@pytest.fixture(scope="module")
def refused() -> Iterator[str]:
    """A URL that answers at once: nobody listens there."""
    with Lab() as lab:
        yield lab.add("region", fault=faults.REFUSED)


def start(regions: Any, **options: Any) -> ConnectivityTest:
    """Start a test that does not depend on the proxy settings of whoever runs it."""
    return wsconn.start(regions, **{"proxy": None, **options})


def refusal(expected: type[Exception], call: Any, *args: Any, **options: Any) -> str:
    """Return the message of the exception; no thread was begun before it, and its traceback tells no secret."""
    before = threading.active_count()
    with pytest.raises(expected) as caught:
        call(*args, **options)
    assert threading.active_count() <= before
    assert type(caught.value) is expected
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


# --- regions ---------------------------------------------------------------------------------------------------------

BAD_URLS = {
    "another scheme": ("https://h.example/", ["https://h.example/", "ws://"]),
    "no scheme": ("h.example", ["h.example", "ws://"]),
    "no slashes": ("wss:h.example", ["wss:h.example"]),
    "nothing": ("", ["''"]),
    "no host": ("wss://", ["no host"]),
    "no host but a path": ("wss:///path", ["wss:///path", "no host"]),
    "no host but a port": ("wss://:443/", ["no host"]),
    "no host but a query": ("wss://?a=b", ["no host"]),
    "port 0": ("wss://h.example:0/", ["port", "'0'"]),
    "port too large": ("wss://h.example:65536/", ["port", "65536"]),
    "port far too large": (f"wss://h.example:{'9' * 5000}/", ["port"]),
    "port with a sign": ("wss://h.example:+443/", ["port", "+443"]),
    "port in words": ("wss://h.example:https/", ["port", "https"]),
    "port in hex": ("wss://h.example:0x1bb/", ["port", "0x1bb"]),
    "port with a separator": ("wss://h.example:4_43/", ["port", "4_43"]),
    "port in other digits": ("wss://h.example:٤٤٣/", ["ASCII"]),
    "empty port": ("wss://h.example:/", ["port"]),
    "fragment": ("wss://h.example/#top", ["wss://h.example/", "fragment"]),
    "empty fragment": ("wss://h.example/#", ["fragment"]),
    "user": ("wss://me@h.example/", ["h.example", "user name"]),
    "user and password": (f"wss://me:{SECRET}@h.example/", ["h.example", "user name"]),
    "empty user": ("wss://@h.example/", ["h.example", "user name"]),
    "space before": (" wss://h.example/", ["white space"]),
    "space behind": ("wss://h.example/ ", ["white space"]),
    "space inside": ("wss://h.example/a b", ["white space"]),
    "space in the host": ("wss://h example/", ["white space"]),
    "no-break space": ("wss://h.example/a\xa0b", ["white space"]),
    "tab in the path": ("wss://h.example/a\tb", ["white space", r"\t"]),
    "tab in the host": ("wss://h.exa\tmple/", ["white space", r"\t"]),
    "tab in the scheme": ("w\tss://h.example/", ["white space"]),
    "line end in the path": ("wss://h.example/a\nb", ["white space", r"\n"]),
    "line end behind": ("wss://h.example/\n", ["white space"]),
    "carriage return": ("wss://h.example/\rSet-Cookie:a", ["control character"]),
    "NUL": ("wss://h.example/\x00", ["control character", r"\x00"]),
    "DEL": ("wss://h.example/\x7f", ["control character"]),
    "C1": ("wss://h.example/\x85", ["control character"]),
    "umlaut": ("wss://bücher.example/", ["bücher.example", "xn--"]),
    "full-width dot": ("wss://h。example/", ["xn--"]),
    "lone surrogate in the host": ("wss://h\ud800.example/", ["xn--"]),
    "lone surrogate in the path": ("wss://h.example/\ud800", ["url"]),
    "lone surrogate in the query": ("wss://h.example/?a=\ud800", ["url"]),
    "unclosed bracket": ("wss://[::1/", ["host"]),
    "unopened bracket": ("wss://::1]/", ["host"]),
    "bare IPv6": ("wss://2001:db8::1/", ["host"]),
    "no IPv6": ("wss://[::g]/", ["host"]),
    "too much IPv6": ("wss://[1:2:3:4:5:6:7:8:9]/", ["host"]),
    "IPv4 in brackets": ("wss://[192.0.2.1]/", ["host"]),
    "name in brackets": ("wss://[h.example]/", ["host"]),
    "something behind the bracket": ("wss://[::1]h/", ["host"]),
    "backslash": ("wss://h.example\\evil.example/", ["host"]),
    "quoted host": ("wss://h%2Eexample/", ["host"]),
    "two hosts": ("wss://a.example,b.example/", ["host"]),
    "None": (None, ["url", "None"]),
    "int": (5, ["url", "5"]),
    "bytes": (b"wss://h.example/", ["url", "bytes"]),
}


@pytest.mark.parametrize(("url", "facts"), BAD_URLS.values(), ids=BAD_URLS.keys())
def test_bad_urls_are_refused(url: Any, facts: list[str]) -> None:
    """A URL that is not fit is refused at the door, by region, argument, value and reason."""
    message = refusal(InvalidRegionError, start, {"good": URL, "my region": url})
    assert "'my region'" in message
    assert "good" not in message
    assert message.isprintable()
    assert [fact for fact in facts if fact not in message] == []


ALSO_AS = {
    "alternate": lambda url: Region("my region", URL, alternates=[URL, url]),
    "discovery": lambda url: Discovery(url.replace("wss://", "https://"), "/a"),
}


@pytest.mark.parametrize("make", ALSO_AS.values(), ids=ALSO_AS.keys())
@pytest.mark.parametrize(
    "url", [url for url, _ in BAD_URLS.values() if isinstance(url, str) and url.startswith("wss://")], ids=ascii
)
def test_bad_urls_are_refused_elsewhere_too(make: Any, url: str) -> None:
    """An alternate and a discovery's address are held to the same rules."""
    assert refusal(InvalidRegionError, make, url).isprintable()


BAD_REGIONS = {
    "no regions": ({}, ["regions"]),
    "an empty list": ([], ["regions"]),
    "an empty iterator": (iter(()), ["regions"]),
    "a name twice": ([Region("a", URL), Region("b", URL), Region("a", URL)], ["'a'", "twice"]),
    "a name that is empty": ({"": URL}, ["name", "empty"]),
    "a name with a line end": ({"a\nb": URL}, ["name", r"a\nb"]),
    "a name with NUL": ({"a\x00": URL}, ["name", r"a\x00"]),
    "a name with DEL": ({"a\x7f": URL}, ["name"]),
    "a name with an escape": ({"\x1b[31mred": URL}, ["name", r"\x1b[31mred"]),
    "a name with C1": ({"a\x9b": URL}, ["name"]),
    "a name that is None": ({None: URL}, ["name", "None"]),
    "a name that is an int": ({5: URL}, ["name", "5"]),
    "an int": (5, ["regions", "5"]),
    "bytes": (b"daily", ["regions", "daily"]),
    "pairs": ([("a", URL)], ["regions", "Region"]),
    "URLs": ([URL], ["regions", "Region"]),
    "one Region": (Region("a", URL), ["regions", "Region"]),
    "no catalogue": ("marsnet", ["marsnet"]),
}


@pytest.mark.parametrize(("regions", "facts"), BAD_REGIONS.values(), ids=BAD_REGIONS.keys())
def test_bad_regions_are_refused(regions: Any, facts: list[str]) -> None:
    """What is no set of named regions is refused, and the message says what was given."""
    message = refusal(InvalidRegionError, start, regions)
    assert message.isprintable()
    assert [fact for fact in facts if fact not in message] == []


BAD_RECORDS = {
    "neither url nor discovery": (lambda: Region("a"), ["'a'", "url", "discovery"]),
    "both": (lambda: Region("a", URL, discovery=Discovery("https://d.example/", "/a")), ["'a'", "url", "discovery"]),
    "alternates as a str": (
        lambda: Region("a", URL, alternates="wss://i.example/"),
        ["alternates", "wss://i.example/"],
    ),
    "alternates as bytes": (lambda: Region("a", URL, alternates=b"wss://i.example/"), ["alternate"]),
    "alternates as an int": (lambda: Region("a", URL, alternates=5), ["alternates", "5"]),
    "alternates of ints": (lambda: Region("a", URL, alternates=[5]), ["'a'", "alternate", "5"]),
    "discovery as a str": (lambda: Region("a", discovery="https://d.example/"), ["'a'", "discovery"]),
    "discovery over plain http": (lambda: Discovery("http://d.example/", "/a"), ["http://d.example/", "https"]),
    "discovery over http, nearly loopback": (lambda: Discovery("http://127.example/", "/a"), ["https"]),
    "discovery over wss": (lambda: Discovery(URL, "/a"), [URL, "https"]),
    "discovery of None": (lambda: Discovery(None, "/a"), ["url", "None"]),
    "pointer without a slash": (
        lambda: Discovery("https://d.example/", "worker/wssUri"),
        ["'worker/wssUri' is not a JSON pointer (RFC 6901)", "begin with '/'"],
    ),
    "pointer with a bad escape": (
        lambda: Discovery("https://d.example/", "/a~2"),
        ["pointer '/a~2' is", "'~' as ~0 or ~1"],
    ),
    "pointer that ends in ~": (lambda: Discovery("https://d.example/", "/a~"), ["pointer", "/a~"]),
    "pointer that is None": (lambda: Discovery("https://d.example/", None), ["pointer", "None"]),
}


@pytest.mark.parametrize(("make", "facts"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_bad_records_are_refused(make: Any, facts: list[str]) -> None:
    """A `Region` or `Discovery` that cannot be tested is never made."""
    message = refusal(InvalidRegionError, make)
    assert message.isprintable()
    assert [fact for fact in facts if fact not in message] == []


GOOD_URLS = {  # URL: scheme, host, port, resource, authority
    "ws://h": ("ws", "h", 80, "/", "h"),
    "wss://h.example": ("wss", "h.example", 443, "/", "h.example"),
    "WSS://H.Example/A": ("wss", "h.example", 443, "/A", "h.example"),
    "wss://h.example./": ("wss", "h.example.", 443, "/", "h.example."),
    "ws://h:443/": ("ws", "h", 443, "/", "h:443"),
    "wss://h:80/": ("wss", "h", 80, "/", "h:80"),
    "wss://h:443/": ("wss", "h", 443, "/", "h"),
    "wss://h:00443/": ("wss", "h", 443, "/", "h"),
    "ws://h:65535": ("ws", "h", 65535, "/", "h:65535"),
    "ws://h?a=b": ("ws", "h", 80, "/?a=b", "h"),
    "ws://h/a=1,b?c=d/e;f?g@h:i": ("ws", "h", 80, "/a=1,b?c=d/e;f?g@h:i", "h"),
    "ws://h//a//b": ("ws", "h", 80, "//a//b", "h"),
    "ws://h/@me:you": ("ws", "h", 80, "/@me:you", "h"),
    "ws://h/%C3%A4%2F%": ("ws", "h", 80, "/%C3%A4%2F%", "h"),
    "ws://h/ä?ö=東": ("ws", "h", 80, "/%C3%A4?%C3%B6=%E6%9D%B1", "h"),
    'ws://h/{a}|<b>"^`\\': ("ws", "h", 80, "/%7Ba%7D%7C%3Cb%3E%22%5E%60%5C", "h"),
    "ws://[::1]/": ("ws", "::1", 80, "/", "[::1]"),
    "ws://[::1]:8080/": ("ws", "::1", 8080, "/", "[::1]:8080"),
    "ws://[2001:DB8::1]/": ("ws", "2001:db8::1", 80, "/", "[2001:db8::1]"),
    "ws://[::ffff:192.0.2.1]:1/": ("ws", "::ffff:192.0.2.1", 1, "/", "[::ffff:192.0.2.1]:1"),
    "ws://192.0.2.1:8080/": ("ws", "192.0.2.1", 8080, "/", "192.0.2.1:8080"),
    "wss://xn--bcher-kva.example/": ("wss", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
    "ws://under_score.example/": ("ws", "under_score.example", 80, "/", "under_score.example"),
    f"ws://{'a' * 300}/": ("ws", "a" * 300, 80, "/", "a" * 300),
}


@pytest.mark.parametrize(("url", "expected"), GOOD_URLS.items(), ids=[url[:40] for url in GOOD_URLS])
def test_good_urls_are_taken_apart(url: str, expected: tuple[str, str, int, str, str]) -> None:
    """A URL that a server can be asked with is taken as it is, and kept as it was given."""
    target = parse_url(url)
    assert (target.scheme, target.host, target.port, target.resource, target.authority) == expected
    assert target.secure is (expected[0] == "wss")
    assert Region("a", url).url == url


def test_a_zone_is_for_this_machine_alone() -> None:
    """A zone goes to the system with the address, and never to the server (RFC 6874, section 4; RFC 9110, 7.2)."""
    target = parse_url("ws://[fe80::1%25eth0]:8080/")
    assert (target.host, target.port) == ("fe80::1%eth0", 8080)
    assert target.authority == "[fe80::1]:8080"


GOOD_NAMES = [
    "eu-central-1",
    "a b",
    " ",
    "Zürich",
    "東京",
    "🏁",
    "a/b?c#d",
    "None",
    "0",
    "x" * 500,
    "Z\xa0rich",
    "n\u200cm",
]


def test_names_are_opaque() -> None:
    """Any text without control characters may name a region."""
    assert [region.name for region in to_regions(dict.fromkeys(GOOD_NAMES, URL))] == GOOD_NAMES


def test_records_are_taken_from_any_iterable() -> None:
    """A generator of regions is read once and in order; alternates become a tuple."""
    regions = to_regions(Region(name, URL, alternates=[URL]) for name in "cab")
    assert [region.name for region in regions] == ["c", "a", "b"]
    assert regions[0].alternates == (URL,)


GOOD_DISCOVERIES = [
    ("https://d.example/a?b=c", "/worker/wssUri"),
    ("http://127.0.0.1:8080/", "/a~0b~1c/0"),
    ("http://127.8.9.10/", ""),
    ("http://[::1]:8080/", "/ä b"),
    ("http://localhost/", "/"),
]


@pytest.mark.parametrize(("url", "pointer"), GOOD_DISCOVERIES, ids=[url for url, _ in GOOD_DISCOVERIES])
def test_good_discoveries_are_accepted(url: str, pointer: str) -> None:
    """`https` anywhere, `http` on loopback; the pointer is any of RFC 6901, the whole document included."""
    region = Region("a", discovery=Discovery(url, pointer))
    assert (region.url, region.discovery) == (None, Discovery(url, pointer))


# --- the other arguments ---------------------------------------------------------------------------------------------

CONTROLS = ["\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\x85"]
BAD_SECONDS = {
    "a bool": (True, TypeError),
    "another bool": (False, TypeError),
    "a str": ("5", TypeError),
    "a complex": (1j, TypeError),
    "not a number": (math.nan, ValueError),
    "infinite": (math.inf, ValueError),
    "less than infinite": (-math.inf, ValueError),
    "zero": (0, ValueError),
    "minus zero": (-0.0, ValueError),
    "negative": (-1, ValueError),
    "more than a day": (86_400.001, ValueError),
    "more than a float holds": (10**400, ValueError),
    "more digits than Python writes": (10**5000, ValueError),
}
BAD_OPTIONS: dict[str, tuple[dict[str, Any], type[Exception], list[str]]] = {
    **{
        f"{name} is {what}": ({name: value}, error, [name, repr(value)[:60] if value != 10**5000 else ""])
        for name in ("timeout", "total_timeout")
        for what, (value, error) in BAD_SECONDS.items()
    },
    "timeout is None": ({"timeout": None}, TypeError, ["timeout", "None"]),
    "max_workers is zero": ({"max_workers": 0}, ValueError, ["max_workers", "0"]),
    "max_workers is negative": ({"max_workers": -1}, ValueError, ["max_workers", "-1"]),
    "max_workers has too many digits": ({"max_workers": -(10**5000)}, ValueError, ["max_workers", "digits"]),
    "verify_frames has too many digits": ({"verify_frames": 10**5000}, TypeError, ["verify_frames", "digits"]),
    "origin has too many digits": ({"origin": 10**5000}, TypeError, ["origin", "digits"]),
    "a subprotocol has too many digits": ({"subprotocols": [10**5000]}, TypeError, ["subprotocols", "digits"]),
    "a header's name has too many digits": ({"headers": {10**5000: ""}}, TypeError, ["headers", "digits"]),
    "on_outcome has too many digits": ({"on_outcome": 10**5000}, TypeError, ["on_outcome", "digits"]),
    "origin is a URL with a token": ({"origin": f"https://o.example?{SECRET}".encode()}, TypeError, ["origin"]),
    "max_workers is a bool": ({"max_workers": True}, TypeError, ["max_workers", "True"]),
    "max_workers is a float": ({"max_workers": 2.0}, TypeError, ["max_workers", "2.0"]),
    "verify_frames is an int": ({"verify_frames": 1}, TypeError, ["verify_frames", "1"]),
    "verify_frames is None": ({"verify_frames": None}, TypeError, ["verify_frames", "None"]),
    "proxy is False": ({"proxy": False}, TypeError, ["proxy", "False"]),
    "proxy is an int": ({"proxy": 3128}, TypeError, ["proxy", "3128"]),
    "proxy is bytes": ({"proxy": b"http://p"}, TypeError, ["proxy", "http://p"]),
    "proxy is empty": ({"proxy": ""}, ValueError, ["proxy", "''"]),
    "proxy is the command line's word": ({"proxy": "none"}, ValueError, ["proxy", "'none'", "proxy=None"]),
    "proxy is None in a text": ({"proxy": "None"}, ValueError, ["proxy", "'None'", "proxy=None"]),
    "proxy over QUIC": ({"proxy": "quic://p.example"}, ValueError, ["proxy", "quic://p.example"]),
    "proxy of another kind": ({"proxy": "ftp://p.example"}, ValueError, ["proxy", "ftp", "socks5h"]),
    "proxy without a host": ({"proxy": "http://"}, ValueError, ["proxy", "http://", "host"]),
    "proxy with a path": ({"proxy": "http://p.example/pac"}, ValueError, ["proxy", "http://p.example"]),
    "proxy with a large port": ({"proxy": "http://p.example:65536"}, ValueError, ["proxy", "port"]),
    "proxy with port 0": ({"proxy": "http://p.example:0"}, ValueError, ["proxy", "port"]),
    "proxy with a port in words": ({"proxy": "http://p.example:squid"}, ValueError, ["proxy", "port"]),
    "proxy with a space": ({"proxy": "http://p.example "}, ValueError, ["proxy", "white space"]),
    "proxy with a tab": ({"proxy": "http://p.exa\tmple"}, ValueError, ["proxy", "control character"]),
    "proxy with an umlaut": ({"proxy": "http://bücher.example"}, ValueError, ["proxy", "xn--"]),
    "ssl_context is a bool": ({"ssl_context": True}, TypeError, ["ssl_context", "True"]),
    "proxy_ssl_context is a bool": ({"proxy_ssl_context": True}, TypeError, ["proxy_ssl_context", "True"]),
    "proxy_ssl_context is a path": ({"proxy_ssl_context": "ca.pem"}, TypeError, ["proxy_ssl_context", "ca.pem"]),
    "ssl_context is a path": ({"ssl_context": "ca.pem"}, TypeError, ["ssl_context", "ca.pem"]),
    "headers is a str": ({"headers": "A: b"}, TypeError, ["headers"]),
    "headers is an int": ({"headers": 5}, TypeError, ["headers", "int"]),
    "headers is lines": ({"headers": ["A: b"]}, TypeError, ["headers"]),
    "headers is words of two letters": ({"headers": ["Ab"]}, TypeError, ["headers"]),
    "headers is triples": ({"headers": [("A", "b", "c")]}, TypeError, ["headers"]),
    "a header's name is bytes": ({"headers": {b"A": "b"}}, TypeError, ["headers", "A"]),
    "a header's value is bytes": ({"headers": {"A": b"b"}}, TypeError, ["headers", "A"]),
    "a header's value is None": ({"headers": {"A": None}}, TypeError, ["headers", "A"]),
    **{
        f"a header is called {name!r}": ({"headers": {name: "b"}}, ValueError, ["headers", repr(name)])
        for name in ("", "a b", "a:", "é", "a/b", "(a)")
    },
    **{
        f"a header is wsconn's own {name}": ({"headers": [("A", "b"), (name, "b")]}, ValueError, ["headers", name])
        for name in ("Host", "host", "CONNECTION", "Upgrade", "Sec-WebSocket-Key", "sec-websocket-protocol")
    },
    **{
        f"a header's name holds {char!r}": ({"headers": {f"a{char}": "b"}}, ValueError, ["headers", "a"])
        for char in CONTROLS
    },
    **{
        f"a header's value holds {char!r}": ({"headers": {"A": f"{SECRET}{char}"}}, ValueError, ["headers", "'A'"])
        for char in [*CONTROLS, "\ud800"]
    },
    "subprotocols is a str": ({"subprotocols": "chat"}, TypeError, ["subprotocols", "chat"]),
    "subprotocols is bytes": ({"subprotocols": b"chat"}, TypeError, ["subprotocols", "chat"]),
    "subprotocols is an int": ({"subprotocols": 5}, TypeError, ["subprotocols", "5"]),
    "a subprotocol is an int": ({"subprotocols": ["a", 5]}, TypeError, ["subprotocols", "5"]),
    "a subprotocol twice": ({"subprotocols": ["a", "b", "a"]}, ValueError, ["subprotocols", "'a'"]),
    **{
        f"a subprotocol is {name!r}": ({"subprotocols": ["a", name]}, ValueError, ["subprotocols"])
        for name in ("", "a b", "a,b", "é", *(f"c{char}" for char in CONTROLS))
    },
    "origin is an int": ({"origin": 5}, TypeError, ["origin", "5"]),
    "origin is bytes": ({"origin": b"https://o.example"}, TypeError, ["origin", "o.example"]),
    "origin is empty": ({"origin": ""}, ValueError, ["origin", "''"]),
    **{
        f"origin holds {char!r}": ({"origin": f"https://o.example{char}"}, ValueError, ["origin", "https://o.example"])
        for char in [*CONTROLS, "\ud800"]
    },
    "origin is given twice": (
        {"headers": [("A", "b"), ("oRIGIN", SECRET)], "origin": "https://o.example"},
        ValueError,
        ["origin", "headers", "oRIGIN"],
    ),
    "on_outcome is a str": ({"on_outcome": "print"}, TypeError, ["on_outcome", "'print'"]),
    "on_outcome is a list": ({"on_outcome": []}, TypeError, ["on_outcome", "a list"]),
}


@pytest.mark.parametrize(("options", "error", "facts"), BAD_OPTIONS.values(), ids=BAD_OPTIONS.keys())
def test_bad_options_are_refused(options: dict[str, Any], error: type[Exception], facts: list[str]) -> None:
    """Each is refused before any thread, in a message with the argument's name and value."""
    message = refusal(error, start, {"region": URL}, **options)
    assert message.isprintable()
    assert [fact for fact in facts if fact not in message] == []


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"timeout": 0}, "timeout"),
        ({"max_workers": "two"}, "max_workers"),
        ({"headers": {"Host": "h"}}, "headers"),
        ({"proxy": "ftp://p:1"}, "proxy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_names_the_argument_as_data(options: dict[str, Any], argument: str) -> None:
    """It is a plain `ValueError` or `TypeError`, and pickles; who has another name for it need not read the text."""
    with pytest.raises((ValueError, TypeError)) as raised:
        wsconn.start({"a": "ws://h.example/"}, **options)
    again = pickle.loads(pickle.dumps(raised.value))
    assert type(again) in (ValueError, TypeError)
    assert again.argument == argument
    assert str(again) == f"{argument}{again.wrong}"


def test_check_has_the_same_door() -> None:
    """What `start` refuses `check` refuses too, and what it takes and by what name is the same."""
    assert "timeout" in refusal(ValueError, wsconn.check, {"region": URL}, timeout=0)
    assert "my region" in refusal(InvalidRegionError, wsconn.check, {"my region": "h.example"})
    assert inspect.signature(wsconn.check).parameters == inspect.signature(wsconn.start).parameters


def test_only_regions_are_given_by_place() -> None:
    """Every argument but the first is given by name."""
    refusal(TypeError, wsconn.start, {"region": URL}, 5.0)
    refusal(TypeError, wsconn.check, {"region": URL}, 5.0)


GOOD_OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "the shortest timeout": {"timeout": 5e-324},
    "an int as timeout": {"timeout": 5},
    "a day": {"timeout": 86_400, "total_timeout": 86_400.0},
    "more workers than regions": {"max_workers": 10**9},
    "one worker": {"max_workers": 1},
    "no frames": {"verify_frames": False},
    "the environment's proxy": {"proxy": True},
    "a context for proxies": {"proxy_ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
    "a context": {"ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
    "no headers": {"headers": {}},
    "headers from an iterator": {"headers": iter([("A", "b"), ["C", "d"]])},
    "a header twice": {"headers": [("Cookie", "a=b"), ("cookie", "c=d"), ("Cookie", "e=f")]},
    "a header without a value": {"headers": {"A": ""}},
    "a header in other letters": {"headers": {"A": "Zürich 東京 🏁", "B": " b ", "C": "\xa0"}},
    "a header of odd letters": {"headers": {"!#$%&'*+-.^_`|~09azAZ": "b"}},
    "headers that only begin alike": {"headers": {"Hostname": "a", "Connection-Id": "b", "Sec-WebSockets": "c"}},
    "another user agent": {"headers": {"user-agent": "mine/1.0"}},
    "no subprotocols": {"subprotocols": []},
    "subprotocols": {"subprotocols": ("chat", "Chat", "v2.chat.example")},
    "no origin": {"origin": None},
    "a null origin": {"origin": "null"},
    "an origin": {"origin": "https://bücher.example"},
    "a callback": {"on_outcome": [].append},
}


@pytest.mark.parametrize("options", GOOD_OPTIONS.values(), ids=GOOD_OPTIONS.keys())
def test_good_options_are_accepted(refused: str, options: dict[str, Any]) -> None:
    """Odd arguments that make sense begin a test, which ends as it would without them."""
    with start({"region": refused}, **options) as test:
        (outcome,) = test.result(timeout=20).outcomes
    assert outcome.status is Status.FAILED
    assert outcome.failure is not None
    assert outcome.failure.stage in (Stage.CONNECT, Stage.RESOLVE)


# What a region may have of its own is held to the same rules; an empty Origin is its way to say none.
OF_A_REGION = {
    name: (options, facts)
    for name, (options, _, facts) in BAD_OPTIONS.items()
    if options.keys() <= {"headers", "subprotocols", "origin"} and name != "origin is empty"
}
BAD_SETTINGS: dict[str, tuple[dict[str, Any], list[str]]] = {
    **OF_A_REGION,
    **{
        f"connect_to is {place!r}": ({"connect_to": place}, ["connect_to", "HOST:PORT", "[2001:db8::7]:443"])
        for place in (
            *("", "h", "h:", ":443", "h:0", "h:65536", "h:https", "h:+1", "h:443/", "h:443?a", "wss://h:443", "h h:1"),
            *(
                "::1:443",
                "[::1]",
                "[::g]:443",
                "[192.0.2.1]:443",
                "a:443:b:443",
                "é:443",
                "h:٤٤٣",
                "h\n:443",
                "u@h:443",
            ),
        )
    },
    "connect_to is an int": ({"connect_to": 443}, ["connect_to", "443"]),
    "connect_to is bytes": ({"connect_to": b"h:443"}, ["connect_to", "h:443"]),
    **{
        f"source is {source!r}": ({"source": source}, ["source", "IP address of this machine"])
        for source in ("", "eth0", "h.example", "192.0.2", "192.0.2.5:80", "[::1]", "192.0.2.0/24", "0x7f.1", " ::1")
    },
    "source is an int": ({"source": 1}, ["source", "1"]),
    "allow is a str": ({"allow": "h:443"}, ["allow", "h:443"]),
    "allow is None": ({"allow": None}, ["allow", "None"]),
    "allow holds an int": ({"allow": [443]}, ["allow", "443"]),
    **{
        f"allow holds {entry!r}": ({"allow": ["h:443", entry]}, ["allow", "HOST:PORT"])
        for entry in ("", "h", "https://h:443", "h:0", "h:1-65536", "h:x", "h h:1", "h:443\n", "u@h:443", "h:443?a")
    },
    **{
        f"allow holds {entry!r}": ({"allow": [entry]}, [f"allow: '{entry}' must", hint])
        for entry, hint in (
            ("a:90-80", "the lower port first"),
            ("999.1.1.1/99:443", "an address or a network"),
            ("10.0.0.0/33:443", "an address or a network"),
            ("10.0.0:443", "an address or a network"),
            ("h.example/24:443", "an address or a network"),
            ("[fe80::/129]:443", "an address or a network"),
            ("[10.0.0.0/8]:443", "an address or a network"),
            ("fe80::/10:443", "in brackets, as in '[2001:db8::/32]:443'"),
            ("2001:db8::7:443", "in brackets, as in '[2001:db8::/32]:443'"),
        )
    },
    "help is an int": ({"help": 5}, ["help", "5"]),
    **{
        f"help is {page!r}": ({"help": page}, ["help", "https://"])
        for page in ("", "h.example", "http://h.example/", "https://", "https://u@h/", "https://h/\n", "javascript:a()")
    },
}


@pytest.mark.parametrize(("settings", "facts"), BAD_SETTINGS.values(), ids=map(ascii, BAD_SETTINGS))
def test_bad_settings_of_a_region_are_refused(settings: dict[str, Any], facts: list[str]) -> None:
    """Each is refused in a message with the region's name, the argument's and the value."""
    message = refusal(InvalidRegionError, Region, "my region", URL, **settings)
    assert message.startswith("region 'my region': ")
    assert message.isprintable()
    assert [fact for fact in facts if fact not in message] == []


GOOD_SETTINGS: dict[str, dict[str, Any]] = {
    **{
        name: options
        for name, options in GOOD_OPTIONS.items()
        if options.keys() <= {"headers", "subprotocols", "origin"}
    },
    "no Origin": {"origin": ""},
    **{
        f"a place, {place}": {"connect_to": place}
        for place in ("203.0.113.7:443", "h.example:1", "h.example.:65535", "[2001:db8::7]:443", "[fe80::1%25eth0]:80")
    },
    **{f"a source, {source}": {"source": source} for source in ("192.0.2.5", "2001:db8::5", "fe80::1%eth0", "0.0.0.0")},
    "what to allow": {
        "allow": ["*.h.example:443", "*-wss.h.example:443", "192.0.2.0/24:1-65535", "[2001:db8::/32]:443"],
    },
    "more to allow": {
        "allow": ["192.0.2.7/24:443", "192.0.2.7:80-80", "[2001:db8::7]:1", "*:443", "4.h.example:443", "1-2.h:9"],
    },
    "help": {"help": "https://h.example/a?b=c#d (read on 2026-11-28)"},
}


@pytest.mark.parametrize("settings", GOOD_SETTINGS.values(), ids=GOOD_SETTINGS.keys())
def test_good_settings_of_a_region_are_accepted(settings: dict[str, Any]) -> None:
    """What makes sense is kept as it was given, and survives a pickle."""
    region = Region("a", URL, **settings)
    assert pickle.loads(pickle.dumps(region)) == region


def sent(*headers: tuple[str, str], origin: str | None = None) -> list[str]:
    """Return the lines of the request that a server gets."""
    requests: list[bytes] = []

    def note(sock: socket.socket) -> None:
        requests.append(sock.recv(65536))
        sock.sendall(b"HTTP/1.1 403 No\r\n\r\n")

    with Lab() as lab:
        lab.add("region", fault=note)
        start(lab.regions, headers=headers, origin=origin).result(timeout=20)
    return requests[0].decode().splitlines()


def test_cookies_are_joined_as_cookies_are() -> None:
    """RFC 6265, section 5.4: one `Cookie`, its pairs apart by a semicolon; other fields by a comma."""
    lines = sent(("Cookie", "a=1"), ("X-A", "1"), ("cookie", "b=2"), ("x-a", "2"), ("Cookie", "c=3"))
    assert [line for line in lines if line.lower().startswith(("cookie", "x-a"))] == [
        "Cookie: a=1; b=2; c=3",
        "X-A: 1, 2",
    ]


@pytest.mark.parametrize("by_header", [True, False])
def test_an_origin_is_sent_once(by_header: bool) -> None:
    """It may come as a header as well."""
    lines = sent(("origin", "https://o.example")) if by_header else sent(origin="https://o.example")
    assert [line.lower() for line in lines if line.lower().startswith("origin")] == ["origin: https://o.example"]


# --- secrets ---------------------------------------------------------------------------------------------------------

LEAKS: dict[str, Any] = {
    "password": lambda: Region("a", f"wss://me:{SECRET}@h.example/"),
    "user name": lambda: Region("a", f"wss://{SECRET}@h.example/"),
    "password and port": lambda: Region("a", f"wss://me:{SECRET}@h.example:bad/"),
    "password and scheme": lambda: Region("a", f"https://me:{SECRET}@h.example/"),
    "password without a scheme": lambda: Region("a", f"me:{SECRET}@h.example"),
    "password with an at sign": lambda: Region("a", f"wss://me:p@{SECRET}@h.example/"),
    "password with a slash": lambda: Region("a", f"wss://me:{SECRET}/x@h.example/"),
    "password with two slashes": lambda: Region("a", f"wss://me:{SECRET}//x@h.example/"),
    "password with a question mark": lambda: Region("a", f"wss://me:{SECRET}?x@h.example/"),
    "password with a hash": lambda: Region("a", f"wss://me:{SECRET}#x@h.example/"),
    "password with a space": lambda: Region("a", f"wss://me:{SECRET} x@h.example/"),
    "query": lambda: Region("a", f"https://h.example/?token={SECRET}"),
    "query with an at sign": lambda: Region("a", f"https://h.example/?mail=me@{SECRET}"),
    "query with slashes": lambda: Region("a", f"https://h.example/?to=https://{SECRET}"),
    "query without a host": lambda: Region("a", f"wss://?token={SECRET}"),
    "query and a bad port": lambda: Region("a", f"wss://h.example:bad?token={SECRET}"),
    "query without a scheme": lambda: Region("a", f"h.example/?to=https://{SECRET}"),
    "query that looks like a scheme": lambda: Region("a", f"h.example/?token={SECRET}://"),
    "password that looks like a scheme": lambda: Region("a", f"me:{SECRET}://x@h.example/"),
    "query with a tab": lambda: Region("a", f"wss://h.example/?token=\t{SECRET}"),
    "fragment": lambda: Region("a", f"wss://h.example/#{SECRET}"),
    "alternate": lambda: Region("a", URL, alternates=[f"https://h.example/?token={SECRET}"]),
    "alternates": lambda: Region("a", URL, alternates=f"wss://h.example/?token={SECRET}"),
    "discovery": lambda: Discovery(f"http://me:{SECRET}@d.example/?token={SECRET}", "/a"),
    "plain discovery": lambda: Discovery(f"http://d.example/?token={SECRET}", "/a"),
    "a URL for regions": lambda: start(f"wss://h.example/?token={SECRET}"),
    "a URL with a password for regions": lambda: start(f"wss://me:{SECRET}@h.example/"),
    "header with a control character": lambda: start({"a": URL}, headers={"Authorization": f"{SECRET}\n"}),
    "header as bytes": lambda: start({"a": URL}, headers={"Authorization": SECRET.encode()}),
    "header as a line": lambda: start({"a": URL}, headers=[f"Authorization: {SECRET}"]),
    "header as text": lambda: start({"a": URL}, headers=f"Authorization: {SECRET}"),
    "header in a triple": lambda: start({"a": URL}, headers=[("Authorization", "Bearer", SECRET)]),
    "header that is wsconn's own": lambda: start({"a": URL}, headers={"Sec-WebSocket-Key": SECRET}),
    "region's header with a control character": lambda: Region("a", URL, headers={"Authorization": f"{SECRET}\n"}),
    "region's header as a line": lambda: Region("a", URL, headers=[f"Authorization: {SECRET}"]),
    "region's header that is wsconn's own": lambda: Region("a", URL, headers={"Sec-WebSocket-Key": SECRET}),
    "place with a password": lambda: Region("a", URL, connect_to=f"me:{SECRET}@h.example:443"),
    "place with a query": lambda: Region("a", URL, connect_to=f"h.example:443?token={SECRET}"),
    "help with a password": lambda: Region("a", URL, help=f"https://me:{SECRET}@h.example/"),
    "proxy password": lambda: start({"a": URL}, proxy=f"ftp://me:{SECRET}@p.example:3128"),
    "proxy password without a scheme": lambda: start({"a": URL}, proxy=f"me:{SECRET}@p.example:bad"),
    "proxy password with a slash": lambda: start({"a": URL}, proxy=f"http://me:{SECRET}/x@p.example:3128"),
    "proxy password with two slashes": lambda: start({"a": URL}, proxy=f"http://me:{SECRET}//x@p.example:3128"),
    "proxy password with a question mark": lambda: start({"a": URL}, proxy=f"http://me:{SECRET}?x@p.example:3128"),
    "proxy password with a hash": lambda: start({"a": URL}, proxy=f"http://me:{SECRET}#x@p.example:3128"),
    "proxy password that is too long": lambda: start({"a": URL}, proxy=f"http://me:{SECRET * 99}@p.example:3128"),
    "proxy password that looks like a scheme": lambda: start({"a": URL}, proxy=f"me:{SECRET}://x@p.example:3128"),
    "proxy query": lambda: start({"a": URL}, proxy=f"http://p.example:3128/?token={SECRET}"),
}


@pytest.mark.parametrize("call", LEAKS.values(), ids=LEAKS.keys())
def test_no_refusal_tells_a_secret(call: Any) -> None:
    """Neither userinfo nor query of a URL, however it is misspelt, nor a header's value is in an exception."""
    before = threading.active_count()
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert threading.active_count() <= before
    assert SECRET not in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_url_in_place_of_regions_is_told_what_to_do() -> None:
    """A single URL is no file's path: the message says what regions are."""
    message = refusal(InvalidRegionError, start, URL)
    assert "regions" in message
    assert "mapping" in message


def test_no_handle_tells_a_secret(refused: str) -> None:
    """What was accepted is not told either: not by the handle, nor the result, nor the region."""
    own = {"headers": {"Cookie": SECRET}, "subprotocols": [f"{SECRET}.{'x' * 40}"]}
    region = Region("a", f"{refused}?token={SECRET}", alternates=[f"{refused}?token={SECRET}"], **own)
    options = {"headers": {"Authorization": SECRET}, "proxy": f"http://me:{SECRET}@127.0.0.1:{urlsplit(refused).port}"}
    with start([region], **options) as test:
        result = test.result(timeout=20)
    for told in (test, result, region, test.futures):
        assert SECRET not in repr(told)


# --- anything at all -------------------------------------------------------------------------------------------------


def check_target(url: str, target: Target) -> None:
    assert not UNFIT.search(url)
    assert target.host
    assert target.host.isascii()
    assert not set(target.host) & set("[]/?#@ ")
    assert 0 < target.port < 65536
    assert target.resource.startswith("/")
    assert target.resource.isascii()
    assert target.resource.isprintable()
    assert " " not in target.resource
    assert "#" not in target.resource
    assert target.authority.isascii()
    assert not UNFIT.search(target.authority)
    whole = urlsplit(url)  # the standard library's reading, which takes several times as long
    assert (target.scheme, target.host) == (whole.scheme, (whole.hostname or "").replace("%25", "%"))
    assert not whole.fragment
    # Not by `geturl`: newer Pythons write "//" before a path that begins with it, so that none is read as a host.
    assert unquote(target.resource) == unquote((whole.path or "/") + (whole.query and f"?{whole.query}"))
    again = urlsplit(f"//{target.authority}")
    assert again.hostname == target.host.partition("%")[0]
    assert again.port in (None, target.port)


urls = st.one_of(
    any_text,
    st.builds("{}{}".format, st.sampled_from(["ws://", "wss://", "WS://"]), any_text),
    st.builds("{}{}{}".format, st.sampled_from(["ws://h", "wss://[::1]", "ws://h:80"]), st.just("/"), nasty_text),
    st.builds("ws://{}".format, nasty_text),
    st.builds("ws://h:{}/".format, nasty_text | st.integers().map(str)),
    st.builds("ws://[{}]/".format, st.ip_addresses().map(str) | nasty_text),
    st.builds("ws://h/?{}".format, any_text),
)


def told(make: Callable[[], object]) -> str | None:
    """Return the message with which a region is refused, or `None` if it is not; anything else that is raised fails."""
    try:
        make()
    except InvalidRegionError as error:
        return str(error)
    return None


@hypothesis.settings(max_examples=500)
@hypothesis.given(urls)
def test_any_text_as_a_url(url: str) -> None:
    """Any text is a URL that a request can be written from, or refused with `InvalidRegionError`."""
    message = told(lambda: Region("a", url))
    if message is None:
        check_target(url, parse_url(url))
    else:
        assert message.isprintable()


@hypothesis.settings(max_examples=300)
@hypothesis.given(st.integers(1, 65535), st.ip_addresses(v=6) | st.ip_addresses(v=4), st.sampled_from(["ws", "wss"]))
def test_any_address_as_a_host(port: int, address: Any, scheme: str) -> None:
    """Every IP address is a host, with brackets in the URL and in `Host` where it is IPv6, and without them inside."""
    written = f"[{address}]" if address.version == 6 else str(address)
    target = parse_url(f"{scheme}://{written}:{port}")
    assert (target.host, target.port) == (str(address), port)
    usual = port == {"ws": 80, "wss": 443}[scheme]
    assert target.authority == (written if usual else f"{written}:{port}")


@hypothesis.given(any_text)
def test_any_text_as_a_name(name: str) -> None:
    """Any text names a region, but for none and such with control characters."""
    message = told(lambda: Region(name, URL))
    if message is None:
        assert name
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", name)
    else:
        assert message.isprintable()
        assert not name or not name.isprintable()


@hypothesis.given(any_text | nasty_text, any_text | nasty_text)
def test_any_text_as_a_discovery(url: str, pointer: str) -> None:
    """Any text is an address and a pointer, or refused with `InvalidRegionError`."""
    assert (told(lambda: Discovery(f"https://{url}", "/a")) or " ").isprintable()
    assert (told(lambda: Discovery("https://d.example/", pointer)) or " ").isprintable()


def accepted(refused: str, **options: Any) -> bool:
    """Start with these options; what is not refused with a message must come to the outcome of a refused port."""
    before = threading.active_count()
    try:
        test = start({"region": refused}, **options)
    except (ValueError, TypeError) as error:
        raised = error
    else:
        with test:
            failure = test.result(timeout=20).outcomes[0].failure
        assert failure is not None
        assert failure.cause is not Cause.INTERNAL_ERROR
        return True
    assert threading.active_count() <= before
    assert type(raised) in (ValueError, TypeError)
    assert str(raised).isprintable()
    return False


some_name = st.one_of(any_text, nasty_text, st.text(st.sampled_from("aZ09!#$%&'*+.^_`|~-"), min_size=1))


@hypothesis.given(name=some_name, value=any_text | nasty_text)
def test_any_text_as_a_header(refused: str, name: str, value: str) -> None:
    """Any text is a header that can be sent, or refused."""
    if accepted(refused, headers={name: value}):
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", value)
        assert value.encode().decode() == value


@hypothesis.given(origin=any_text | nasty_text, subprotocol=some_name)
def test_any_text_as_origin_and_subprotocol(refused: str, origin: str, subprotocol: str) -> None:
    """Any text is an origin or a subprotocol that can be sent, or refused."""
    if accepted(refused, origin=origin):
        assert origin.encode().decode() == origin
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", origin)
    if accepted(refused, subprotocols=[subprotocol]):
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", subprotocol)


@hypothesis.given(url=st.builds("{}{}".format, st.sampled_from(["", "http://", "socks5h://"]), any_text | nasty_text))
def test_any_text_as_a_proxy(url: str) -> None:
    """Any text is a proxy's URL, or refused; nobody is asked which."""
    with pytest.raises(ValueError, match=r"proxy|timeout") as caught:
        wsconn.start({"region": URL}, proxy=url, timeout=0)  # refused in any case: nothing goes out
    assert type(caught.value) is ValueError
    assert str(caught.value).isprintable()


@hypothesis.given(seconds=st.floats() | st.integers(), name=st.sampled_from(["timeout", "total_timeout"]))
def test_any_number_as_seconds(refused: str, seconds: float, name: str) -> None:
    """A number of seconds is accepted exactly when it is more than 0 and at most a day."""
    assert accepted(refused, **{name: seconds}) is (0 < seconds <= 86_400)
