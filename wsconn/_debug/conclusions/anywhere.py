"""Rules for wherever a check ended: what is flaky, and what is this machine's own."""

from __future__ import annotations

from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_ALL = tuple(Stage)
_POOR = (
    "Every attempt to reach {server} ends in silence, and not always at the same stage: most likely packets are lost,"
    " or the connection is too slow. Try a cable instead of Wi-Fi, with no other traffic, then test from another"
    " network. If it is steady there, ask this network's administrator."
)

FIRST = (
    Rule(
        suspect="this_machine",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_ALL,
        causes=(Cause.LOCAL_LIMIT,),
        failed=("again",),
        sentence="This machine itself has nothing left for one more connection (descriptors, threads, ports or memory):"
        " nothing is known about {server}.",
    ),
    Rule(
        suspect="flaky",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_ALL,
        causes=(Cause.TIMEOUT, Cause.NO_PONG),
        partly=("again",),
        facts=("again_works",),
        sentence="{server} can be reached at times, and at others there is silence: {passes} of {tries} more attempts"
        " passed. Packets are lost, or one of several servers behind this name is down. Test from another network. If"
        " it is steady there, ask this network's administrator about lost packets; if not, tell the service's"
        " operator.",
    ),
    Rule(
        suspect="flaky",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_ALL,
        partly=("again",),
        facts=("again_works", "others_pass"),
        sentence="The way to {server} works at times: of {tries} more tries {passes} passed. Other regions pass, so ask"
        " the service's operator first: one of several servers or addresses behind this name may be down.",
    ),
    Rule(
        suspect="flaky",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=(Stage.UPGRADE,),
        partly=("again",),
        facts=("again_works", "authentic", "answered"),
        sentence="{server} itself refuses at times ({status}): {passes} of {tries} more attempts passed. Most likely"
        " one of several servers behind it is down or overloaded. Tell the service's operator.",
    ),
    Rule(
        suspect="flaky",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_ALL,
        partly=("again",),
        facts=("again_works",),
        sentence="The way to {server} works at times: of {tries} more tries {passes} passed. Test from another network:"
        " if it is steady there, ask this network's administrator about packets that are lost.",
    ),
    Rule(
        suspect="passing",
        certainty=Certainty.SHOWN,
        addressee=None,
        stages=_ALL,
        passed=("again",),
        facts=("again_works", "nothing_else_fails"),
        sentence="It failed once, and passed {passes} times of {tries} since: the trouble has passed. Test again when"
        " it comes back.",
    ),
    Rule(
        suspect="poor_way",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_ALL,
        causes=(Cause.TIMEOUT, Cause.NO_PONG),
        failed=("again",),
        facts=("silent_here_and_there",),
        sentence=_POOR,
    ),
    Rule(
        suspect="poor_way",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_ALL,
        causes=(Cause.TIMEOUT, Cause.NO_PONG),
        passed=("again",),
        facts=("silent_here_and_there",),
        sentence=_POOR,
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=None,
        stages=_ALL,
        passed=("again",),
        sentence="The check's failure ({check}) did not come back, but another one did: {later}. Run the debugger"
        " again to look into that one.",
    ),
    Rule(
        suspect="rate_limit",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=(Stage.CONNECT, Stage.TLS),
        causes=(Cause.TIMEOUT, Cause.REFUSED, Cause.CLOSED, Cause.UNREACHABLE),
        failed=("again",),
        facts=("same_server_passes",),
        sentence="Other regions at the same {server} pass, but this one gets no connection: most likely the server, or"
        " a firewall in front of it, limits connections from here. Test again later with fewer regions or"
        " max_workers=1, and ask the service's operator what the limit is.",
    ),
)
LAST = (
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=None,
        stages=_ALL,
        facts=("others_pass",),
        sentence="Who is in the way cannot be told from here. What was seen: {check}. Other regions pass. Test from"
        " another network: if it fails there as well, tell the service's operator, else this network's administrator.",
    ),
)
UNKNOWN = "Who is in the way cannot be told from here. What was seen: {check}. {advice}"
