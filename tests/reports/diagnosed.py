"""A debugger's report made by hand, with everything in it: no socket has seen any of this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.factories import EVERYTHING, ZSCALER
from wsconn import Cause, Conclusion, DebugReport, Evidence, Experiment, Hold, Stage, Status, TlsInfo
from wsconn._debug.records import Addressee, Certainty, HoldEnd, RoundTrip

_PINGS = tuple(RoundTrip(at=20.0 * n, seconds=(0.011, 0.014, 0.012, 0.19, 0.013, 0.012)[n - 1]) for n in range(1, 7))
_LOST = tuple(RoundTrip(at=20.0 * n, seconds=0.09 if n < 5 else None) for n in range(1, 7))


def made(region: str, name: str, changed: str, reached: Stage, cause: Cause | None = None, **more: Any) -> Experiment:
    """Make an experiment."""
    told: dict[str, Any] = {
        "stage": Stage.TLS,
        "sent": f"a TLS handshake, to {region}.example.org:443",
        "status": Status.FAILED if cause else Status.PASSED,
        "seconds": 0.05,
        "address": "192.0.2.12:443",
        "message": "this was seen" if cause else "",
    }
    return Experiment(region=region, name=name, changed=changed, reached=reached, cause=cause, **{**told, **more})


def held(region: str, kept_alive: bool, ended_by: HoldEnd, seconds: float, **more: Any) -> Hold:
    """Make a hold; without more it was seen when it ended."""
    every = 20.0 if kept_alive else None
    told: dict[str, Any] = {"least_seconds": seconds, "pinged_every": every, "address": "192.0.2.10:443"}
    return Hold(region=region, kept_alive=kept_alive, ended_by=ended_by, seconds=seconds, **{**told, **more})


DIAGNOSED = DebugReport(
    result=EVERYTHING,
    experiments=(
        made("eu-west-1", "tls_1_2", "TLS 1.2 alone", Stage.TLS, Cause.TLS_UNTRUSTED, seconds=0.061),
        made(
            "eu-west-1",
            "other_name",
            "the server name of us-east-1 in the handshake",
            Stage.TLS,
            tls=TlsInfo(issuer=ZSCALER),
            message="the certificate is for us-east-1.example.org, and its issuer is the same",
        ),
        made("eu-west-1", "plain_get", "an ordinary GET, no upgrade", Stage.UPGRADE, Cause.HTTP_STATUS, seconds=0.12),
        made(
            "us-east-1",
            "tls_1_2",
            "TLS 1.2 alone",
            Stage.FRAMES,
            is_control=True,
            stage=Stage.TLS,
            seconds=0.4,
            round_trip=0.094,
        ),
        made("ap-south-1", "port_80", "port 80 in place of 443", Stage.CONNECT, stage=Stage.CONNECT, seconds=0.2),
        made(
            "ap-south-1",
            "again",
            "the same again (1st repeat)",
            Stage.CONNECT,
            Cause.TIMEOUT,
            stage=Stage.CONNECT,
            seconds=5.0,
            evidence=Evidence(stage=Stage.CONNECT, address="192.0.2.20:443", elapsed=5.0),
        ),
        made("me-south-1", "direct", "no proxy", Stage.TLS, Cause.CLOSED, stage=Stage.PROXY, seconds=0.3),
    ),
    conclusions=(
        Conclusion(
            region="eu-west-1",
            suspect="inspection",
            certainty=Certainty.SHOWN,
            sentence="Zscaler opens the TLS to eu-west-1.example.org and not to the others. Ask to exempt that host.",
            addressee=Addressee.NETWORK,
            experiments=("tls_1_2", "other_name"),
        ),
        Conclusion(
            region="ap-south-1",
            suspect="port_rule",
            certainty=Certainty.LIKELY,
            sentence="A firewall drops what goes to port 443 of ap-south-1.example.org; port 80 of it answers.",
            addressee=Addressee.NETWORK,
            experiments=("port_80", "again"),
            like_it=("ap-east-1",),
        ),
        Conclusion(
            region="me-south-1",
            suspect=None,
            certainty=Certainty.CANNOT_BE_TOLD,
            sentence="Whether the proxy would let this server through cannot be told without its user name.",
        ),
        Conclusion(
            region="eu-central-1",
            suspect="idle_timeout",
            certainty=Certainty.SHOWN,
            sentence=(
                "Something ends idle connections after 30 s, with a reset; a ping every 20 s keeps them. Let the"
                " program send one at least that often."
            ),
            experiments=("held_idle", "held_with_pings"),
        ),
    ),
    holds=(
        held("eu-central-1", False, HoldEnd.RESET, 30.2),
        held("eu-central-1", True, HoldEnd.HELD, 120.0, round_trips=_PINGS, frames_received=3),
        held("us-east-1", False, HoldEnd.SILENCE, 96.0, least_seconds=72.0, connections=5, round_trips=_LOST[-1:]),
        held("us-east-1", True, HoldEnd.CLOSE, 84.7, close_code=1001, close_reason="going away", round_trips=_LOST[:4]),
    ),
    started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    duration=131.5,
)
