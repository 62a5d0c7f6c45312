"""The debugger's public names, for `wsconn` to load when one is first used."""

from __future__ import annotations

from wsconn._debug.records import Conclusion, DebugReport, Experiment, Hold

__all__ = ["Conclusion", "DebugReport", "Experiment", "Hold"]
