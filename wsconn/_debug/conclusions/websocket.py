"""Rules for the request for a WebSocket, and for a request to an endpoint of discovery."""

from __future__ import annotations

from wsconn._debug.conclusions import clear, frames
from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_UPGRADE, _FRAMES = (Stage.UPGRADE,), (Stage.FRAMES,)
_BOTH = (Stage.UPGRADE, Stage.FRAMES)
_ANSWERED = (Stage.UPGRADE, Stage.DISCOVERY)
_CUT = (Cause.TIMEOUT, Cause.CLOSED)

_ANSWERS = (Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_UPGRADE)

_REQUEST = (
    Rule(
        suspect="one_address",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        causes=_ANSWERS,
        passed=("address",),
        failed=("again",),
        sentence="{host} works at {good_addresses}, and not at {address}: one of the servers behind this name has a"
        " fault ({check}). Tell the service's operator.",
    ),
    Rule(
        suspect="large_packets",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_UPGRADE,
        causes=(Cause.TIMEOUT,),
        passed=("small_segments",),
        failed=("again",),
        sentence="Large packets are lost on the way to {server}: with small segments of TCP the same request is"
        " answered. A VPN or tunnel has a smaller MTU than it tells; have MSS clamping, or the ICMP messages that are"
        " too big, let through.",
    ),
    Rule(
        suspect="one_address",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_BOTH,
        passed=("address",),
        failed=("again",),
        sentence="{host} works at {good_addresses}, and not at {address}: that one of its servers has a fault, or the"
        " way to it is broken. Tell the service's operator; if it works from other networks, this network's"
        " administrator.",
    ),
    Rule(
        suspect="origin",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("without_origin",),
        failed=("again",),
        sentence="{server} does not take the Origin that was sent, and opens without one: leave it out (origin, at the"
        " command line --origin), or ask the service's operator to allow it.",
    ),
    Rule(
        suspect="origin",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("with_origin",),
        failed=("again",),
        facts=("no_origin_sent",),
        sentence="{server} takes no WebSocket without an Origin: give the one of the service's web page (origin, at the"
        " command line --origin).",
    ),
    Rule(
        suspect="origin",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("with_origin",),
        failed=("again",),
        sentence="{server} opens for the Origin of its own web page, and not otherwise: give that one (origin, at the"
        " command line --origin).",
    ),
    Rule(
        suspect="subprotocol",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("subprotocol",),
        failed=("again",),
        sentence="{server} wants the subprotocol {subprotocols}: offer it alone (subprotocols, at the command line"
        " --subprotocol).",
    ),
    Rule(
        suspect="subprotocol",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_BOTH,
        passed=("without_subprotocols",),
        failed=("again",),
        sentence="{server} takes none of the subprotocols that were offered, and opens without: leave them out.",
    ),
    Rule(
        suspect="user_agent",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_BOTH,
        passed=("browser_user_agent",),
        failed=("again",),
        sentence="{server}, or a filter before it, lets browsers in and not this program: it goes by the User-Agent."
        " Ask the service's operator to allow wsconn's, or the network's administrator where that is not the"
        " service's.",
    ),
    Rule(
        suspect="bot_check",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_ANSWERED,
        failed=("again",),
        facts=("bot_check",),
        sentence="A bot check stands before {server}: ask the service's operator to exempt the WebSocket's address.",
    ),
)
_REFUSALS = (
    Rule(
        suspect="network_login",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_ANSWERED,
        failed=("again",),
        facts=("wants_network_login",),
        sentence="This network wants a login first: open any web page, and log in.",
    ),
    Rule(
        suspect="network_login",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_UPGRADE,
        causes=(Cause.REDIRECTED,),
        passed=("plain_get",),
        facts=("in_the_clear", "leads_elsewhere", "none_pass"),
        sentence="Every request is sent elsewhere ({location}), and no region passes: most likely this network wants a"
        " login. Open any web page, and log in.",
    ),
    Rule(
        suspect="rate_limit",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_ANSWERED,
        failed=("again",),
        facts=("too_many",),
        sentence="{server} says that there are too many requests from here (HTTP 429): wait, then test again; ask the"
        " service's operator for its limit.",
    ),
)
_INSIDE_TLS = (
    Rule(
        suspect="interception",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_UPGRADE,
        causes=(*_CUT, Cause.BAD_UPGRADE),
        passed=("plain_get",),
        failed=("again",),
        facts=("opened_in_the_network",),
        sentence="{maker} opens TLS on the way (issuer {issuer}): it lets an ordinary request pass and not the upgrade"
        " to WebSocket. Have {server} exempted from TLS inspection.",
    ),
    Rule(
        suspect="interception_here",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_UPGRADE,
        causes=(*_CUT, Cause.BAD_UPGRADE),
        passed=("plain_get",),
        failed=("again",),
        facts=("opened_here",),
        sentence="{maker} on this machine opens TLS (issuer {issuer}): it lets an ordinary request pass and not the"
        " upgrade to WebSocket. Exempt {server} there.",
    ),
    Rule(
        suspect="interception",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_FRAMES,
        failed=("close_at_once", "again"),
        facts=("opened_in_the_network",),
        sentence="{maker} opens TLS on the way (issuer {issuer}), and no frame gets through it: have {server} exempted"
        " from TLS inspection.",
    ),
    Rule(
        suspect="interception_here",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_FRAMES,
        failed=("close_at_once", "again"),
        facts=("opened_here",),
        sentence="{maker} on this machine opens TLS (issuer {issuer}), and no frame gets through it: exempt {server}"
        " there.",
    ),
    Rule(
        suspect="path",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("authentic", "request_varied", "found_nothing", "get_found_nothing"),
        sentence="{server} serves nothing at the URL's path, neither a WebSocket nor a page: check the path with the"
        " service's operator.",
    ),
    Rule(
        suspect="login",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        failed=("again",),
        facts=("authentic", "request_varied", "wants_login"),
        sentence="{server} itself refuses ({status}), with an Origin and a browser's User-Agent too: it most likely"
        " wants a login in the headers. Ask the service's operator.",
    ),
    Rule(
        suspect="access_rule",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        failed=("again",),
        facts=("authentic", "request_varied", "is_refused"),
        sentence="{server} itself refuses ({status}), with a browser's User-Agent too: it most likely wants the Origin"
        " of the service's web page (origin, at the command line --origin) or a login in the headers, does not serve"
        " this machine's address, or knows no WebSocket at the URL's path. Ask the service's operator which.",
    ),
    Rule(
        suspect="backend",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_ANSWERED,
        failed=("again",),
        facts=("authentic", "request_varied", "server_error"),
        sentence="{server}, or what stands behind it, is down or overloaded ({status}): tell the service's operator.",
    ),
    Rule(
        suspect="service",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("authentic", "request_varied", "serves_a_page", "get_same_status"),
        sentence="{server} serves a page at the URL's path, and takes the request for a WebSocket for one ({status}):"
        " the path is not the WebSocket's, or the front end before it loses the headers Upgrade and Connection. Check"
        " the path with the service's operator.",
    ),
    Rule(
        suspect="front_end",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("authentic", "request_varied", "no_websocket_here", "get_same_status"),
        sentence="{server} answers, and takes the request for an ordinary one ({status}): the front end before the"
        " WebSocket server most likely loses the upgrade. Tell the service's operator to pass on the headers Upgrade"
        " and Connection.",
    ),
    Rule(
        suspect="front_end",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("in_the_clear", "others_pass_in_the_clear", "no_websocket_here", "get_same_status"),
        sentence="{server} takes the request for an ordinary one ({status}), and other regions pass without TLS, so"
        " nothing on this network loses the upgrade: the front end before the WebSocket server most likely does. Tell"
        " the service's operator.",
    ),
    Rule(
        suspect="path",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("in_the_clear", "others_pass_in_the_clear", "found_nothing", "get_found_nothing"),
        sentence="{server} serves nothing at the URL's path, neither a WebSocket nor a page, and other regions pass"
        " without TLS: check the path with the service's operator.",
    ),
    Rule(
        suspect="service",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        causes=_CUT,
        passed=("plain_get",),
        failed=("again",),
        facts=("authentic",),
        sentence="{server} answers an ordinary request, over TLS that only it can have, and does not answer the request"
        " for a WebSocket: it, or the front end before it, most likely does not serve WebSocket at this path, or takes"
        " too long. Tell the service's operator.",
    ),
    Rule(
        suspect="service",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_UPGRADE,
        passed=("plain_get",),
        failed=("again",),
        facts=("authentic", "request_varied"),
        sentence="{server} itself answers no as the holder of a certificate that this machine trusts: it, or its front"
        " end, does not serve WebSocket here as it should ({check}). Tell the service's operator.",
    ),
)
_ENDPOINT = (
    Rule(
        suspect="endpoint",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=(Stage.DISCOVERY,),
        causes=(Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_DISCOVERY),
        failed=("again",),
        facts=("authentic",),
        sentence="{server} itself answers, over TLS that only it can have, and does not name the region's server"
        " ({check}): the endpoint's address or the pointer is most likely out of date. Check both, in the region file"
        " or catalogue, with the service's operator. Nothing is known yet about WebSocket.",
    ),
)
RULES = (*_REQUEST, *clear.RULES, *_REFUSALS, *_INSIDE_TLS, *_ENDPOINT, *frames.RULES)
