"""Takes one region from its name to its outcome. Made once a test, with what its regions share."""

from __future__ import annotations

import ssl

import attrs

from wsconn._abort import Abort
from wsconn._background import Once
from wsconn._channel import Channel
from wsconn._deadline import Deadline
from wsconn._evidence import Evidence
from wsconn._exceptions import StageFailed
from wsconn._journal import Journal
from wsconn._outcome import Cause, Failure, RegionOutcome, Stage
from wsconn._regions import Region, Target, parse_url
from wsconn._route import Route
from wsconn._tls import failure
from wsconn._upgrade import Request, load_library, upgrade
from wsconn._waiting import result_of


@attrs.frozen
class Probe:
    """Called with a region, its deadline, the test's abort and the region's journal: returns the outcome.

    Raises `Aborted` once the test is.
    """

    route: Route
    request: Request
    verify_frames: bool
    library: Once[None] = attrs.field(factory=lambda: Once(load_library, "wsconn-import"))

    def __call__(self, region: Region, deadline: Deadline, abort: Abort, journal: Journal) -> RegionOutcome:
        """Try the region's URLs in turn, each with an equal share of the time that is left."""
        urls = [url for url in (region.url, *region.alternates) if url]
        last: Failure | None = None
        for tried, url in enumerate(urls):
            target = parse_url(url)
            journal.begin_url(target.scheme, target.host, target.port, target.url)
            try:
                self._try(target, deadline.share(len(urls) - tried), abort, journal)
            except StageFailed as failed:
                last = journal.url_failed(failed)
            else:
                return journal.passed()
        assert last  # a region has a URL
        return journal.failed(last)

    def _try(self, target: Target, deadline: Deadline, abort: Abort, journal: Journal) -> None:
        if not deadline.remaining():
            raise StageFailed(Cause.TIMEOUT, Evidence(began=False))
        library = self.library.begin()  # loads while the connection is made
        channel = self.route.open(target, deadline, abort, journal)
        try:
            result_of(library, deadline, abort)
            self._talk(channel, target, journal)
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise failure(error) from error
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
            journal.close_reason = first.close_reason
        opened.say_goodbye()
