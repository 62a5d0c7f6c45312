"""Which targets may be probed: patterns of URLs. Pure rules.

    wss://*.example.org            any name below example.org, port 443, any path
    wss://chat.example.org:8443/   this host and port, any path
    ws://10.0.0.7/echo             this path alone

Whoever can ask for any target can look around in the network of the machine that probes. So no pattern fits all hosts.
"""

from __future__ import annotations

import re

import attrs

from wsconn._regions import DEFAULT_PORTS, Target, parse_url
from wsconn._text import describe, redact_url

_ANY_BELOW = "*."
_STAND_IN = "any."  # in place of the star, so that the rest can be checked as a URL is
_DOTS = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)  # what a server may resolve to another path


@attrs.frozen
class Pattern:
    """A pattern of URLs, taken apart. `path` is empty where any will do."""

    scheme: str
    host: str  # below which, where `below`
    below: bool
    port: int
    path: str

    @classmethod
    def parse(cls, text: object) -> Pattern:
        """Return what `text` means; `ValueError` says what is wrong with it."""
        if not isinstance(text, str):
            raise ValueError(f"a pattern must be a string, not {describe(text)}")
        shown, below = f"pattern '{redact_url(text)}'", f"://{_ANY_BELOW}" in text
        whole = text.replace(f"://{_ANY_BELOW}", f"://{_STAND_IN}", 1)
        if "*" in whole:
            raise ValueError(f"{shown} may have a star only as the first label of the host: wss://*.example.org")
        if "?" in whole:
            raise ValueError(f"{shown} must have no query: any will do")
        target = parse_url(whole, what="pattern")
        host = (target.host.removeprefix(_STAND_IN) if below else target.host).rstrip(".")
        if below and ("." not in host or host.rpartition(".")[2].isdecimal()):
            raise ValueError(f"{shown} fits too much: name a domain, as in wss://*.example.org")
        return cls(target.scheme, host, below, target.port, "" if target.resource == "/" else target.resource)

    def fits(self, target: Target) -> bool:
        """Tell whether a target is one that it means."""
        place = (target.scheme, target.port) == (self.scheme, self.port)
        return place and self._fits_host(target.host.rstrip(".")) and self._fits_path(target.resource)

    def _fits_host(self, host: str) -> bool:
        if self.below:  # an address with a zone may end like a name: [::1%25eth0.example.org]
            return host.endswith(f".{self.host}") and ":" not in host
        return host == self.host

    def _fits_path(self, resource: str) -> bool:
        path = resource.partition("?")[0]
        return not self.path or (path == self.path and not _DOTS.search(path))

    def __str__(self) -> str:
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{_ANY_BELOW if self.below else ''}{host}{port}{self.path or '/'}"
