"""What a report is about: a check's result, or a debugger's report, which holds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from wsconn._exceptions import about_argument
from wsconn._result import ConnectivityResult
from wsconn._text import describe
from wsconn.reports._secrets import report_without_secrets, without_secrets

if TYPE_CHECKING:
    from wsconn._debug.records import DebugReport

Subject: TypeAlias = "ConnectivityResult | DebugReport"


def parts_of(subject: Subject) -> tuple[ConnectivityResult, DebugReport | None]:
    """Return the check's result, and the debugger's report where there is one; both without secrets."""
    if isinstance(subject, ConnectivityResult):
        return without_secrets(subject), None
    from wsconn._debug.records import DebugReport  # here: only a report of the debugger's needs them

    if isinstance(subject, DebugReport):
        report = report_without_secrets(subject)
        return report.result, report
    return check_result(subject, "a ConnectivityResult or a DebugReport"), None


def check_result(result: object, expected: str) -> ConnectivityResult:
    """Return what is a check's result; a `TypeError` says what was `expected` in place of anything else."""
    if isinstance(result, ConnectivityResult):
        return result
    from wsconn._debug.records import DebugReport

    hint = "; give its result" if isinstance(result, DebugReport) else ""
    raise about_argument(TypeError, "result", f" must be {expected}, not {describe(result)}{hint}")
