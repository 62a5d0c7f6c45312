"""The entry points. Arguments are checked here, before any thread or socket; inside they are trusted."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from wsconn._exceptions import about_argument
from wsconn._outcome import RegionOutcome
from wsconn._region_files import REGIONS_VARIABLE, RegionSource, load_regions
from wsconn._result import ConnectivityResult
from wsconn._run import green_threads
from wsconn._run.handle import ConnectivityTest
from wsconn._text import describe

if TYPE_CHECKING:
    import ssl

LONGEST_SECONDS = 86_400
OnOutcome = Callable[[RegionOutcome], object]


def start(
    regions: RegionSource | None = None,
    *,
    timeout: float = 10.0,
    total_timeout: float | None = None,
    max_workers: int | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    proxy_ssl_context: ssl.SSLContext | None = None,
    ssl_context: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    on_outcome: OnOutcome | None = None,
) -> ConnectivityTest:
    """Begin to test which of `regions` a WebSocket can be opened to, and return a handle at once.

    Without regions, and without `WSCONN_REGIONS`, it asks Daily's servers over the network: that is what daily-js does.

    Args:
        regions: URLs by name, or `Region` records, or what else `load_regions` takes. `None` means what the environment
            says in `WSCONN_REGIONS` (a file's path or a catalogue's name), else the catalogue `daily`.
        timeout: seconds that one region may take, from its own beginning, all its stages, addresses and URLs together.
        total_timeout: seconds for the whole test; regions unfinished then have failed with `Cause.TIMEOUT`.
        max_workers: threads at once; `None` means every region at once, up to 128.
        verify_frames: whether a ping must come back after the upgrade. Without, an open socket is a pass, as in
            daily-js.
        proxy: `True` means what the environment and the system say, `None` a direct way; or the URL of a proxy:
            `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`; or that of a PAC file: `pac+https`,
            `pac+http` or `pac+file`.
        proxy_ssl_context: what to verify the certificate of an `https` proxy with, as `ssl_context`; it may have a
            client certificate for the proxy. `None` means against the system's roots, even where `ssl_context` is
            given.
        ssl_context: what to verify certificates with; `None` means against the system's roots.
        headers: sent with the upgrade. A `User-Agent` among them replaces wsconn's own.
        subprotocols: offered to the server, which may choose one of them or none.
        origin: the `Origin` header, if `headers` have none; `None` sends none.
        on_outcome: called with each `RegionOutcome` as it settles, on a thread of the test.

    Raises:
        InvalidRegionError: a region, a URL or a file of regions is unfit. It is a `ValueError`.
        FileNotFoundError: there is no file of regions at the path given.
        TypeError, ValueError: another argument is; the message names it.
        OSError: at the first test of a process, or the first with an `ssl_context`, there is no descriptor left to load
            the rest of wsconn with. Later ones need none for that; their regions have failed with `Cause.LOCAL_LIMIT`.
        RuntimeError: threads or `socket.socket` were replaced (by gevent, eventlet, PySocks) in a way on which no test
            can run; the message says what to do.
    """
    if unsupported := green_threads.unsupported_reason():
        raise RuntimeError(unsupported)
    _load_engine()
    from wsconn._arguments import make_probe
    from wsconn._io import replaced_socket

    if unsupported := replaced_socket.unsupported_reason():
        raise RuntimeError(unsupported)
    if regions is None:
        regions = os.environ.get(REGIONS_VARIABLE) or "daily"
    checked = load_regions(regions)
    check_bool("verify_frames", verify_frames)
    probe = make_probe(
        verify_frames=verify_frames,
        proxy=proxy,
        proxy_ssl_context=proxy_ssl_context,
        ssl_context=ssl_context,
        headers=headers,
        subprotocols=subprotocols,
        origin=origin,
    )
    return ConnectivityTest(
        checked,
        probe,
        timeout=check_seconds("timeout", timeout),
        total_timeout=None if total_timeout is None else check_seconds("total_timeout", total_timeout),
        max_workers=check_max_workers(max_workers),
        on_outcome=_check_callable("on_outcome", on_outcome),
    )


def check(
    regions: RegionSource | None = None,
    *,
    timeout: float = 10.0,
    total_timeout: float | None = None,
    max_workers: int | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    proxy_ssl_context: ssl.SSLContext | None = None,
    ssl_context: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    on_outcome: OnOutcome | None = None,
) -> ConnectivityResult:
    """Test which of `regions` a WebSocket can be opened to, and return the result; arguments as for `start`.

    Never raises for a region that cannot be reached. Ctrl-C aborts the test and is raised on.
    """
    test = start(
        regions,
        timeout=timeout,
        total_timeout=total_timeout,
        max_workers=max_workers,
        verify_frames=verify_frames,
        proxy=proxy,
        proxy_ssl_context=proxy_ssl_context,
        ssl_context=ssl_context,
        headers=headers,
        subprotocols=subprotocols,
        origin=origin,
        on_outcome=on_outcome,
    )
    try:
        return test.result()
    except BaseException:  # whatever ends the wait (a signal handler's SystemExit, say): nobody else has the handle
        test.abort()
        raise


@functools.cache
def _load_engine() -> None:
    """Import what a test alone needs, and a program that starts should not wait for: ssl above all."""
    from wsconn._io.importing import undisturbed

    undisturbed(_import_engine)


def _import_engine() -> None:
    import wsconn._arguments
    import wsconn._io.replaced_socket
    import wsconn._run.notifier
    import wsconn._run.settlement
    import wsconn._run.supervisor  # noqa: F401 - for later


def check_seconds(name: str, value: float) -> float:
    """Return a span as a float, or raise what names the argument."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise about_argument(TypeError, name, f" must be a number of seconds, not {describe(value)}")
    if not 0 < value <= LONGEST_SECONDS:  # nor is it so for a NaN
        raise about_argument(
            ValueError, name, f" must be more than 0 and at most {LONGEST_SECONDS} seconds, not {describe(value)}"
        )
    return float(value)


def check_max_workers(value: int | None) -> int | None:
    """Return a number of threads, or raise what names the argument."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise about_argument(TypeError, "max_workers", f" must be an int or None, not {describe(value)}")
    if value is not None and value < 1:
        raise about_argument(ValueError, "max_workers", f" must be at least 1, not {describe(value)}")
    return value


def check_bool(name: str, value: bool) -> None:
    """Raise what names the argument, unless it is a bool."""
    if not isinstance(value, bool):
        raise about_argument(TypeError, name, f" must be True or False, not {describe(value)}")


def _check_callable(name: str, value: OnOutcome | None) -> OnOutcome | None:
    if value is not None and not callable(value):
        raise about_argument(TypeError, name, f" must be callable or None, not {describe(value)}")
    return value
