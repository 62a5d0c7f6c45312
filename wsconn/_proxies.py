"""Which proxy stands before a server, according to an environment: a pure question, asked of mappings.

The environment's variables have no standard; this follows what curl, requests and Go agree on. For `wss` the first of
`wss_proxy`, `https_proxy` and `all_proxy` that is set decides, for `ws` of `ws_proxy`, `http_proxy` and `all_proxy`,
each in lower case before upper; then the system's settings. An empty one means a direct way, and ends the search.
`HTTP_PROXY` is ignored under CGI, where a client sets it by sending a header called Proxy (CVE-2016-5385).
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

import attrs

from wsconn._pac_settings import PREFIX, VARIABLE, PacSetting, is_never_asked
from wsconn._record import Record
from wsconn._regions import Target
from wsconn._text import CONTROL, host_port, sanitize

_VARIABLES = {
    "wss": ("wss_proxy", "https_proxy", "all_proxy"),
    "https": ("https_proxy", "all_proxy"),
    "ws": ("ws_proxy", "http_proxy", "all_proxy"),
    "http": ("http_proxy", "all_proxy"),
}
SYSTEM = "the system's settings"
ARGUMENT = "the argument proxy"
_LONGEST_CREDENTIAL_BYTES = 255  # RFC 1929
_NAMES_PAC = f"to name a PAC file, set {VARIABLE} to its URL, or write {PREFIX} before it in the argument proxy"
_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d\u201e")  # no part of a host, and what word processors make of them
_RESERVED = r"[/?#\[\] ]"  # what ends or breaks the part of a URL in which user name and password stand
_LACKS_SLASHES = r"/|(?i:https?|socks(4a?|5h?)?)[:;=](?!//)"  # http:host, http:/host, //host; http=host is Windows'


class UnfitProxy(ValueError):
    """A proxy's URL that cannot be used. `unencoded` and `in_quotes` are as in `Evidence`."""

    def __init__(self, message: str, *, unencoded: str | None = None, in_quotes: bool = False) -> None:
        super().__init__(message)
        self.unencoded = unencoded
        self.in_quotes = in_quotes


class Scheme(NamedTuple):
    """What a proxy's scheme means. `resolves`: the proxy looks the server's name up, and not this machine.

    `secure`: TLS is spoken to the proxy.
    """

    port: int  # where the URL names none
    resolves: bool
    needs_ipv4: bool = False
    secure: bool = False


# The one table of schemes; `_stages/proxy.py` says how each is spoken.
SCHEMES: Mapping[str, Scheme] = {
    "http": Scheme(port=80, resolves=True),
    "https": Scheme(port=443, resolves=True, secure=True),
    "socks4": Scheme(port=1080, resolves=False, needs_ipv4=True),
    "socks4a": Scheme(port=1080, resolves=True),
    "socks5": Scheme(port=1080, resolves=False),
    "socks5h": Scheme(port=1080, resolves=True),
}

SPOKEN_BY = {"HTTP": "http", "SOCKS 4": "socks4a", "SOCKS 5": "socks5h"}  # the scheme for what a proxy speaks
IN_BROWSERS = {"socks5": "socks5h"}  # what a browser means by a scheme: it has the proxy look names up


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Proxy(Record):
    """A proxy, and which variable or argument named it.

    `unfit` says why wsconn cannot speak to it; `unencoded` and `in_quotes` are as in `Evidence`.
    """

    scheme: str
    host: str
    port: int
    username: str | None = attrs.field(default=None, repr=False)
    password: str | None = attrs.field(default=None, repr=False)
    source: str
    unfit: str | None = None
    unencoded: str | None = None
    in_quotes: bool = False

    def __str__(self) -> str:
        return f"{self.url} (from {self.source})".lstrip()

    @property
    def url(self) -> str:
        """Its URL without user name and password; empty where that could not be read."""
        return f"{self.scheme}://{host_port(self.host, self.port)}" if self.host else ""

    @property
    def login(self) -> str:
        """User and password as HTTP's scheme Basic writes them (RFC 7617)."""
        import base64  # here: few proxies want one

        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, though the proxy does."""
        return (self.login, *filter(None, (self.username, self.password))) if self.username is not None else ()

    @property
    def resolves(self) -> bool:
        """Whether the proxy looks the server's name up; of one that cannot be used nothing need be known."""
        return self.scheme not in SCHEMES or SCHEMES[self.scheme].resolves

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken to it."""
        return self.scheme in SCHEMES and SCHEMES[self.scheme].secure

    @property
    def needs_ipv4(self) -> bool:
        """Whether it takes IPv4 addresses alone."""
        return self.scheme in SCHEMES and SCHEMES[self.scheme].needs_ipv4


class ProxyOption(str):
    """What was typed after `--proxy`: messages name the option then, and no argument of Python's."""

    __slots__ = ()
    source = "--proxy"


@attrs.frozen(eq=False, repr=False)
class Proxies(Record):
    """What a test was told about proxies: `choose` says which one stands before a server, if any.

    `direct` says that the caller wants none. `pac` is the PAC file that the user named; `system_pacs` are those of the
    system's settings, which are asked where no variable says anything.
    """

    environ: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    system: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    system_bypasses: Callable[[str], bool] = attrs.field(default=lambda _: False, repr=False)
    fixed: Proxy | None = None
    direct: bool = False
    pac: PacSetting | None = None
    system_pacs: tuple[PacSetting, ...] = ()

    def pacs(self, target: Target) -> tuple[PacSetting, ...]:
        """Return the PAC files that may decide about `target`: the first that can be had does, and `choose` if none."""
        if is_never_asked(target.host):
            return ()
        if self.pac is not None:
            return (self.pac,)
        is_settled = self.direct or self.fixed or self._variable(target.scheme) or self._is_exempt(target)
        return () if is_settled else self.system_pacs

    def choose(self, target: Target) -> Proxy | None:
        """Return the proxy on the way to `target`, or `None` for a direct way."""
        if self.fixed is not None or self.direct:
            return self.fixed
        found = self._variable(target.scheme)
        if found is not None:
            name, url = found
            return _read(url, name) if url and not self._is_exempt(target) else None
        url = self._system_url(target)
        if not url or self._is_exempt(target) or self.system_bypasses(target.host):
            return None
        return _read(url, SYSTEM)

    def source_of_direct(self, target: Target) -> str | None:
        """Return which setting says that the way to `target`, for which `choose` has no proxy, is direct."""
        if self.direct:
            return self.pac.source if self.pac else ARGUMENT
        found = self._variable(target.scheme)
        if found and not found[1]:
            return found[0]
        if self._is_exempt(target):
            return "no_proxy"
        return SYSTEM if self._system_url(target) else None

    def is_silent_on(self, target: Target) -> bool:
        """Whether nobody has said how to get to `target`: neither through a proxy nor without one."""
        said = self.direct or self.fixed or self._variable(target.scheme) or self._system_url(target)
        return not said and not self._is_exempt(target)

    def variable_for_others(self) -> str | None:
        """Return a variable that names a proxy for URLs of some scheme, if one does."""
        return next((name for scheme in _VARIABLES for name, url in self._named(scheme) if url), None)

    def _system_url(self, target: Target) -> str:
        return self.system.get("https" if target.secure else "http") or self.system.get("socks") or ""

    def _variable(self, scheme: str) -> tuple[str, str] | None:
        return next(self._named(scheme), None)

    def _named(self, scheme: str) -> Iterator[tuple[str, str]]:
        """Yield the variables that are set for URLs of a scheme, and what they hold."""
        for lower in _VARIABLES[scheme]:
            for name in (lower, lower.upper()):
                if name == "HTTP_PROXY" and "REQUEST_METHOD" in self.environ:
                    continue
                if name in self.environ:
                    yield name, self.environ[name].strip()

    def _is_exempt(self, target: Target) -> bool:
        patterns = self.environ.get("no_proxy", self.environ.get("NO_PROXY", ""))
        return any(_matches(pattern, target) for pattern in re.split(r"[\s,]+", patterns) if pattern)


def parse_proxy(url: str, source: str) -> Proxy:
    """Take a proxy's URL apart; one without a scheme means `http://`. `UnfitProxy` says what is wrong with it."""
    if not _QUOTES.isdisjoint(url[:1] + url.rpartition("@")[2]):
        raise UnfitProxy("quotes are a part of its value", in_quotes=True)
    try:
        return _parse(url, source)
    except ValueError as error:
        raise UnfitProxy(str(error), unencoded=_unencoded(url)) from None  # from which a password could be read


def _unencoded(url: str) -> str | None:
    """Return the first character before the host that a URL has to have percent-encoded there."""
    before = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", url).rpartition("@")[0]
    found = re.search(_RESERVED, before)
    return found[0] if found else None


def percent_encoded(character: str) -> str:
    """Say how a character is written in the user name or password of a URL (RFC 3986, section 2.1)."""
    return f"a '{character}' in a user name or password is written {quote(character, safe='')}"


def _parse(url: str, source: str) -> Proxy:
    if re.search(rf"\s|{CONTROL.pattern}", url):
        raise ValueError("it holds white space or a control character")
    if re.match(_LACKS_SLASHES, url):
        raise ValueError("it does not begin with a scheme and two slashes, as in http://")
    with_scheme = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(with_scheme)
    except ValueError:
        raise ValueError(
            "its host cannot be read; an IPv6 address stands in brackets"
        ) from None  # whose text may hold a password
    if parts.scheme == "file":
        raise ValueError(f"it does not name a proxy: {_NAMES_PAC}")
    host = parts.hostname
    if not host or not host.isascii():
        raise ValueError("it has no host" if not host else "its host is not ASCII; give its xn-- form")
    port = _port(parts)
    scheme = "socks5h" if parts.scheme == "socks" else parts.scheme  # socks:// is GNOME's
    if scheme not in SCHEMES:
        raise ValueError(f"its scheme is {sanitize(scheme)}, which is none of {', '.join(SCHEMES)}")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        hint = f"; {_NAMES_PAC}" if parts.path not in ("", "/") else ""
        raise ValueError(f"it has more than scheme, user, host and port{hint}")
    username, password = _credential(parts.username), _credential(parts.password)
    return Proxy(
        scheme=scheme,
        host=host,
        port=port or SCHEMES[scheme].port,
        username=username,
        password=password if username is None else password or "",
        source=source,
    )


def _read(url: str, source: str) -> Proxy:
    """Read a URL from the settings: one that cannot be used fails the regions behind it, and not the program."""
    try:
        return parse_proxy(url, source)
    except UnfitProxy as error:
        scheme, host, port = "", "", 0
        if not error.unencoded and not error.in_quotes:  # else what looks like the host may be part of a password
            with contextlib.suppress(ValueError):
                parts = urlsplit(url)
                scheme, host, port = sanitize(parts.scheme), sanitize(parts.hostname or ""), parts.port or 0
        return Proxy(
            scheme=scheme if host else "",
            host=host,
            port=port,
            source=source,
            unfit=str(error),
            unencoded=error.unencoded,
            in_quotes=error.in_quotes,
        )


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port != 0:
        return port
    written = parts.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    hint = "; an IPv6 address stands in brackets" if ":" in written else ""
    is_number = written.isascii() and written.isdigit() and "@" not in parts.geturl()
    shown = f" '{written[:10]}'" if is_number else ""  # anything else may be part of a password
    raise ValueError(f"its port{shown} is not a number from 1 to 65535{hint}")


def _credential(quoted: str | None) -> str | None:
    if quoted is None:
        return None
    plain = unquote(quoted)
    if len(plain.encode()) > _LONGEST_CREDENTIAL_BYTES or not plain.isprintable():
        raise ValueError("its user name or password is too long or holds control characters")
    return plain


def _matches(pattern: str, target: Target) -> bool:
    """Whether an entry of `no_proxy` is for `target`: `*`, an address, a network, or a suffix of whole labels."""
    if pattern == "*":
        return True
    with_port = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d+)", pattern)
    if with_port and int(with_port[2]) != target.port:
        return False
    host = with_port[1] if with_port else pattern
    if address := _address(target.host):
        with contextlib.suppress(ValueError):
            return address in ipaddress.ip_network(re.sub(r"[\[\]]", "", host), strict=False)
        return False
    suffix, name = host.lower().removeprefix("*").strip("."), target.host.lower().rstrip(".")
    return bool(suffix) and (name == suffix or name.endswith(f".{suffix}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
