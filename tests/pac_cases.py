"""PAC files, and the route that each chooses: what Chromium and wsconn are both asked.

A route is written as Chromium's log writes it, `PROXY a.test:80;DIRECT`. The names are those of `NAMES`; all others do
not exist.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence

import attrs

NAMES: Mapping[str, Sequence[str]] = {"four.test": ["10.1.2.3"], "six.test": ["fd00::6"]}
YES, NO = "PROXY yes.test:1", "PROXY no.test:1"
DIRECT = "DIRECT"


@attrs.frozen
class Case:
    """A file as it is sent, and what it chooses for a URL."""

    script: bytes
    route: str
    url: str = "https://h.test/"
    charset: str | None = None


def returning(expression: str) -> bytes:
    return f"function FindProxyForURL(url, host) {{ return {expression}; }}".encode()


def choosing(condition: str) -> bytes:
    return returning(f'{condition} ? "{YES}" : "{NO}"')


def at(clock: str, condition: str) -> bytes:
    """Choose by the clock, which the script sets: the arguments of `new Date`."""
    clause = f"constructor(...given) {{ if (given.length) super(...given); else super({clock}); }}"
    return f"Date = class extends Date {{ {clause} }};\n".encode() + choosing(condition)


def _conditions() -> dict[str, Case]:
    true = [expression.strip() for expression in _TRUE.strip().splitlines()]
    false = [expression.strip() for expression in _FALSE.strip().splitlines()]
    return {
        **{expression: Case(choosing(expression), YES) for expression in true},
        **{expression: Case(choosing(expression), NO) for expression in false},
    }


_TRUE = r"""
isPlainHostName("www")
isPlainHostName("")
dnsDomainIs("www.a.test", ".a.test")
dnsDomainIs("xa.test", "a.test")
localHostOrDomainIs("www", "www.a.test")
localHostOrDomainIs("www.a.test", "www.a.test")
localHostOrDomainIs("www.a", "www.a.test")
isResolvable("four.test")
isResolvableEx("six.test")
dnsResolve("four.test") === "10.1.2.3"
dnsResolve("six.test") === null
dnsResolve("none.test") === null
dnsResolve(17) === null
dnsResolve("10.0.0.1") === "10.0.0.1"
dnsResolve("::1") === null
dnsResolveEx("six.test") === "fd00::6"
dnsResolveEx("none.test") === ""
dnsResolveEx("::1") === "::1"
dnsResolveEx() === undefined
isInNet("10.1.2.3", "10.0.0.0", "255.0.0.0")
isInNet("four.test", "10.1.0.0", "255.255.0.0")
isInNet("200.1.2.3", "200.0.0.0", "255.0.0.0")
isInNet("10.1.2.3", "99.0.0.0", "0.0.0.0")
isInNetEx("10.1.2.3", "10.0.0.0/8")
isInNetEx("fd00::6", "fd00::/8")
isInNetEx("::ffff:10.1.2.3", "10.0.0.0/8")
isInNetEx("10.1.2.3", "::ffff:10.0.0.0/104")
isInNetEx("10.1.2.2", "10.1.2.3/31")
isInNetEx(null, "10.0.0.0/8") === null
isInNetEx("0x0a010203", "10.0.0.0/8")
isInNetEx("012.1.2.3", "10.0.0.0/8")
isInNetEx("10.1.2.3.", "10.0.0.0/8")
isInNetEx("fd00::6", " fd00:: / 8 ")
isInNet("10.1", "10.0.0.0", "255.0.0.0")
dnsResolve("0x0a000001") === "10.0.0.1"
dnsResolve("10.0.0.1.") === "10.0.0.1"
dnsResolveEx("::ffff:10.0.0.1") === "::ffff:a00:1"
dnsDomainLevels("www.a.test") === 2
shExpMatch("www.a.test", "*.a.test")
shExpMatch("http://a/b/c", "*/b/*")
shExpMatch("abc", "a?c")
shExpMatch("x.b.test", "(*.a.test|*.b.test)")
shExpMatch("a5", "a[0-9]")
convert_addr("10.1.2.3") === 167838211
convert_addr("255.255.255.255") === -1
isValidIpAddress("10.1.2.3")
sortIpAddressList("10.0.0.10;10.0.0.9;::9;::1") === "::1;::9;10.0.0.9;10.0.0.10"
sortIpAddressList(" 10.0.0.2 ; 10.0.0.1 ") === "10.0.0.1;10.0.0.2"
sortIpAddressList(";") === false
typeof myIpAddress() === "string"
typeof myIpAddressEx() === "string"
alert("a") === undefined
console.log("a") === undefined
console.table([]) === undefined
/(a)b/.test("ab") && RegExp.$1 + RegExp.$2 === "a"
"ab".replace(/(a)b/, "") === RegExp.$2
timeRange() === false
new Date() instanceof Date
Date.now() - new Date() < 1000
new Date(2026, 10, 28).getDay() === 6
Math.random() < 1
[typeof setTimeout, typeof window, typeof require, typeof performance].every(kind => kind === "undefined")
typeof getClientVersion === "undefined"
this === globalThis
(() => { let a = `${1}`; const {b = 2, ...c} = {d: 3}; return a + b + c.d + (c?.e ?? 4) })() === "1234"
"""

_FALSE = r"""
isPlainHostName("www.a.test")
isPlainHostName("::1")
isPlainHostName("0x7f000001")
isPlainHostName("127")
dnsResolve("256.1.1.1")
isInNetEx("fd00::6", "fd0 0::/8")
dnsDomainIs("a.test", ".a.test")
dnsDomainIs("WWW.A.TEST", ".a.test")
localHostOrDomainIs("home.a.test", "www.a.test")
isResolvable("six.test")
isResolvable("none.test")
isResolvableEx("none.test")
isInNet("10.1.2.3", "11.0.0.0", "255.0.0.0")
isInNet("six.test", "10.0.0.0", "255.0.0.0")
isInNet("none.test", "0.0.0.0", "0.0.0.0")
isInNet("10.1.2.300", "10.0.0.0", "255.0.0.0")
isInNet("10.1.2.3", "10.0.0.0/8")
isInNet(null, "10.0.0.0", "255.0.0.0")
isInNetEx("10.1.2.3", "11.0.0.0/8")
isInNetEx("10.1.2.4", "10.1.2.3/31")
isInNetEx("fd00::6", "10.0.0.0/0")
isInNetEx("10.1.2.3", "10.0.0.0")
isInNetEx("10.1.2.3", "10.0.0.0/33")
isInNetEx("four.test", "10.0.0.0/8")
shExpMatch("a.test", "*.a.test")
shExpMatch("axtest", "a.test")
shExpMatch("ABC", "abc")
shExpMatch("abc", "ab")
isValidIpAddress("10.1.2.256")
"""

_SATURDAY = "2026, 10, 28, 12, 30, 15"  # months are counted from 0
_CLOCKS = {
    _SATURDAY: {
        'weekdayRange("SAT")': YES,
        'weekdayRange("SUN")': NO,
        'weekdayRange("MON", "FRI")': NO,
        'weekdayRange("FRI", "MON")': YES,
        'weekdayRange("SAT", "FRI")': YES,
        'weekdayRange("sat")': NO,
        "dateRange(28)": YES,
        "dateRange(1, 27)": NO,
        "dateRange(20, 3)": YES,
        "dateRange(29, 27)": NO,
        'dateRange("NOV")': YES,
        'dateRange("NOV", "FEB")': YES,
        'dateRange("DEC", "OCT")': NO,
        "dateRange(2026)": YES,
        "dateRange(2027, 2028)": NO,
        'dateRange(20, "NOV", 15, "JAN")': YES,
        'dateRange(29, "NOV", 27, "NOV")': NO,
        'dateRange("OCT", 2025, "NOV", 2026)': YES,
        'dateRange("DEC", 2026, "JAN", 2027)': NO,
        'dateRange(1, "NOV", 2026, 28, "NOV", 2026)': YES,
        "timeRange(12)": YES,
        "timeRange(11, 12)": YES,
        "timeRange(13, 14)": NO,
        "timeRange(22, 13)": NO,  # which Chromium does not have wrap around
        "timeRange(12, 0, 12, 30)": YES,
        "timeRange(22, 0, 12, 31)": YES,
        "timeRange(12, 31, 12, 29)": NO,
        "timeRange(12, 30, 16, 12, 30, 14)": NO,
        "timeRange(12, 30, 15, 12, 30, 15)": YES,
    },
    "2026, 0, 31, 23, 59, 59": {
        'dateRange(31, "DEC", 31, "JAN")': YES,
        'dateRange("FEB")': NO,
        "timeRange(23)": YES,
        "timeRange(22, 0, 6, 0)": YES,
    },
    '"2026-11-28T12:30:15Z"': {
        'weekdayRange("SAT", "GMT")': YES,
        'weekdayRange("MON", "FRI", "GMT")': NO,
        'dateRange(28, "GMT")': YES,
        'dateRange("NOV", "DEC", "GMT")': YES,
        'timeRange(12, "GMT")': YES,
        'timeRange(12, 0, 13, 0, "GMT")': YES,
        'timeRange(13, 14, "GMT")': NO,
    },
}

_ANSWERS = {
    "proxy a.test:1": "PROXY a.test:1",
    "PROXY a.test": "PROXY a.test:80",
    "HTTPS a.test": "HTTPS a.test:443",
    "SOCKS a.test": "SOCKS a.test:1080",
    "SOCKS4 a.test": "SOCKS a.test:1080",
    "SOCKS5 a.test": "SOCKS5 a.test:1080",
    "PROXY [fd00::6]:1": "PROXY [fd00::6]:1",
    "PROXY fd00::6:1": "PROXY [fd00::6]:1",
    "PROXY [fd00:0:0::6]:1": "PROXY [fd00::6]:1",
    "PROXY [::ffff:10.0.0.1]:1": "PROXY [::ffff:a00:1]:1",
    "PROXY 10.1:1": "PROXY 10.0.0.1:1",
    "PROXY 0x0a000001:1": "PROXY 10.0.0.1:1",
    "PROXY 10.0.0.1.:1": "PROXY 10.0.0.1:1",
    "PROXY 10.0.0.256:1": DIRECT,
    "PROXY 1.2.3.4.5:1": DIRECT,
    "PROXY ${GATEWAY}:1": "PROXY ${gateway}:1",
    "PROXY A.TEST:080": "PROXY a.test:80",
    "  PROXY \t a.test:1 ; ; DIRECT ;": "PROXY a.test:1;DIRECT",
    "PROXY a.test:1, PROXY b.test:2": DIRECT,
    "PROXY a.test:1;PROXY b.test:2": "PROXY a.test:1;PROXY b.test:2",
    "PROXY a.test:1;\\nPROXY b.test:2": "PROXY a.test:1",
    "PROXY a.test:1\\r\\n": DIRECT,
    "QUIC a.test:1; PROXY b.test:2": "PROXY b.test:2",
    "HTTP a.test:1": DIRECT,
    "SOCKS5H a.test:1; DIRECT": DIRECT,
    "PROXY a.test:65536": DIRECT,
    "PROXY a.test:": DIRECT,
    "PROXY http://a.test:1": DIRECT,
    "PROXY user:password@a.test:1": DIRECT,
    "PROXY a.test:1 b.test:2": DIRECT,
    "PROXY": DIRECT,
    "DIRECT a.test": DIRECT,
    "DIRECT; PROXY a.test:1": "DIRECT;PROXY a.test:1",
    "": DIRECT,
}

_LOOKUP = 'dnsResolve("four.test")'
_OWN_HELPER = choosing('isInNet("none.test", "10.0.0.0", "255.0.0.0")').decode()
_YES = f'function FindProxyForURL() {{ return "{YES}"; }}'
_WHOLE_FILES = {
    "strict": Case(f'"use strict";\n{_YES}'.encode(), YES),
    "strict and const": Case(f'"use strict"; const FindProxyForURL = () => "{YES}";'.encode(), DIRECT),
    "const of a name that browsers have": Case(f"const months = [];\n{_YES}".encode(), DIRECT),
    "const of a helper": Case(f"const isInNet = () => true;\n{_YES}".encode(), DIRECT),
    "const inside": Case(choosing("(() => { const months = 1; return months })()"), YES),
    "const": Case(f'const FindProxyForURL = () => "{YES}";'.encode(), DIRECT),
    "a global's property": Case(f'globalThis.FindProxyForURL = () => "{YES}";'.encode(), YES),
    "let for its own": Case(f'let yes = "{YES}";\nfunction FindProxyForURL() {{ return yes; }}'.encode(), YES),
    "ends in a comment": Case(f"{_YES} // the end".encode(), YES),
    "lines of Windows": Case(_YES.replace("{", "{\r\n").encode(), YES),
    "a mark of UTF-8": Case(codecs.BOM_UTF8 + _YES.encode(), YES),
    "UTF-16": Case(codecs.BOM_UTF16_LE + _YES.encode("utf-16-le"), YES),
    "Latin-1": Case(choosing('"\xfc".length === 1').decode().encode("latin-1"), YES),
    "UTF-8 that nobody names": Case(choosing('"\xfc".length === 2'), YES),
    "UTF-8 that is named": Case(choosing('"\xfc".length === 1'), YES, charset="utf-8"),
    "Latin-1 is Windows'": Case(choosing('"\x80".charCodeAt(0) === 0x20ac').decode().encode("latin-1"), YES),
    "ASCII is Latin-1": Case(choosing('"\xfc".length === 1').decode().encode("latin-1"), YES, charset="us-ascii"),
    "a mark of UTF-8 in Latin-1": Case(codecs.BOM_UTF8 + _YES.encode(), DIRECT, charset="iso-8859-1"),
    "a mark of UTF-8 in UTF-8": Case(codecs.BOM_UTF8 + _YES.encode(), YES, charset="utf-8"),
    "a mark of UTF-16 in UTF-8": Case(codecs.BOM_UTF16_LE + _YES.encode("utf-16-le"), DIRECT, charset="utf-8"),
    "Cyrillic": Case(choosing('"\xc1".charCodeAt(0) === 0x430').decode().encode("latin-1"), YES, charset="koi8-r"),
    "Ex alone": Case(f'function FindProxyForURLEx() {{ return "{YES}"; }}'.encode(), DIRECT),
    "Ex too": Case(f'function FindProxyForURLEx() {{ return "{NO}"; }}\n{_YES}'.encode(), YES),
    "not JavaScript": Case(b"<html><body>Please log in</body></html>", DIRECT),
    "nothing": Case(b" ", DIRECT),
    "ends in the middle": Case(_YES[:-1].encode(), DIRECT),
    "an error": Case(returning("nobody"), DIRECT),
    "an error that is thrown": Case(f'throw "no";\n{_YES}'.encode(), DIRECT),
    "a pattern that is none": Case(choosing('shExpMatch(host, "(")'), DIRECT),
    "a wrong number of arguments": Case(choosing("timeRange(1, 2, 3)"), DIRECT),
    "null": Case(returning("null"), DIRECT),
    "undefined": Case(returning("undefined"), DIRECT),
    "a number": Case(returning("17"), DIRECT),
    "a String object": Case(returning(f'new String("{YES}")'), DIRECT),
    "not ASCII": Case(returning('"PROXY \\xfc.test:1; DIRECT"'), DIRECT),
    "a name that is looked up": Case(
        choosing('(dnsResolve("four.test") + dnsResolve("none.test")).length === 12'), YES
    ),
    "a lookup that is caught": Case(returning(f'(() => {{ try {{ {_LOOKUP}; return "{YES}" }} catch {{ }} }})()'), YES),
    "a helper of its own": Case(f'{_OWN_HELPER}\nfunction dnsResolve() {{ return "10.0.0.1" }}'.encode(), YES),
    "a strict helper of its own": Case(
        f'"use strict"; {_OWN_HELPER}\nfunction dnsResolve() {{ return "10.0.0.1" }}'.encode(), YES
    ),
    "let for a helper of its own": Case(f'{_OWN_HELPER}\nlet dnsResolve = () => "10.0.0.1"'.encode(), YES),
    "an alert that fails": Case(choosing("alert({ toString() { throw 1 } })"), DIRECT),
    "names that helpers use inside": Case(f"const MONTHS = 1; var WEEKDAYS = 2;\n{_YES}".encode(), YES),
    "the host": Case(choosing('host === "h.test"'), YES, "wss://H.test:444/path?query"),
    "an IPv6 host": Case(choosing('host === "fd00::7"'), YES, "wss://[fd00::7]/"),
    "wss": Case(choosing('url === "wss://h.test:444/"'), YES, "wss://h.test:444/path?query"),
    "wss at its own port": Case(choosing('url === "wss://h.test/"'), YES, "wss://h.test:443/path"),
    "ws": Case(choosing('url.startsWith("ws://h.test:81/path?query")'), YES, "ws://h.test:81/path?query"),
    "an address in another form": Case(
        choosing('host + url.slice(0, 14) === "10.0.0.1ws://10.0.0.1/"'), YES, "ws://0x0a.1/"
    ),
    "an IPv6 address in another form": Case(choosing('host === "fd00::1"'), YES, "wss://[FD00:0:0::1]/"),
    "https": Case(choosing('url === "https://h.test/"'), YES, "https://h.test/path?query"),
}

CASES: Mapping[str, Case] = {
    **_WHOLE_FILES,
    **{f"answer: {answer}": Case(returning(f'"{answer}"'), route) for answer, route in _ANSWERS.items()},
    **_conditions(),
    **{
        f"{condition} at {clock}": Case(at(clock, condition), route)
        for clock, conditions in _CLOCKS.items()
        for condition, route in conditions.items()
    },
}
