"""What users call: arguments are checked at this door, before any thread or socket; behind it they are trusted."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future

from wsconn import _system_proxies
from wsconn._background import Once, done
from wsconn._handle import ConnectivityTest
from wsconn._outcome import RegionOutcome
from wsconn._probe import Probe
from wsconn._proxies import Proxies, parse_proxy
from wsconn._region_files import RegionSource, load_regions
from wsconn._resolve import SYSTEM_LOOKUPS
from wsconn._result import ConnectivityResult
from wsconn._route import Route
from wsconn._shown import CONTROL, redacted, shown, told
from wsconn._tls import verifying_context
from wsconn._tunnel import why_unfit
from wsconn._upgrade import Request
from wsconn._version import __version__

LONGEST_SECONDS = 86_400
OnOutcome = Callable[[RegionOutcome], object]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_OURS = re.compile(r"host|connection|upgrade|sec-websocket-.*", re.IGNORECASE)


def start(
    regions: RegionSource | None = None,
    *,
    timeout: float = 10.0,
    total_timeout: float | None = None,
    max_workers: int | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    ssl_context: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    on_outcome: OnOutcome | None = None,
) -> ConnectivityTest:
    """Begin to test which of `regions` a WebSocket can be opened to, and return a handle at once.

    Args:
        regions: URLs by name, or `Region` records, or what else `load_regions` takes. `None` means what the environment
            says in `WSCONN_REGIONS` (a file's path or a catalogue's name), else the catalogue `daily`.
        timeout: seconds that one region may take, from its own beginning, all its stages, addresses and URLs together.
        total_timeout: seconds for the whole test; regions unfinished then have failed with `Cause.TIMEOUT`.
        max_workers: threads at once; `None` means every region at once, up to 128.
        verify_frames: whether a ping must come back after the upgrade. Without, an open socket is a pass, as in
            daily-js.
        proxy: `True` means what the environment and the system say, `None` a direct way; or the URL of a proxy:
            `http`, `socks4`, `socks4a`, `socks5` or `socks5h`.
        ssl_context: what to verify certificates with; `None` means against the system's roots.
        headers: sent with the upgrade. A `User-Agent` among them replaces wsconn's own.
        subprotocols: offered to the server, which may choose one of them or none.
        origin: the `Origin` header; `None` sends none.
        on_outcome: called with each `RegionOutcome` as it settles, on a thread of the test.

    Raises:
        InvalidRegionError: a region, a URL or a file of regions is unfit. It is a `ValueError`.
        FileNotFoundError: there is no file of regions at the path given.
        TypeError, ValueError: another argument is; the message names it.
    """
    if regions is None:
        regions = os.environ.get("WSCONN_REGIONS") or "daily"
    checked = load_regions(regions)
    request = Request(
        headers=_check_headers(headers), subprotocols=_check_subprotocols(subprotocols), origin=_check_origin(origin)
    )
    _check_bool("verify_frames", verify_frames)
    trust = _check_ssl_context(ssl_context)
    return ConnectivityTest(
        checked,
        Probe(Route(SYSTEM_LOOKUPS, trust, _check_proxy(proxy)), request, verify_frames),
        timeout=_check_seconds("timeout", timeout),
        total_timeout=None if total_timeout is None else _check_seconds("total_timeout", total_timeout),
        max_workers=_check_max_workers(max_workers),
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


def _check_seconds(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    if not 0 < value <= LONGEST_SECONDS:  # nor is it so for a NaN
        raise ValueError(f"{name} must be more than 0 and at most {LONGEST_SECONDS} seconds, not {told(value)}")
    return float(value)


def _check_max_workers(value: int | None) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"max_workers must be an int or None, not {value!r}")
    if value is not None and value < 1:
        raise ValueError(f"max_workers must be at least 1, not {value!r}")
    return value


def _check_bool(name: str, value: bool) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")


def _check_callable(name: str, value: OnOutcome | None) -> OnOutcome | None:
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be callable or None, not {value!r}")
    return value


def _check_proxy(value: str | bool | None) -> Proxies:
    if value is True:
        return _system_proxies.settings()
    if value is None:
        return Proxies()
    if not isinstance(value, str):
        raise TypeError(f"proxy must be True, None or a URL, not {told(value)}")
    try:
        proxy = parse_proxy(value, "the argument proxy")
    except ValueError as error:
        raise ValueError(f"proxy '{redacted(value)}' cannot be used: {error}") from None
    if unfit := why_unfit(proxy):
        raise ValueError(f"proxy '{redacted(value)}' cannot be used: {unfit}")
    return Proxies(fixed=proxy)


def _check_ssl_context(value: ssl.SSLContext | None) -> Callable[[], Future[ssl.SSLContext]]:
    if value is None:
        return Once(verifying_context, "wsconn-trust").begin
    if not isinstance(value, ssl.SSLContext):
        raise TypeError(f"ssl_context must be an ssl.SSLContext or None, not {told(value)}")
    return lambda: done(value)


def _check_headers(value: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, text in _pairs(value):
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError(f"headers must hold str names and values; see {name!r}")
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"headers: '{shown(name)}' is not a header's name (RFC 9110, section 5.1)")
        if _OURS.fullmatch(name):
            raise ValueError(f"headers: {name!r} is wsconn's own to send")
        if CONTROL.search(text):
            raise ValueError(f"headers: the value of {name!r} holds a control character")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text  # RFC 9110, section 5.2
    if "user-agent" not in map(str.lower, headers):
        headers["User-Agent"] = f"wsconn/{__version__}"
    return headers


def _pairs(value: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise TypeError(f"headers must be a mapping or pairs, not a {type(value).__name__}")
    pairs = list(value.items() if isinstance(value, Mapping) else value)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise TypeError("headers must be a mapping or pairs of name and value")
    return pairs


def _check_subprotocols(value: Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise TypeError(f"subprotocols must be a sequence of str, not {told(value)}")
    offered = tuple(value)
    for subprotocol in offered:
        if not isinstance(subprotocol, str):
            raise TypeError(f"subprotocols must hold str, not {subprotocol!r}")
        if not _TOKEN.fullmatch(subprotocol):
            raise ValueError(f"subprotocols: '{shown(subprotocol)}' is not a token (RFC 6455, section 4.1)")
    if len(set(offered)) < len(offered):
        raise ValueError(f"subprotocols must not repeat: {offered!r}")
    return offered


def _check_origin(value: str | None) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"origin must be a str or None, not {value!r}")
    if value is not None and (not value or CONTROL.search(value)):
        raise ValueError(f"origin must not be empty or hold a control character: '{shown(value)}'")
    return value
