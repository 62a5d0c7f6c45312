"""The entry points for checks on many hosts. Arguments are checked here, before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from wsconn._api import check_bool, check_seconds
from wsconn._exceptions import about_argument
from wsconn._region_files import RegionSource, load_regions
from wsconn._request_fields import Headers, check_request
from wsconn._run.supervisor import MOST_WORKERS
from wsconn._text import describe
from wsconn.fleet._engines.answers import Asked, HostAnswer
from wsconn.fleet._engines.executor import ask_executor
from wsconn.fleet._engines.handle import FleetTest
from wsconn.fleet._engines.request import write_request

if TYPE_CHECKING:
    from distributed import Client

AROUND_SECONDS = 10.0  # beside the check itself: for a worker to load wsconn, and for the way there and back
MOST_TASKS = 100_000


def start_everywhere(
    client: Client | Executor,
    regions: RegionSource,
    *,
    timeout: float = 10.0,
    total_timeout: float | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    headers: Headers | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    answer_timeout: float | None = None,
    tasks: int | None = None,
) -> FleetTest:
    """Begin to check `regions` from every host of a cluster, and return a handle at once.

    Each host checks with its own proxies, names and trusted roots.

    Args:
        client: A `distributed.Client`: one check on each host that has workers. Or a `concurrent.futures.Executor`:
            `tasks` checks, wherever it runs them.
        regions: As for `wsconn.start`. A file of regions, and what it takes from the environment, is read here.
        timeout, total_timeout, verify_frames, proxy, headers, subprotocols, origin: As for `wsconn.start`.
        answer_timeout: Seconds from now after which a host that has not answered is given up. `None` means as long as
            the check may take there, and 10 s more.
        tasks: How many checks an executor is to run; `None` means one.

    Raises:
        InvalidRegionError, TypeError, ValueError: An argument is unfit; the message names it.
        FileNotFoundError: There is no file of regions at the path given.
        OSError: The cluster's scheduler cannot be reached.
        RuntimeError: The executor was shut down or the client closed; or the client is asynchronous, and this is its
            loop's thread.
    """
    checked = load_regions(regions)
    settings = _settings(timeout, total_timeout, verify_frames, proxy)
    settings |= _request(headers, subprotocols, origin)
    request = write_request(checked, settings)
    if answer_timeout is None:
        rounds = -(-len(checked) // MOST_WORKERS)
        seconds = (total_timeout or rounds * timeout) + AROUND_SECONDS
    else:
        seconds = check_seconds("answer_timeout", answer_timeout)
    asked, stop = _ask(client, request, seconds, tasks)
    return FleetTest(asked, stop, seconds)


def check_everywhere(
    client: Client | Executor,
    regions: RegionSource,
    *,
    timeout: float = 10.0,
    total_timeout: float | None = None,
    verify_frames: bool = True,
    proxy: str | bool | None = True,
    headers: Headers | None = None,
    subprotocols: Sequence[str] | None = None,
    origin: str | None = None,
    answer_timeout: float | None = None,
    tasks: int | None = None,
) -> tuple[HostAnswer, ...]:
    """Check `regions` from every host of a cluster and return their answers; arguments as for `start_everywhere`.

    Never raises for a host that is slow or dies: its answer says so. Ctrl-C aborts the checks and is raised on.
    """
    test = start_everywhere(
        client,
        regions,
        timeout=timeout,
        total_timeout=total_timeout,
        verify_frames=verify_frames,
        proxy=proxy,
        headers=headers,
        subprotocols=subprotocols,
        origin=origin,
        answer_timeout=answer_timeout,
        tasks=tasks,
    )
    try:
        return test.result()
    except BaseException:  # whatever ends the wait: nobody else has the handle
        test.abort()
        raise


def _settings(
    timeout: float, total_timeout: float | None, verify_frames: bool, proxy: str | bool | None
) -> dict[str, Any]:
    """Return what differs from the defaults, checked as `start` would, but for the host's own settings."""
    check_bool("verify_frames", verify_frames)
    settings: dict[str, Any] = {"timeout": check_seconds("timeout", timeout)}
    if total_timeout is not None:
        settings["total_timeout"] = check_seconds("total_timeout", total_timeout)
    if not verify_frames:
        settings["verify_frames"] = False
    if proxy is not True:
        from wsconn._arguments import make_route  # here: it loads the engine

        make_route(proxy, None, None)
        settings["proxy"] = proxy
    return settings


def _request(headers: Headers | None, subprotocols: Sequence[str] | None, origin: str | None) -> dict[str, Any]:
    found, offered, origin = check_request(headers, subprotocols, origin)
    request = {"headers": found, "subprotocols": offered, "origin": origin}
    return {name: value for name, value in request.items() if value}


def _ask(
    client: Client | Executor, request: str, seconds: float, tasks: int | None
) -> tuple[dict[Future[str], Asked], Callable[[], None]]:
    if isinstance(client, Executor):
        return ask_executor(client, request, _check_tasks(tasks))
    distributed = sys.modules.get("distributed")  # who has a client has loaded it
    if distributed is None or not isinstance(client, distributed.Client):
        wrong = f" must be a distributed.Client or a concurrent.futures.Executor, not {describe(client)}"
        raise about_argument(TypeError, "client", wrong)
    if tasks is not None:
        raise about_argument(ValueError, "tasks", " is for executors: of a Dask cluster each host is asked once")
    from wsconn.fleet._engines.dask import ask_cluster  # here: it loads asyncio

    return ask_cluster(client, request, seconds)


def _check_tasks(value: int | None) -> int:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise about_argument(TypeError, "tasks", f" must be an int or None, not {describe(value)}")
    if value is not None and not 1 <= value <= MOST_TASKS:
        raise about_argument(ValueError, "tasks", f" must be from 1 to {MOST_TASKS}, not {value}")
    return 1 if value is None else value
