"""The settings that name a PAC file: where it is, and who says so. A pure question, asked of texts."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from wsconn._exceptions import InvalidRegionError
from wsconn._regions import Target, parse_url
from wsconn._text import CONTROL, is_ip_address, redact_url

VARIABLE = "WSCONN_PAC"
PREFIX = "pac+"  # before the scheme of the file's own URL, as libproxy writes it
_DISCOVERED = "http://wpad/wpad.dat"  # as browsers do: the resolver's search list adds the domain
_LOGIN = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)
_DRIVE = re.compile(r"/?([A-Za-z])[:|]")


class UnfitPac(ValueError):
    """What names a PAC file cannot be used; the message says why, and holds no secret."""


class PacSetting(NamedTuple):  # a quicker import than attrs'
    """A PAC file, and which setting named it: one at a URL, or at a `path` of this machine.

    `unfit` says why it cannot be had at all. One that is `discovered` was asked for without a name (WPAD), and may not
    be there.
    """

    source: str
    target: Target | None = None
    path: str | None = None
    unfit: str | None = None
    discovered: bool = False
    named: str = ""

    @property
    def url(self) -> str:
        """Its URL as a person may see it: without its query."""
        return redact_url(self.named)

    def __str__(self) -> str:
        return f"the PAC file {self.url}"


def names_pac(url: str) -> bool:
    """Whether what should name a proxy names a PAC file."""
    return url[: len(PREFIX)].lower() == PREFIX


def parse_pac(url: str, source: str) -> PacSetting:
    """Read the URL of a PAC file, with or without `pac+` before it. `UnfitPac` says what is wrong with it."""
    named = url[len(PREFIX) :] if names_pac(url) else url
    if named[:5].lower() == "file:":
        return PacSetting(source=source, path=file_path(named), named=named)
    if _LOGIN.match(named):
        raise UnfitPac(
            f"the PAC file '{redact_url(named)}' has a user name or password, and wsconn sends none to get one"
        )
    try:
        target = parse_url(named, schemes=("http", "https"), what="the PAC file")
    except InvalidRegionError as error:
        wrong = "must begin with http://, https:// or file:///" if "must begin with" in str(error) else None
        raise UnfitPac(f"the PAC file '{redact_url(named)}' {wrong}" if wrong else str(error)) from None
    return PacSetting(source=source, target=target, named=named)


def read_pac(url: str, source: str) -> PacSetting:
    """Read what a variable or the system says: what is unfit there is told with the regions, and raises nothing."""
    try:
        return parse_pac(url.strip(), source)
    except UnfitPac as error:
        named = url.strip().removeprefix(PREFIX)
        return PacSetting(source=source, unfit=str(error), named=named)


def discovered_pac(source: str) -> PacSetting:
    """Return the PAC file that a network may offer without being asked by name."""
    return parse_pac(_DISCOVERED, source)._replace(discovered=True)


def is_never_asked(host: str) -> bool:
    """Whether no browser asks a PAC file about a host: this machine itself, or one of the same link."""
    from wsconn._addresses import is_near  # here: few have a PAC file

    name = host.partition("%")[0].rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_ip_address(name) and is_near(name)


def file_path(url: str, *, windows: bool = os.name == "nt") -> str:
    """Return the path of a `file:` URL; on Windows a host in it is a share's."""
    if CONTROL.search(unquote(url)):
        raise UnfitPac("the PAC file's path holds a control character")
    host, path = _host_and_path(url.replace("\\", "/") if windows else url)
    if windows:
        return f"//{host}{path}" if host and host[1:] not in (":", "|") else _windows_path(host + path)
    if host or not path.startswith("/"):
        raise UnfitPac(f"the PAC file '{redact_url(url)}' must have three slashes and a path: file:///etc/proxy.pac")
    return path


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket in the host
        raise UnfitPac(f"the PAC file '{redact_url(url)}' must have three slashes and a path") from None
    return "" if parts.netloc.lower() == "localhost" else parts.netloc, unquote(parts.path)


def _windows_path(path: str) -> str:
    drive = _DRIVE.match(path)
    return f"{drive[1]}:{path[drive.end() :]}" if drive else path
