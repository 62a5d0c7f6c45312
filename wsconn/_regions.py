"""What a region is, and what makes a URL fit to be tested. The raw string is checked: `urlsplit` drops tabs and line
ends, and forgives more than a server would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote_plus, urlsplit

import attrs

from wsconn._exceptions import InvalidRegionError
from wsconn._places import HOST, check_allow, check_connect_to, check_help, check_source, is_port, split_place
from wsconn._record import Record
from wsconn._request_fields import LONGEST_SUBPROTOCOL, Headers, check_request
from wsconn._text import CONTROL, describe, host_port, is_loopback, redact_url, sanitize, without_query

DEFAULT_PORTS = {"ws": 80, "wss": 443, "http": 80, "https": 443}
_PARTS = re.compile(r"([^:]+)://(\[[^\]]*\]|[^:/?]+)(?::([0-9]+))?([^?]*)(?:\?(.*))?", re.DOTALL)
_PORT = re.compile(r":[^\]]*$")
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
_POINTER = r"(?s:(/([^~/]|~[01])*)*)"  # compiled by the first discovery
_KEPT = "%/:=&?~+!$,;'@()*[]-._"


@attrs.frozen(eq=False, repr=False)
class Target(Record):
    """A URL taken apart. `host` has no brackets; `resource` is path and query; `authority` is what `Host` says.

    `connect_to` and `source` are as in `Region`.
    """

    scheme: str
    host: str
    port: int
    resource: str = attrs.field(repr=False)
    url: str = attrs.field(repr=False)
    connect_to: str | None = None
    source: str | None = None

    def reached_as(self, region: Region) -> Target:
        """Return this with the place that a region is connected to, and the address that it is connected from."""
        if region.connect_to is None and region.source is None:
            return self
        return attrs.evolve(self, connect_to=region.connect_to, source=region.source)

    @property
    def place(self) -> tuple[str, int]:
        """The host and port to connect to."""
        return split_place(self.connect_to) if self.connect_to else (self.host, self.port)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken to it."""
        return self.scheme in ("wss", "https")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, though the server does: the query, as written and as sent, and its values."""
        written, sent = (whole.partition("?")[2] for whole in (self.url, self.resource))
        if not written:
            return ()
        values = [part.rpartition("=")[2] for query in (written, sent) for part in re.split("[&;]", query)]
        return (f"?{written}", f"?{sent}", written, sent, *values, *map(unquote_plus, values))

    @property
    def authority(self) -> str:
        """Host and port; the scheme's own port is left out (RFC 9110, section 7.2)."""
        host = self.host.partition("%")[0]  # a zone is for this machine alone: RFC 6874, section 4
        if self.port == DEFAULT_PORTS[self.scheme]:
            return f"[{host}]" if ":" in host else host
        return host_port(host, self.port)


def parse_url(url: object, *, schemes: tuple[str, ...] = ("ws", "wss"), what: str = "url") -> Target:
    """Check a URL and take it apart, or raise `InvalidRegionError` saying what is wrong with `what`."""
    return split_url(check_url(url, schemes, what))


def check_url(url: object, schemes: tuple[str, ...] = ("ws", "wss"), what: str = "url") -> str:
    """Return a URL that is fit, or raise `InvalidRegionError`."""
    if not isinstance(url, str):
        raise InvalidRegionError(f"{what} must be a str, not {describe(url)}")
    wrong = _what_is_wrong(url, schemes)
    if wrong:
        raise InvalidRegionError(f"{what} '{redact_url(url)}' {wrong}")
    return url


def split_url(url: str) -> Target:
    """Take apart a URL that has been checked."""
    scheme, host, port, path, query = _PARTS.match(url).groups()  # type: ignore[union-attr]  # it was checked
    scheme, (name, _, zone) = scheme.lower(), host.strip("[]").partition("%25")
    return Target(
        scheme=scheme,
        host=f"{name.lower()}%{zone}" if zone else name.lower(),
        port=int(port) if port else DEFAULT_PORTS[scheme],
        resource=quote(f"{path or '/'}?{query}" if query else path or "/", safe=_KEPT),
        url=url,
    )


def _what_is_wrong(url: str, schemes: tuple[str, ...]) -> str | None:
    if _UNFIT.search(url):
        return "holds white space or a control character"
    scheme, found, rest = url.partition("://")
    if not found or scheme.lower() not in schemes:
        return f"must begin with {' or '.join(f'{s}://' for s in schemes)}"
    if "#" in url:
        return "has a fragment (#…), which is never sent to a server"
    secret = "@" in url  # what looks like a host or a port may be part of a password
    authority = rest.partition("?")[0].partition("/")[0]
    if "@" in authority:
        return "has a user name or password; send credentials in headers"
    if not authority.isascii():
        return "has a host that is not ASCII; give its xn-- form"
    host, colon, port = authority.rpartition(":") if _PORT.search(authority) else (authority, "", "")
    if not host:
        return "has no host"
    if not HOST.fullmatch(host) or (host.startswith("[") and not _is_parsed(url)):
        return "has a host that is not valid" + ("" if secret else f": '{sanitize(host)}'")
    if colon and not is_port(port):
        return "has a bad port" + ("" if secret else f": '{sanitize(port)}'")
    if CONTROL.search(url):
        return "holds half a character (a lone surrogate)"
    return None


def _is_parsed(url: str) -> bool:
    """Whether the standard library takes what is in brackets for an address."""
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _shown_url(url: str | None) -> str:
    return repr(url and without_query(url))


def _check_name(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidRegionError(f"a region's name must be a str, not {describe(name)}")
    if not name:
        raise InvalidRegionError("a region's name must not be empty")
    if CONTROL.search(name):
        raise InvalidRegionError(f"a region's name must have no control characters: '{sanitize(name)}'")
    return name


def _check_text(name: object, url: object) -> str:
    """Refuse what is no URL at all where one must be: to a `Region`, `None` may mean a discovery."""
    if not isinstance(url, str):
        raise InvalidRegionError(f"region {sanitize(repr(name))}: url must be a str, not {describe(url)}")
    return url


def _to_alternates(alternates: object) -> tuple[str, ...]:
    if isinstance(alternates, tuple):
        return alternates
    if isinstance(alternates, str) or not isinstance(alternates, Iterable):
        raise InvalidRegionError(f"alternates must be a sequence of URLs, not {describe(alternates)}")
    return tuple(alternates)


@attrs.frozen(eq=False, repr=False)
class Discovery(Record):
    """An endpoint that names a region's URL: GET `url`, read its JSON answer, take the string at `pointer` (RFC 6901).

    `url` is `https`, or `http` on a loopback address only.
    """

    url: str = attrs.field(repr=_shown_url)
    pointer: str

    def __attrs_post_init__(self) -> None:
        target = parse_url(self.url, schemes=("https", "http"), what="discovery url")
        if not target.secure and not is_loopback(target.host):
            raise InvalidRegionError(f"discovery url '{redact_url(self.url)}' must begin with https://")
        if not isinstance(self.pointer, str):
            raise InvalidRegionError(f"discovery pointer must be a str, not {describe(self.pointer)}")
        if not re.fullmatch(_POINTER, self.pointer):
            wrong = "hold '~' as ~0 or ~1 alone" if self.pointer.startswith("/") else "begin with '/'"
            raise InvalidRegionError(
                f"discovery pointer '{sanitize(self.pointer)}' is not a JSON pointer (RFC 6901), which must {wrong}:"
                " try '/worker/wssUri'"
            )


def _to_pairs(headers: Headers | None) -> tuple[tuple[str, str], ...] | None:
    """Return headers in a form that compares and does not change. What is no headers is left to the check."""
    if isinstance(headers, Mapping):
        return tuple(headers.items())
    if headers is None or isinstance(headers, str | bytes) or not isinstance(headers, Iterable):
        return headers
    return tuple(tuple(pair) if isinstance(pair, list) else pair for pair in headers)


def _to_tuple(texts: Sequence[str]) -> tuple[str, ...]:
    if isinstance(texts, tuple):
        return texts
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        return texts  # type: ignore[return-value]  # the check refuses it, with the region's name
    return tuple(texts)


def _to_tuple_or_none(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if texts is None else _to_tuple(texts)


def _shown_headers(headers: tuple[tuple[str, str], ...] | None) -> str:
    return repr(headers and [name for name, _ in headers])


def _shown_subprotocols(subprotocols: tuple[str, ...] | None) -> str:
    """Show names; what is too long for one carries a token."""
    return repr(subprotocols and [name if len(name) <= LONGEST_SUBPROTOCOL else "…" for name in subprotocols])


def check_settings(
    *,
    headers: Headers | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    connect_to: str | None = None,
    source: str | None = None,
    allow: tuple[str, ...] = (),
    help: str | None = None,  # noqa: A002 - what a region's field is called
) -> None:
    """Refuse what a region cannot have of its own: the `TypeError` or `ValueError` names it."""
    check_request(headers, subprotocols, None if origin == "" else origin)
    check_connect_to(connect_to)
    check_source(source)
    check_allow(allow)
    check_help(help)


SETTINGS = ("headers", "subprotocols", "origin", "connect_to", "source", "allow", "help")
_UNSET = {"allow": ()}  # every other one is `None`


@attrs.frozen(eq=False, repr=False)
class Region(Record):
    """A server region: a name of any kind, and its URL, or the `discovery` that finds it.

    `InvalidRegionError` says what is unfit.

    Attributes:
        alternates: URLs that are tried in order after the first one fails.
        headers, subprotocols, origin: Sent to this region in place of those that `start` was given, which are the
            defaults; of headers all are replaced. `None` means the default; an empty `origin` sends none.
        connect_to: `host:port` to connect to in place of each URL's own. Server name (SNI), `Host` and verification
            keep that of the URL. An endpoint of `discovery` is asked at its own address.
        source: The address of this machine from which all is connected, a proxy and a discovery's endpoint included.
            Only addresses of its family are tried.
        allow: What a firewall has to let through for this service, as its operator says: `"*.example.org:443"`.
        help: The https address of the page that says so, and what is to be said of it.
    """

    name: str = attrs.field()
    url: str | None = attrs.field(default=None, repr=_shown_url)
    alternates: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=_to_alternates, repr=lambda urls: f"({', '.join(map(_shown_url, urls))})"
    )
    discovery: Discovery | None = attrs.field(default=None, kw_only=True)
    headers: tuple[tuple[str, str], ...] | None = attrs.field(
        default=None, kw_only=True, converter=_to_pairs, repr=_shown_headers
    )
    subprotocols: tuple[str, ...] | None = attrs.field(
        default=None, kw_only=True, converter=_to_tuple_or_none, repr=_shown_subprotocols
    )
    origin: str | None = attrs.field(default=None, kw_only=True)
    connect_to: str | None = attrs.field(default=None, kw_only=True)
    source: str | None = attrs.field(default=None, kw_only=True)
    allow: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_tuple, repr=False)
    help: str | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_name(self.name)
        where = f"region {self.name!r}:"
        if (self.url is None) == (self.discovery is None):
            raise InvalidRegionError(f"{where} exactly one of url and discovery must be given")
        if self.discovery is not None and not isinstance(self.discovery, Discovery):
            raise InvalidRegionError(f"{where} discovery must be a Discovery, not {describe(self.discovery)}")
        if self.url is not None:
            check_url(self.url, what=f"{where} url")
        for alternate in self.alternates:
            check_url(alternate, what=f"{where} alternate")
        own = {name: setting for name in SETTINGS if (setting := getattr(self, name)) != _UNSET.get(name)}
        try:
            if own:
                check_settings(**own)
        except (TypeError, ValueError) as error:
            raise InvalidRegionError(f"{where} {error}") from error


def to_regions(regions: Mapping[str, str] | Iterable[Region]) -> tuple[Region, ...]:
    """Return what was given as `regions` as records, checked; `InvalidRegionError` names what is wrong."""
    if isinstance(regions, Mapping):
        found = tuple(Region(name, _check_text(name, url)) for name, url in regions.items())
    elif isinstance(regions, Iterable) and not isinstance(regions, str | bytes):
        found = tuple(regions)
    else:
        raise InvalidRegionError(f"regions must be a mapping or an iterable of Region, not {describe(regions)}")
    seen: set[str] = set()
    for region in found:
        if not isinstance(region, Region):
            raise InvalidRegionError(f"regions must hold Region records, not {type(region).__name__}")
        if region.name in seen:
            raise InvalidRegionError(f"region {region.name!r} is given twice")
        seen.add(region.name)
    if not found:
        raise InvalidRegionError("regions must hold at least one region")
    return found
