"""What the schedule does: begins a round, takes its result, and has the files read anew."""

from __future__ import annotations

import logging
from collections.abc import Callable

from wsconn._result import ConnectivityResult, Verdict
from wsconn._run.handle import ConnectivityTest
from wsconn.fleet._exporter.configuration import Configuration
from wsconn.fleet._exporter.memory import Memory
from wsconn.fleet._exporter.own_metrics import Counted

OnResult = Callable[[ConnectivityResult], object]

_log = logging.getLogger("wsconn.fleet")


class Rounds:
    """Called by the schedule, on its thread."""

    def __init__(
        self, configuration: Configuration, counted: Counted, memory: Memory, on_result: OnResult | None
    ) -> None:
        self._configuration = configuration
        self._counted = counted
        self._memory = memory
        self._on_result = on_result

    def begin_round(self) -> ConnectivityTest | None:
        """Begin a check of all regions; `None` where this machine does not let it begin."""
        try:
            return self._configuration.start()
        except (OSError, RuntimeError, ValueError) as error:
            self._counted.add("unstarted")
            _log.warning("no round could begin: %s", error)
            return None

    def end_round(self, result: ConnectivityResult) -> None:
        """Remember a result, and hand it on; one that was aborted is no result."""
        if result.result is Verdict.ABORTED:
            return
        self._memory.add(result)
        if self._on_result is not None:
            self._on_result(result)

    def be_late(self) -> None:
        """Count a round that is late."""
        self._counted.add("late")

    def reload(self) -> None:
        """Read all files anew."""
        self._configuration.reload()

    def look(self) -> None:
        """Read the files anew if one has changed."""
        if self._configuration.is_changed():
            self._configuration.reload()
