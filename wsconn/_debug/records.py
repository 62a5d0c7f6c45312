"""What a debugger's run gives back: frozen records that pickle and compare by value."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

from wsconn._outcome import Cause, Evidence, Failure, Stage, Status, TlsInfo
from wsconn._result import ConnectivityResult

PING_SECONDS = 20.0  # from ping to ping on a connection that is kept alive: less than any limit that is usual


class Certainty(enum.StrEnum):
    """How sure a conclusion is."""

    SHOWN = "shown"  # an experiment separated this suspect from the others
    LIKELY = "likely"
    CANNOT_BE_TOLD = "cannot be told"


class Addressee(enum.StrEnum):
    """Who can mend it."""

    USER = "the user of this machine"
    NETWORK = "the network's administrator"
    PROXY = "the proxy's administrator"
    SERVICE = "the service's operator"


class HoldEnd(enum.StrEnum):
    """How a connection ended that was held open."""

    HELD = "held"  # it stood until its time was over
    CLOSE = "close"  # by a Close frame of the peer
    END = "end"  # by the end of TCP or TLS, in order and without a Close
    RESET = "reset"
    SILENCE = "silence"  # it looked open, and the next ping was not answered
    BROKEN = "broken"  # what came was no WebSocket any more, or came without end
    NOT_OPENED = "not opened"
    ABORTED = "aborted"


@attrs.frozen(kw_only=True)
class Experiment:
    """One way to a region that differs in one thing from the way that failed.

    Attributes:
        region: The region's name.
        name: The experiment's name in the table of experiments: `"plain_get"`. Conclusions refer to it.
        variant: Which of several it is that bear one name: the name server that was asked, the port. Empty where there
            is one.
        stage: The stage at which the region's check had ended, which this looks into. That of a control is the stage
            that the failed region ended at.
        changed: What differs from the check, in words.
        sent: What was sent, and to whom, in words. Neither secrets nor queries are in it.
        status: `passed`: what was tried worked, or it came further than the stage in question.
        reached: The stage at which it ended.
        cause: What ended it; `None` where nothing did.
        message: What was seen, in one line.
        evidence: The facts from which `message` is made, of what failed.
        tls: What was seen of TLS, a certificate that was only looked at included.
        address: The `host:port` that was connected to, or tried last.
        round_trip: Seconds from ping to pong, where one was sent and came back.
        began: Seconds from the start of the whole run to this experiment's.
        seconds: How long it took.
        is_control: It was made on a region that had passed, to compare with.
    """

    region: str
    name: str
    variant: str = ""
    stage: Stage
    changed: str
    sent: str
    status: Status
    reached: Stage
    cause: Cause | None = None
    message: str = ""
    evidence: Evidence | None = None
    tls: TlsInfo | None = None
    address: str | None = None
    round_trip: float | None = None
    began: float = 0.0
    seconds: float = 0.0
    is_control: bool = False


@attrs.frozen(kw_only=True)
class Conclusion:
    """Who is in the way to a region, as far as the experiments tell.

    Attributes:
        region: The region that was looked into.
        suspect: Who or what is in the way, a name from the table of conclusions: `"hosts_file"`. `None` where that
            cannot be told from here.
        certainty: `"shown"`: an experiment separated this suspect from the others. `"likely"`, or `"cannot be told"`.
        sentence: The conclusion for a person, with what to do.
        addressee: Who can mend it: `"the user of this machine"`, `"the network's administrator"`, `"the proxy's
            administrator"`, `"the service's operator"`. `None` where nobody can be named.
        experiments: The names of the experiments that it rests on.
        like_it: Other regions that failed in the same way, and were not looked into by themselves.
    """

    region: str
    suspect: str | None
    certainty: Certainty
    sentence: str
    addressee: Addressee | None = None
    experiments: tuple[str, ...] = ()
    like_it: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class RoundTrip:
    """One ping over a held connection: when it was sent, in seconds since the WebSocket opened, and what it took.

    `seconds` is `None` for a ping that was never answered.
    """

    at: float
    seconds: float | None


@attrs.frozen(kw_only=True)
class Hold:
    """One connection that was held open after the check.

    Attributes:
        region: The region's name.
        kept_alive: Whether pings went over it at times. `False`: nothing was sent once it stood, but answers to the
            peer's pings, and a ping at the very end.
        seconds: How long it stood, from the opened WebSocket to its end as far as that was seen. 0 if it never opened.
        least_seconds: It stood for at least so long. Less than `seconds` where the end was not seen as it came: what
            was cut in silence shows at the next ping. Of an idle one that is told by others beside it, which were sent
            their ping earlier.
        ended_by: How it ended, as far as can be seen from here.
        close_code: Of the peer's Close.
        close_reason: Of the peer's Close, made safe to show.
        close_notify: Whether TLS told of the end (RFC 8446, section 6.1), which only who ends the TLS can do. `None`
            without TLS, and where it did not end so.
        detail: What the system or a rule of RFC 6455 says of the end, where there is more to say.
        round_trips: The pings over it, in the order of sending.
        pinged_every: Seconds between these, of one that was kept alive.
        frames_received: How many frames the peer sent by itself, its pings included: it was not quite idle then.
        connections: How many connections were used to find this: more than one where idle ones stood beside it.
        address: The `host:port` that was connected to.
        failure: Why it could not be opened.
    """

    region: str
    kept_alive: bool
    seconds: float
    least_seconds: float = 0.0
    ended_by: HoldEnd
    close_code: int | None = None
    close_reason: str | None = None
    close_notify: bool | None = None
    detail: str | None = None
    round_trips: tuple[RoundTrip, ...] = ()
    pinged_every: float | None = None
    frames_received: int = 0
    connections: int = 1
    address: str | None = None
    failure: Failure | None = None

    @property
    def lost(self) -> int:
        """How many pings were never answered."""
        return sum(trip.seconds is None for trip in self.round_trips)


@attrs.frozen(kw_only=True)
class DebugReport:
    """What the debugger found. All of it may be less than was meant to be done, where it was aborted.

    Attributes:
        result: The check's own result.
        experiments: In the order in which they began.
        conclusions: One for each kind of failure, in the order of the regions.
        holds: Two a region that was held open, idle before kept alive, in the order of the regions.
        started_at: When the run began, in UTC.
        duration: How long all of it took, in seconds.
        aborted: Whether it was aborted before all had been done.
    """

    result: ConnectivityResult
    experiments: tuple[Experiment, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    holds: tuple[Hold, ...] = ()
    started_at: datetime
    duration: float
    aborted: bool = False

    def of(self, region: str) -> tuple[Experiment, ...]:
        """Return the experiments on one region."""
        return tuple(experiment for experiment in self.experiments if experiment.region == region)
