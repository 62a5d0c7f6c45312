"""Rules for the proxy, and for what stands behind it."""

from __future__ import annotations

from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_NOT_FOUND = (Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED)
_PROXY = (Stage.PROXY,)

RULES = (
    Rule(
        suspect="proxy_login",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_PROXY,
        causes=(Cause.PROXY_AUTH_REQUIRED,),
        facts=("login_refused",),
        sentence="{proxy} refuses the login. It was not sent again, so that no account is locked. {advice}",
    ),
    Rule(
        suspect="proxy_login",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_PROXY,
        causes=(Cause.PROXY_AUTH_REQUIRED,),
        failed=("elsewhere_through_proxy", "again"),
        sentence="{proxy} wants a login for every host. {advice}",
    ),
    Rule(
        suspect="proxy_login",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_PROXY,
        causes=(Cause.PROXY_AUTH_REQUIRED,),
        failed=("again",),
        sentence="{proxy} wants a login. {advice}",
    ),
    Rule(
        suspect="proxy_port_rule",
        certainty=Certainty.SHOWN,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        causes=(Cause.PROXY_DENIED,),
        passed=("port",),
        failed=("again",),
        sentence="{proxy} refuses port {port}, and lets {host} through at port {open_ports}: have CONNECT to port"
        " {port} allowed.",
    ),
    Rule(
        suspect="proxy_rule",
        certainty=Certainty.SHOWN,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        causes=(Cause.PROXY_DENIED,),
        passed=("elsewhere_through_proxy",),
        failed=("again",),
        sentence="{proxy} refuses {host} by a rule, and lets {other_host} through: have CONNECT to {server} allowed.",
    ),
    Rule(
        suspect="proxy_rule",
        certainty=Certainty.LIKELY,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        causes=(Cause.PROXY_DENIED,),
        failed=("again",),
        sentence="{proxy} refuses to connect to {server}: have CONNECT to it allowed.",
    ),
    Rule(
        suspect="not_a_proxy",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_PROXY,
        causes=(Cause.PROXY_BAD_ANSWER, Cause.PROXY_UNSUPPORTED),
        failed=("elsewhere_through_proxy", "again"),
        sentence="What listens at {proxy} is not the kind of proxy that the settings name, whichever host is asked"
        " for: correct the proxy's URL (scheme, host, port).",
    ),
    Rule(
        suspect="proxy_way",
        certainty=Certainty.SHOWN,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        passed=("direct", "elsewhere_through_proxy"),
        failed=("again",),
        sentence="{proxy} works for {other_host} but does not reach {server}, which this machine reaches directly."
        " Have the proxy's administrator try {server} from the proxy. Until then, put the host into no_proxy.",
    ),
    Rule(
        suspect="proxy",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_PROXY,
        causes=(Cause.REFUSED, Cause.TIMEOUT, Cause.CLOSED, Cause.UNREACHABLE, *_NOT_FOUND),
        failed=("elsewhere_through_proxy", "again"),
        facts=("proxy_not_connected",),
        sentence="{proxy} itself works for no host: it is down, or cannot be reached. Correct the setting, or have the"
        " proxy repaired.",
    ),
    Rule(
        suspect="proxy",
        certainty=Certainty.LIKELY,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        causes=(Cause.TIMEOUT, Cause.CLOSED),
        failed=("elsewhere_through_proxy", "again"),
        facts=("proxy_connected",),
        sentence="{proxy} takes connections but opens a tunnel to no host: it does not work, or has no way out itself."
        " Have the proxy's administrator try {server} from the proxy, and check that it is the kind of proxy that its"
        " URL says.",
    ),
    Rule(
        suspect="proxy_way",
        certainty=Certainty.LIKELY,
        addressee=Addressee.PROXY,
        stages=_PROXY,
        causes=(Cause.PROXY_TARGET_UNREACHABLE, Cause.TIMEOUT, Cause.CLOSED),
        passed=("direct",),
        failed=("again",),
        sentence="{proxy} does not reach {server}, which this machine reaches directly. Have the proxy's administrator"
        " try {server} from the proxy.",
    ),
    Rule(
        suspect="proxy",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_PROXY,
        causes=(Cause.REFUSED, Cause.UNREACHABLE, *_NOT_FOUND),
        failed=("again",),
        facts=("proxy_not_connected",),
        sentence="{proxy} itself cannot be reached. Correct the setting, or have the proxy repaired.",
    ),
    Rule(
        suspect="proxy",
        certainty=Certainty.SHOWN,
        addressee=Addressee.PROXY,
        stages=(Stage.TLS, Stage.UPGRADE, Stage.FRAMES),
        passed=("direct",),
        failed=("again",),
        sentence="Through {proxy} it fails, and directly it works: the proxy, or what stands behind it, is in the way."
        " Have the proxy's administrator exempt {server}, or put the host into no_proxy.",
    ),
)
