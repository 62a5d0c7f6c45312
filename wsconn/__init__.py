"""Which server regions can this machine open a WebSocket to, and if not, why?

    import wsconn

    result = wsconn.check({"eu-central-1": "wss://eu.example.org/", "us-east-1": "wss://us.example.org/"})
    print(result.result, result.failed_regions)

`check` blocks; `start` returns a handle with futures, callbacks and `abort()`.
"""

from wsconn import _interrupt  # noqa: F401 - first: it is there for Ctrl-C while the others load

# isort: split
import typing as _typing

from wsconn._api import check, start
from wsconn._exceptions import InvalidRegionError, WsconnError
from wsconn._outcome import Attempt, Cause, Evidence, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo
from wsconn._region_files import load_regions
from wsconn._regions import Discovery, Region
from wsconn._result import ConnectivityResult, Verdict
from wsconn._run.handle import ConnectivityTest
from wsconn._version import __version__

if _typing.TYPE_CHECKING:
    from wsconn._debug_api import Conclusion, DebugReport, DebugTest, Experiment, Hold, debug, start_debug
else:

    def __getattr__(name: str) -> object:
        """Load the debugger when one of its names is first used: most programs never use one."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from wsconn._io.importing import importing

        with importing:
            from wsconn import _debug_api

        return getattr(_debug_api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "Attempt",
    "Cause",
    "Conclusion",
    "ConnectivityResult",
    "ConnectivityTest",
    "DebugReport",
    "DebugTest",
    "Discovery",
    "Evidence",
    "Experiment",
    "Failure",
    "Hold",
    "InvalidRegionError",
    "Region",
    "RegionOutcome",
    "Stage",
    "Status",
    "Timings",
    "TlsInfo",
    "Verdict",
    "WsconnError",
    "__version__",
    "check",
    "debug",
    "load_regions",
    "start",
    "start_debug",
]
