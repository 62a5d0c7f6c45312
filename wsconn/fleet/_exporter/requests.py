"""What a request over HTTP may hold, and what is answered: plain records, and the checks that come first.

Whoever asks is a stranger. Nothing of the request is repeated in an answer, but for what was checked, or was redacted;
`Host` names no link, and where the exporter listens for this machine alone it must name this machine: a page that a
browser shows could otherwise have its own name resolve to here, and read the answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

import attrs

from wsconn._deadline import now
from wsconn._text import is_ip_address

MOST_QUERY = 4096  # characters
ASKED_AT = (
    "wsconn.asked_at"  # in a request's environment, if the server says so: when it was there, on the clock of `now`
)
_MOST_FIELDS = 16
_HOST = re.compile(r"(\[(?P<v6>[^\]]+)\]|(?P<name>[^:\[\]]+))(:[0-9]+)?")
_PLAIN = "text/plain; charset=utf-8"
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
_LEAST_SECONDS = 0.01
_OFFSET_SECONDS = 0.5  # of a scraper's time that is kept for the way of the answer, as in blackbox_exporter


@attrs.frozen
class Answer:
    """An answer: status, media type and content."""

    status: str
    body: bytes
    media_type: str = _PLAIN
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def text(cls, status: str, said: str, *headers: tuple[str, str]) -> Answer:
        """Return one that is a line of text."""
        return cls(status, f"{said}\n".encode(errors="replace"), headers=headers)

    def all_headers(self) -> list[tuple[str, str]]:
        """Return what goes before the content."""
        length = ("Content-Length", str(len(self.body)))
        return [("Content-Type", self.media_type), length, *_HEADERS, *self.headers]


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: str, said: str, *headers: tuple[str, str]) -> None:
        super().__init__(said)
        self.answer = Answer.text(status, said, *headers)


def check_request(environ: Mapping[str, Any], hosts: Collection[str] | None) -> None:
    """Raise `Refused` for a request that is answered nowhere."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        raise Refused("405 Method Not Allowed", "this answers GET and HEAD alone", ("Allow", "GET, HEAD"))
    if hosts is not None and not _is_known(environ.get("HTTP_HOST", ""), hosts):
        raise Refused("421 Misdirected Request", "this name is not one of mine; see wsconn serve --host")
    if len(environ.get("QUERY_STRING", "")) > MOST_QUERY:
        raise Refused("414 URI Too Long", f"a query may have {MOST_QUERY} characters")


def _is_known(host: str, hosts: Collection[str]) -> bool:
    """Tell whether `Host` is an address, which no name server can turn into another, or one of these names."""
    found = _HOST.fullmatch(host)
    name = (found["v6"] or found["name"]) if found else ""
    return is_ip_address(name) or name.lower().rstrip(".") in hosts


def mounted_at(environ: Mapping[str, Any]) -> str:
    """Return the path at which the application is mounted, as a link on this host has it: `""`, or `/wsconn`.

    A server may have it with a slash at either end, and percent-encoded or not; two slashes would begin another host.
    """
    path = quote(environ.get("SCRIPT_NAME", ""), safe="/%", encoding="latin-1", errors="replace").strip("/")
    return f"/{path}" if path else ""


def path_in(environ: Mapping[str, Any]) -> str:
    """Return the path that is asked for, below that at which the application is mounted."""
    return "/" + str(environ.get("PATH_INFO", "")).lstrip("/")


def fields_of(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of the query; of one that is given twice, the first."""
    try:
        pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused("400 Bad Request", f"a query may have {_MOST_FIELDS} fields") from error
    return dict(reversed(pairs))


def seconds_for(module: float, environ: Mapping[str, Any]) -> float:
    """Return the seconds that a probe may take: the module's, or what the scraper leaves, whichever is less."""
    asked = environ.get("HTTP_X_PROMETHEUS_SCRAPE_TIMEOUT_SECONDS")
    if asked is None:
        return module
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:  # nor is it so for a NaN
        raise Refused("400 Bad Request", "X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds")
    here = now()
    waited: float = here - environ.get(ASKED_AT, here)  # for a thread, where very many ask at once
    return min(module, max(seconds - _OFFSET_SECONDS, seconds / 2, _LEAST_SECONDS + waited) - waited)


def names_of(hosts: Iterable[str]) -> frozenset[str]:
    """Return names of hosts as they are compared."""
    return frozenset(host.lower().rstrip(".") for host in hosts)
