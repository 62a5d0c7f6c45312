"""Takes one region from its name to its outcome. Made once a test, with what its regions share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import attrs

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy
from wsconn._io.importing import importing
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Evidence, Failure, RegionOutcome, Stage
from wsconn._probe.loading import loading
from wsconn._probe.route import Route
from wsconn._regions import Discovery, Region, Target, split_url
from wsconn._stages.request import Request

Converse = Callable[[Stream, Target, Request, Recorder, bool, Callable[[Stream], object] | None], None]
_loaded_conversation: list[Converse] = []  # once it has been loaded


def load_conversation() -> Converse:
    """Import what is said over a connection, websocket-client above all: 85 ms, once in a process."""
    with importing:
        from wsconn._probe.conversation import converse
    _loaded_conversation[:] = [converse]
    return converse


def _conversation() -> Lazy[Converse]:
    loaded = _loaded_conversation
    return Lazy.done(loaded[0]) if loaded else Lazy(load_conversation, "wsconn-import")


@attrs.frozen(eq=False, repr=False)
class Probe:
    """Called with a region, its deadline, the test's abort and the region's recorder: returns the outcome.

    `request` is sent to regions that have nothing of their own. `keep` is given each WebSocket that opened and may take
    its stream over, before any frame; it then has passed. Raises `Aborted` once the test is.
    """

    route: Route
    request: Request
    verify_frames: bool
    library: Lazy[Converse] = attrs.field(factory=_conversation)
    tried: dict[str, Target] = attrs.field(factory=dict, repr=False)  # by region, its URL under way or tried last
    keep: Callable[[Stream], object] | None = None

    def join(self) -> None:
        """Wait for what was loaded in the background, once no region is under way any more."""
        self.library.join()
        self.route.join()

    def __call__(self, region: Region, scope: CancelScope, recorder: Recorder) -> RegionOutcome:
        """Try the region's URLs in turn, each with an equal share of the time that is left."""
        if not scope.remaining():
            return recorder.too_late()
        request = self.request.for_region(region)
        ways = [way for way in (region.discovery, region.url, *region.alternates) if way]
        last: Failure | None = None
        for tried, way in enumerate(ways):
            share = scope.share(len(ways) - tried)
            try:
                found = split_url(way) if isinstance(way, str) else self.discover(way, region, share, recorder)
                self.tried[region.name] = target = found.reached_as(region)
                self.attempt(target, request, share, recorder)
            except StageFailed as failed:
                last = recorder.url_failed(failed, stalled_seconds=scope.stalled_seconds)
            else:
                recorder.url_worked()
                return recorder.passed()
        assert last  # noqa: S101 - for the types alone: a region has a way
        return recorder.failed(last)

    def discover(self, discovery: Discovery, region: Region, scope: CancelScope, recorder: Recorder) -> Target:
        """Ask an endpoint for a region's URL, or raise `StageFailed`."""
        endpoint = attrs.evolve(split_url(discovery.url), source=region.source)
        with loading():  # here: few regions are discovered
            import ssl

            from wsconn._stages.discovery import discover
            from wsconn._stages.tls import failure as tls_failure

        recorder.begin_url(
            endpoint.scheme, endpoint.host, endpoint.port, endpoint.url, discovering=True, source=region.source
        )
        recorder.hide(*endpoint.secrets)
        stream = self.route.open(endpoint, scope, recorder)
        try:
            with recorder.timed(Stage.DISCOVERY):
                target = discover(stream, endpoint, discovery.pointer)
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise tls_failure(error, Stage.TLS) from error
        finally:
            stream.close()
        recorder.url_worked()
        return target

    def attempt(self, target: Target, request: Request, scope: CancelScope, recorder: Recorder) -> None:
        """Go the whole way to one URL, or raise `StageFailed`."""
        begin(target, recorder)
        recorder.hide(*target.secrets, *request.secrets)
        library = self.library.begin()  # loads while the connection is made
        stream = self.route.open(target, scope, recorder)
        try:
            recorder.stage = Stage.UPGRADE
            if not library.done():
                self.library.hurry()
            converse = _loaded(library, scope)
            converse(stream, target, request, recorder, self.verify_frames, self.keep)
        finally:
            stream.close()


def begin(target: Target, recorder: Recorder) -> None:
    """Have the recorder turn to a server."""
    recorder.begin_url(
        target.scheme, target.host, target.port, target.url, connect_to=target.connect_to, source=target.source
    )


def _loaded(library: Future[Converse], scope: CancelScope) -> Converse:
    try:
        return result_of(library, scope)
    except StageFailed as failed:
        if failed.cause is not Cause.TIMEOUT:
            raise
        raise StageFailed(Cause.TIMEOUT, Evidence(not_loaded="websocket-client")) from failed
    except WorkFailed as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and symbol(cause) in NO_DESCRIPTORS:
            raise StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(cause), detail=cause.strerror)) from error
        raise
