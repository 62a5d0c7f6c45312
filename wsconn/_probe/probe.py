"""Takes one region from its name to its outcome. Made once a test, with what its regions share."""

from __future__ import annotations

import contextlib
import ssl
from concurrent.futures import Future

import attrs

from wsconn._deadline import Deadline
from wsconn._diagnosis.evidence import NO_DESCRIPTORS, Evidence, StageFailed, symbol
from wsconn._diagnosis.recorder import Journal
from wsconn._io.abort import Abort
from wsconn._io.background import Once
from wsconn._io.stream import Channel, OverBudget
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Failure, RegionOutcome, Stage
from wsconn._probe.route import Route
from wsconn._regions import Discovery, Region, Target, taken_apart
from wsconn._stages.discovery import discover
from wsconn._stages.tls import failure as tls_failure
from wsconn._stages.upgrade import Request, load_library, upgrade


@attrs.frozen
class Probe:
    """Called with a region, its deadline, the test's abort and the region's journal: returns the outcome.

    Raises `Aborted` once the test is.
    """

    route: Route
    request: Request
    verify_frames: bool
    library: Once[None] = attrs.field(factory=lambda: Once(load_library, "wsconn-import"))

    def join(self) -> None:
        """Wait for what was loaded in the background, once no region is under way any more."""
        self.library.join()
        self.route.trust.join()

    def __call__(self, region: Region, deadline: Deadline, abort: Abort, journal: Journal) -> RegionOutcome:
        """Try the region's URLs in turn, each with an equal share of the time that is left."""
        if not deadline.remaining():
            return journal.too_late()
        ways = [way for way in (region.discovery, region.url, *region.alternates) if way]
        last: Failure | None = None
        for tried, way in enumerate(ways):
            share = deadline.share(len(ways) - tried)
            try:
                target = taken_apart(way) if isinstance(way, str) else self._discover(way, share, abort, journal)
                journal.begin_url(target.scheme, target.host, target.port, target.url)
                journal.hide(*target.secrets, *self.request.secrets)
                self._try(target, share, abort, journal)
            except StageFailed as failed:
                last = journal.url_failed(failed)
            else:
                journal.url_worked()
                return journal.passed()
        assert last  # noqa: S101 - for the types alone: a region has a way
        return journal.failed(last)

    def _discover(self, discovery: Discovery, deadline: Deadline, abort: Abort, journal: Journal) -> Target:
        endpoint = taken_apart(discovery.url)
        journal.begin_url(endpoint.scheme, endpoint.host, endpoint.port, endpoint.url, discovering=True)
        journal.hide(*endpoint.secrets)
        channel = self.route.open(endpoint, deadline, abort, journal)
        try:
            with journal.timed(Stage.DISCOVERY):
                target = discover(channel, endpoint, discovery.pointer)
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise tls_failure(error) from error
        finally:
            channel.close()
        journal.url_worked()
        return target

    def _try(self, target: Target, deadline: Deadline, abort: Abort, journal: Journal) -> None:
        library = self.library.begin()  # loads while the connection is made
        channel = self.route.open(target, deadline, abort, journal)
        try:
            journal.stage = Stage.UPGRADE
            _loaded(library, deadline, abort)
            self._talk(channel, target, journal)
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise tls_failure(error) from error
        finally:
            channel.close()

    def _talk(self, channel: Channel, target: Target, journal: Journal) -> None:
        with journal.timed(Stage.UPGRADE):
            opened = upgrade(channel, target, self.request)
        journal.http_status = 101
        if self.verify_frames:
            with journal.timed(Stage.FRAMES):
                first = opened.exchange_frames()
            journal.round_trip, journal.close_code = first.round_trip, first.close_code
            journal.close_reason = journal.discreet(first.close_reason)
        with contextlib.suppress(StageFailed, OverBudget, ssl.SSLError):  # it has passed; whoever hung up first may
            opened.say_goodbye()


def _loaded(library: Future[None], deadline: Deadline, abort: Abort) -> None:
    try:
        result_of(library, deadline, abort)
    except StageFailed as failed:
        if failed.cause is not Cause.TIMEOUT:
            raise
        raise StageFailed(Cause.TIMEOUT, Evidence(loading="websocket-client")) from failed
    except WorkFailed as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and symbol(cause) in NO_DESCRIPTORS:
            raise StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(cause), detail=cause.strerror)) from error
        raise
