"""Asks a PAC file for the ways to a server. To be had and to be asked, it takes a half of a region's time at most."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from wsconn._diagnosis.causes.words import not_installed
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.abort import CancelScope
from wsconn._io.routes import own_addresses
from wsconn._outcome import Evidence
from wsconn._pac_settings import PacSetting
from wsconn._probe.pac_file import Open, PacFile
from wsconn._probe.pac_thread import SCRIPT_STACK_BYTES, PacThread
from wsconn._probe.ways import Ways
from wsconn._protocols.pac import PacFailed, Way, available, evaluate, is_unreadable, shown
from wsconn._protocols.pac import ways as ways_in
from wsconn._proxies import IN_BROWSERS, Proxy, UnfitProxy, parse_proxy
from wsconn._regions import Target
from wsconn._stages.resolve import Lookups, resolve
from wsconn._text import host_port, plain, sanitize, without_query

EXTRA = "pac"
MOST_WAYS = 20  # of an answer: a script can write without end
_DISCOVERY_SECONDS = 1.0  # for the name wpad, as in Chromium: most networks have none


class Pac:
    """The PAC files of a test."""

    def __init__(self, lookups: Lookups, open_stream: Open) -> None:
        self._lookups = lookups
        self._open = open_stream
        self._lock = threading.Lock()  # guards _files
        self._files: dict[PacSetting, PacFile] = {}
        self._thread = PacThread()

    def ask(self, settings: Sequence[PacSetting], target: Target, scope: CancelScope) -> Ways:
        """Ask the first file that can be had for the ways to `target`; it takes half the time that is left at most.

        Raises `Aborted`.
        """
        asked, soon = Ways(), scope.share(2)
        for setting in settings:
            if setting.discovered and not self._is_offered(setting, soon):
                continue
            asked = self._ask(setting, target, soon)
            if asked.ways:
                break
        return asked

    def join(self) -> None:
        """Wait a moment for a script that nobody waits for any more."""
        self._thread.join()

    def _is_offered(self, setting: PacSetting, scope: CancelScope) -> bool:
        """Whether this network has the name that a PAC file is discovered by; where none can be read none is sought."""
        host = setting.target.host if setting.target else ""
        return available() and bool(self._look_up(host, scope.within(_DISCOVERY_SECONDS)))

    def _ask(self, setting: PacSetting, target: Target, scope: CancelScope) -> Ways:
        seen = Evidence(pac=setting.url, pac_source=setting.source)
        if not available():
            problem = plain(not_installed(EXTRA))
            return Ways((), attrs.evolve(seen, pac_problem=problem, pac_missing_extra=EXTRA))
        with self._lock:
            file = self._files.setdefault(setting, PacFile(setting, self._open))
        text = file.get(scope)
        seen = attrs.evolve(
            seen, pac_media_type=text.media_type, pac_http_status=text.http_status, pac_problem=text.problem
        )
        if text.problem:
            return Ways((), seen)
        try:
            answer = self._evaluate(text.script, target, scope)
        except PacFailed as failed:
            return Ways((), attrs.evolve(seen, pac_problem=failed.detail))
        found = dict.fromkeys(_proxy(way, setting) for way in ways_in(answer)[:MOST_WAYS])
        unread = "its answer names no way that browsers know" if is_unreadable(answer) else None
        return Ways(tuple(found), attrs.evolve(seen, pac_answer=shown(answer), pac_problem=unread))

    def _evaluate(self, script: str, target: Target, scope: CancelScope) -> str:
        return evaluate(
            script,
            without_query(target.url),  # which may hold a secret, and a script can tell a name server what it likes
            lambda name: self._look_up(name, scope.share(2)),  # so that a script goes on after a name that hangs
            own_addresses,
            now=datetime.now(UTC).astimezone(),
            remaining=scope.remaining,
            run=lambda run_script: self._thread.run(run_script, scope),
            stack_bytes=SCRIPT_STACK_BYTES,
        )

    def _look_up(self, name: str, scope: CancelScope) -> Sequence[str]:
        try:
            answers = resolve(name, 0, self._lookups, scope)
        except StageFailed as failed:
            return failed.evidence.resolved_to if failed.evidence else ()
        return [address.sockaddr[0] for address in answers.addresses()]


def _proxy(way: Way, setting: PacSetting) -> Proxy | None:
    if way.scheme == "direct":
        return None
    scheme = IN_BROWSERS.get(way.scheme, way.scheme)
    try:
        return parse_proxy(f"{scheme}://{host_port(way.host, way.port)}", str(setting))
    except UnfitProxy as error:
        return Proxy(scheme=scheme, host=sanitize(way.host), port=way.port, source=str(setting), unfit=str(error))
