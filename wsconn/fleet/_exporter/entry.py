"""The entry point: arguments are checked here, before any thread or socket."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from wsconn._api import check_bool, check_max_workers, check_seconds
from wsconn._exceptions import about_argument
from wsconn._region_files import REGIONS_VARIABLE, SUFFIXES, RegionSource, load_regions
from wsconn._regions import Region
from wsconn._result import ConnectivityResult
from wsconn._text import CONTROL, describe
from wsconn.fleet._exporter.configuration import Configuration
from wsconn.fleet._exporter.exporter import Exporter
from wsconn.fleet._exporter.probing import Arguments
from wsconn.fleet._exporter.requests import names_of
from wsconn.reports._machine import site_of_environment

if TYPE_CHECKING:
    import ssl

MAX_PROBES = 256
_LONGEST_SITE = 100


def exporter(
    regions: RegionSource | None = None,
    *,
    interval: float = 60.0,
    modules: str | os.PathLike[str] | None = None,
    max_probes: int = MAX_PROBES,
    site: str | None = None,
    hosts: Iterable[str] | None = None,
    on_result: Callable[[ConnectivityResult], object] | None = None,
    timeout: float = 10.0,
    max_workers: int | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    proxy_ssl_context: ssl.SSLContext | None = None,
    ssl_context: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
) -> Exporter:
    """Return a WSGI application that checks `regions` at an interval, and tells Prometheus and people what it found.

    Args:
        regions: as for `wsconn.start`. A file is read again when it changes.
        interval: seconds from the beginning of a round to that of the next, with a tenth of jitter either way. Rounds
            never overlap.
        modules: a file of modules, which say how `/probe` probes and which targets. Without, it probes the regions.
        max_probes: probes at once; more are refused with 503.
        site: a label `site` for every metric. `None` means what the environment says in `WSCONN_SITE`.
        hosts: names by which requests may call this host, beside its addresses; `None` means any.
        on_result: called with the result of each round, on the thread of the rounds.
        timeout, max_workers, verify_frames, proxy, proxy_ssl_context, ssl_context, headers, subprotocols, origin: as
            for `wsconn.start`.

    Raises:
        ImportError: Without prometheus-client (the extra `fleet`).
        InvalidRegionError: a region, or a file, is unfit. It is a `ValueError`.
        FileNotFoundError: there is no file at a path given.
        TypeError, ValueError: another argument is; the message names it.
    """
    check_bool("verify_frames", verify_frames)
    if regions is None:
        regions = os.environ.get(REGIONS_VARIABLE) or "daily"
    return make_exporter(
        read_of(regions),
        files_of(regions),
        Arguments(
            timeout=timeout,
            max_workers=max_workers,
            given={
                "verify_frames": verify_frames,
                "proxy": proxy,
                "proxy_ssl_context": proxy_ssl_context,
                "ssl_context": ssl_context,
                "headers": headers if headers is None else dict(headers),
                "subprotocols": subprotocols,
                "origin": origin,
            },
        ),
        interval=interval,
        modules=modules,
        max_probes=max_probes,
        site=site,
        hosts=hosts,
        on_result=on_result,
    )


def make_exporter(
    read: Callable[[], tuple[Region, ...]],
    files: tuple[pathlib.Path, ...],
    arguments: Arguments,
    *,
    interval: float,
    modules: str | os.PathLike[str] | None,
    max_probes: int,
    site: str | None,
    hosts: Iterable[str] | None,
    on_result: Callable[[ConnectivityResult], object] | None = None,
    exports_lost: Callable[[], int] = lambda: 0,
    warning: str | None = None,
) -> Exporter:
    """Return the application for regions that `read` returns, each time that one of `files` has changed.

    `exports_lost` tells how many results `on_result` could not export.
    """
    check_seconds("interval", interval)
    check_seconds("timeout", arguments.timeout)
    check_max_workers(arguments.max_workers)
    if isinstance(max_probes, bool) or not isinstance(max_probes, int) or max_probes < 1:
        raise about_argument(ValueError, "max_probes", f" must be an int of at least 1, not {describe(max_probes)}")
    configuration = Configuration(
        read, arguments, modules=None if modules is None else pathlib.Path(modules), files=files
    )
    return Exporter(
        configuration,
        interval=float(interval),
        max_probes=max_probes,
        site=_check_site(site),
        hosts=None if hosts is None else names_of(hosts),
        on_result=on_result,
        exports_lost=exports_lost,
        warning=warning,
    )


def read_of(regions: RegionSource) -> Callable[[], tuple[Region, ...]]:
    """Return what reads regions, from a file anew each time."""
    if isinstance(regions, str | os.PathLike):
        return lambda: load_regions(regions)
    known = load_regions(regions)  # an iterator can be read once
    return lambda: known


def files_of(regions: object) -> tuple[pathlib.Path, ...]:
    """Return the file that regions are read from, where there is one."""
    if not isinstance(regions, str | os.PathLike):
        return ()
    path = pathlib.Path(regions)
    return (path,) if path.suffix in SUFFIXES else ()


def _check_site(site: str | None) -> str | None:
    site = site_of_environment() if site is None else site
    if not site:
        return None
    if not isinstance(site, str) or CONTROL.search(site) or len(site) > _LONGEST_SITE:
        raise about_argument(
            ValueError, "site", f" must be text of at most {_LONGEST_SITE} characters, not {describe(site)}"
        )
    return site
