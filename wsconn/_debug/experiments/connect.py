"""What can be changed about the TCP connection."""

from __future__ import annotations

from collections.abc import Sequence

from wsconn._debug.case import Case, moved
from wsconn._debug.trial import Bench, Trial
from wsconn._diagnosis.evidence import StageFailed
from wsconn._outcome import Cause, Stage

_OF_THE_WEB = ("443", "80")


def _other_ports(case: Case) -> Sequence[str]:
    return [port for port in _OF_THE_WEB if port != str(case.place[1])]


def _at_port(bench: Bench) -> None:
    bench.go(bench.probe, moved(bench.target, port=int(bench.variant)), Stage.CONNECT)


def _same_port_elsewhere(bench: Bench) -> None:
    other = bench.case.other
    assert other  # noqa: S101 - for the types alone: without one the experiment does not fit
    try:
        bench.go(bench.probe, moved(other.target, port=bench.case.place[1]), Stage.CONNECT)
    except StageFailed as failed:
        if failed.cause is not Cause.REFUSED:  # which came from there: what goes to this port passes
            raise


def _if_other_port(case: Case) -> Sequence[str]:
    control = case.control
    return ("",) if control and control.target.place[1] != case.place[1] and case.proxy is None else ()


EXPERIMENTS = (
    Trial(
        name="port",
        changed="port {variant} of the same host",
        sent="A TCP connection to {host}, port {variant}; nothing over it.",
        tells="a rule for a port from one for the host",
        run=_at_port,
        variants=_other_ports,
    ),
    Trial(
        name="port_elsewhere",
        changed="the same port at {other_host}, whose region passed; an answer that refuses passes too",
        sent="A TCP connection to {other_host}, port {port}; nothing over it.",
        tells="a rule for a port, whatever the host",
        run=_same_port_elsewhere,
        variants=_if_other_port,
    ),
)
