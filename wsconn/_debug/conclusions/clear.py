"""Rules for a WebSocket without TLS, which opens with TLS."""

from __future__ import annotations

from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_UPGRADE = (Stage.UPGRADE,)
_BOTH = (Stage.UPGRADE, Stage.FRAMES)
_CUT = (Cause.TIMEOUT, Cause.CLOSED)

RULES = (
    Rule(
        suspect="wants_tls",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_UPGRADE,
        passed=("other_scheme",),
        failed=("again", "plain_get"),
        facts=("in_the_clear", "same_port"),
        sentence="{server} speaks TLS, and with TLS the WebSocket opens there: write wss:// in the URL.",
    ),
    Rule(
        suspect="wants_tls",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_UPGRADE,
        causes=(Cause.REDIRECTED,),
        passed=("other_scheme",),
        failed=("again",),
        facts=("in_the_clear", "redirects_to_tls"),
        sentence="{host} redirects to itself with TLS, and the WebSocket opens there: write wss:// in the URL.",
    ),
    Rule(
        suspect="plain_http",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_BOTH,
        causes=(*_CUT, Cause.NO_PONG, Cause.BAD_FRAMES, Cause.BAD_UPGRADE),
        passed=("other_scheme",),
        failed=("again",),
        facts=("in_the_clear", "none_pass_in_the_clear"),
        sentence="Without TLS the WebSocket to {host} fails, and with TLS it passes: most likely something on the way"
        " tampers with HTTP where it can read it. Use wss, or have WebSocket allowed there.",
    ),
    Rule(
        suspect="plain_http",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_UPGRADE,
        passed=("other_scheme", "plain_get"),
        failed=("again",),
        facts=("in_the_clear", "none_pass_in_the_clear", "no_websocket_here", "get_same_status"),
        sentence="Without TLS {host} treats the request as an ordinary one ({status}), and with TLS the WebSocket"
        " opens. Most likely something on the way strips the upgrade's headers where it can read them. Use wss, or"
        " have WebSocket allowed there. If it is the same from other networks, tell the service's operator.",
    ),
    Rule(
        suspect="wants_tls",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_UPGRADE,
        causes=(Cause.HTTP_STATUS, Cause.REDIRECTED),
        passed=("other_scheme", "plain_get"),
        failed=("again",),
        facts=("in_the_clear", "none_pass_in_the_clear", "get_same_status"),
        sentence="Without TLS {host} answers {status}, to an ordinary request as well, and with TLS the WebSocket"
        " opens: most likely it is served only with TLS. Write wss:// in the URL.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("other_scheme",),
        failed=("again",),
        facts=("in_the_clear",),
        sentence="Without TLS the WebSocket to {host} fails ({check}), and with TLS it opens: write wss:// in the URL."
        " Whether something on the way tampers with it, or the server does not serve it without TLS, cannot be told"
        " from here.",
    ),
)
