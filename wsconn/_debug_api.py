"""The debugger's entry points, and its records: what `wsconn` loads when one of these names is first used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from wsconn._api import OnOutcome, check_bool, check_seconds, start
from wsconn._debug.handle import DebugTest
from wsconn._debug.records import PING_SECONDS, Conclusion, DebugReport, Experiment, Hold
from wsconn._exceptions import about_argument
from wsconn._region_files import RegionSource

if TYPE_CHECKING:
    import ssl

LEAST_PING_SECONDS = 0.1  # more often a server would take it for an attack

__all__ = ["Conclusion", "DebugReport", "DebugTest", "Experiment", "Hold", "debug", "start_debug"]


def start_debug(
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
    all_regions: bool = False,
    hold: float | None = None,
    ping_every: float = PING_SECONDS,
) -> DebugTest:
    """Begin to check `regions` and to find out who is in the way to those that fail, and return a handle at once.

    It checks as `start` does, then makes experiments, each of which differs from a failed check in one thing, and draws
    conclusions from them. Nothing is sent to anybody but the hosts that the regions name, their endpoints of discovery,
    the proxies of the settings, and the name servers of this machine.

    Args:
        regions: as for `start`, like all arguments but the last three.
        timeout: seconds that one region may take in the check; an experiment has half of that, and all of it without
            the holds ends within three times that.
        total_timeout: seconds for the whole check.
        max_workers: threads of the check at once.
        verify_frames: as for `start`.
        proxy: as for `start`. Only where the settings say which proxy to use (`True`), the way without it is tried.
        proxy_ssl_context: as for `start`.
        ssl_context: as for `start`.
        headers: as for `start`. They are sent in no experiment without TLS where the check has TLS.
        subprotocols: as for `start`.
        origin: as for `start`.
        on_outcome: called with each `RegionOutcome` of the check.
        all_regions: make experiments on every region, and not on one for each kind of failure alone; on those that
            passed, with frames.
        hold: seconds for which connections to the regions that passed are held open; `None` holds none. To each region
            one is idle, and one is sent a ping now and then; up to four idle ones stand beside, which show when a
            connection is cut in silence.
        ping_every: seconds from ping to ping on those that are kept alive.

    Raises:
        InvalidRegionError, FileNotFoundError, TypeError, ValueError, RuntimeError: as for `start`.
    """
    check_bool("all_regions", all_regions)
    held = None if hold is None else check_seconds("hold", hold)
    every = check_seconds("ping_every", ping_every)
    if every < LEAST_PING_SECONDS:
        raise about_argument(ValueError, "ping_every", f" must be at least {LEAST_PING_SECONDS} seconds, not {every}")
    handle = start(
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
    checked, probe = handle._under_test()  # noqa: SLF001 - meant for this
    return DebugTest(handle, checked, probe, timeout=timeout, all_regions=all_regions, hold=held, ping_every=every)


def debug(
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
    all_regions: bool = False,
    hold: float | None = None,
    ping_every: float = PING_SECONDS,
) -> DebugReport:
    """Check `regions`, find out who is in the way to those that fail, and return the report; as for `start_debug`.

    Never raises for a region that cannot be reached. Ctrl-C aborts the run and is raised on.
    """
    test = start_debug(
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
        all_regions=all_regions,
        hold=hold,
        ping_every=ping_every,
    )
    try:
        return test.result()
    except BaseException:  # whatever ends the wait: nobody else has the handle
        test.abort()
        raise
