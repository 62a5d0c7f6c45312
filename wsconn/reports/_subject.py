"""What a report is about: a check's result, or a debugger's report, which holds one."""

from __future__ import annotations

from wsconn._debug.records import DebugReport
from wsconn._result import ConnectivityResult
from wsconn.reports._secrets import report_without_secrets, without_secrets

Subject = ConnectivityResult | DebugReport


def parts_of(subject: Subject) -> tuple[ConnectivityResult, DebugReport | None]:
    """Return the check's result, and the debugger's report where there is one; both without secrets."""
    if isinstance(subject, DebugReport):
        report = report_without_secrets(subject)
        return report.result, report
    return without_secrets(subject), None
