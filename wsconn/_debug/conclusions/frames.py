"""Rules for the first frames, and for many of them where one was answered."""

from __future__ import annotations

from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_FRAMES = (Stage.FRAMES,)

_FIRST_FRAMES = (
    Rule(
        suspect="buffering",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_FRAMES,
        passed=("many_pings",),
        failed=("again",),
        facts=("authentic",),
        sentence="{server} does not answer a single ping, but answers 64 in one write: the front end holds frames back"
        " until it has enough of them. Tell the service's operator to switch buffering off.",
    ),
    Rule(
        suspect="buffering",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_FRAMES,
        passed=("many_pings",),
        failed=("again",),
        sentence="{server} does not answer a single ping, but answers 64 in one write: something on the way holds"
        " frames back until it has enough of them. Have {server} exempted from inspection.",
    ),
    Rule(
        suspect="no_pongs",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_FRAMES,
        causes=(Cause.NO_PONG,),
        passed=("close_at_once",),
        failed=("many_pings", "again"),
        sentence="{server} answers a Close, so frames pass both ways, but no ping: most likely it never answers pings."
        " Test with --no-verify-frames (verify_frames=False), and tell the service's operator (RFC 6455, section"
        " 5.5.2).",
    ),
    Rule(
        suspect="service",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_FRAMES,
        causes=(Cause.BAD_FRAMES,),
        failed=("again",),
        facts=("authentic",),
        sentence="{server} itself sends frames that break the rules, over TLS verified as its own: {check}. Tell the"
        " service's operator.",
    ),
    Rule(
        suspect="service",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_FRAMES,
        causes=(Cause.NO_PONG,),
        failed=("close_at_once", "many_pings", "again"),
        facts=("authentic",),
        sentence="The WebSocket opens over TLS verified as {server}'s own, but no frame passes, not even a Close: its"
        " front end most likely does not connect it to the server behind. Tell the service's operator.",
    ),
)
_MANY_FRAMES = (
    Rule(
        suspect="large_packets",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_FRAMES,
        passed=("many_pings_in_small_segments", "large_up"),
        failed=("many_pings",),
        facts=("large_unanswered",),
        of_passed=True,
        sentence="The check passes, but large packets are lost on the way from {server}: 64 pings are answered only in"
        " small TCP segments. A call would stall. A VPN or tunnel has a smaller MTU than it reports: have MSS clamping"
        " switched on, or ICMP messages of the type 'packet too big' let through.",
    ),
    Rule(
        suspect="large_packets",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_FRAMES,
        passed=("many_pings_in_small_segments",),
        failed=("many_pings", "large_up"),
        facts=("large_unanswered",),
        of_passed=True,
        sentence="The check passes, but large packets are lost on the way to {server}: 64 pings are answered only in"
        " small TCP segments. A call would stall. A VPN or tunnel has a smaller MTU than it reports: have MSS clamping"
        " switched on, or ICMP messages of the type 'packet too big' let through.",
    ),
)
RULES = (*_FIRST_FRAMES, *_MANY_FRAMES)
