"""The causes that may end a region at any stage."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes.words import (
    Explanation,
    after,
    fills_packets,
    is_in_proxy_handshake,
    name,
    other_protocol,
    others,
    peer,
    reply,
    server,
    ticket,
    why,
    within,
)
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value


def _on_timeout(seen: Evidence) -> str:
    if seen.never_began:
        return "not begun: the whole test's time (total_timeout) was over before this region's turn came"
    if seen.not_loaded:
        loading = f"this machine had not loaded {value(seen.not_loaded)} {after(seen)}"
        return f"{loading}; nothing was asked of {server(seen)} yet"
    if is_in_proxy_handshake(seen):
        return f"{peer(seen)} took the connection, but did not finish the TLS handshake {within(seen)}"
    match seen.stage:
        case Stage.RESOLVE:
            return f"the name server did not answer for {name(seen)} {within(seen)}"
        case Stage.PROXY if seen.ticket_problem:
            return f"{peer(seen)} wants a login{reply(seen)}{ticket(seen)} {within(seen)}"
        case Stage.PROXY if seen.connected:
            login = f"fell silent {_during_login(seen)}, and" if seen.auth_schemes else "took the connection, but"
            return f"{peer(seen)} {login} opened no tunnel to {server(seen)} {within(seen)}"
        case Stage.CONNECT:
            return f"{peer(seen)} did not answer {within(seen)}: no TCP connection{why(seen, others(seen))}"
        case Stage.TLS:
            return f"{peer(seen)} took the connection, but did not finish the TLS handshake {within(seen)}"
        case Stage.UPGRADE:
            size = f" of {value(seen.request_bytes)} bytes" if fills_packets(seen) else ""
            return f"{peer(seen)} took the connection, but did not answer the WebSocket request{size} {within(seen)}"
        case _:
            return f"{peer(seen)} did not answer {within(seen)}"


_CLOSED_WHEN = {
    Stage.CONNECT: "before it stood",
    Stage.PROXY: "before it had opened a tunnel",
    Stage.TLS: "during the TLS handshake",
    Stage.UPGRADE: "before it had answered the WebSocket request",
    Stage.FRAMES: "after the WebSocket had opened, before any frame came",
}


def _during_login(seen: Evidence) -> str:
    return f"during a login (it offers {value(', '.join(seen.auth_schemes))})" if seen.auth_schemes else ""


def _on_closed(seen: Evidence) -> str:
    how = "reset" if seen.os_error == "ECONNRESET" else "ended"
    stage = Stage.TLS if is_in_proxy_handshake(seen) else seen.stage or Stage.DISCOVERY
    when = _during_login(seen) or _CLOSED_WHEN.get(stage, "too early")
    spoken = other_protocol(seen)
    other = f"it speaks {spoken}, and something else was spoken to it" if spoken else None
    return f"the connection to {peer(seen)} was {how} {when}, {after(seen)}{why(seen, other, others(seen))}"


def _on_local_limit(seen: Evidence) -> str:
    if seen.shutting_down:
        return f"this program is ending, and Python starts no more threads{why(seen)}"
    return f"this machine could not open one more connection{why(seen, others(seen))}"


CAUSES: Mapping[Cause, Explanation] = {
    Cause.TIMEOUT: Explanation(
        meaning="No answer in the time that the region had.",
        origin=(
            "A firewall drops packets silently, the server or the network is overloaded, or the timeout is too short."
        ),
        advice="Ask the network's administrator whether a firewall drops traffic to this host and port.",
        message=_on_timeout,
        phrase="no answer comes in time",
    ),
    Cause.CLOSED: Explanation(
        meaning="The connection was ended before the stage was over.",
        origin="A firewall that cut it on seeing a name or a header, or a server that closed it.",
        advice=(
            "Ask the network's administrator whether a firewall ends connections to this host; if it is the same from"
            " other networks, tell the service's operator."
        ),
        message=_on_closed,
        phrase="the connection is ended",
    ),
    Cause.LOCAL_LIMIT: Explanation(
        meaning="This machine, or this process, ran out of something it needs for one more connection.",
        origin="No more file descriptors, threads, ports or memory.",
        advice=(
            "Test fewer regions at once (max_workers, at the command line --max-workers), close what else runs in this"
            " process, or raise its limits (ulimit -n for descriptors, ulimit -u for threads)."
        ),
        message=_on_local_limit,
        phrase="this machine had nothing left for one more connection",
    ),
    Cause.OUTRUN: Explanation(
        meaning="This address had not answered yet when another one did. It is no fault.",
        origin="Addresses are tried side by side (RFC 8305); one of them wins.",
        advice="Nothing need be done.",
        message=lambda seen: f"{peer(seen)} had not answered {after(seen)}, when another address did",
        phrase="another address was quicker",
    ),
    Cause.INTERNAL_ERROR: Explanation(
        meaning="wsconn itself made a mistake.",
        origin="A fault in wsconn: nothing is known about the region.",
        advice="Report it to the maintainers of wsconn, with the traceback that it logs under the logger wsconn.",
        message=lambda seen: f"wsconn itself failed{why(seen)}; nothing is known about {server(seen)}",
        phrase="wsconn itself failed",
    ),
}
