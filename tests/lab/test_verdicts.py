"""What a check says of each fault is what the fault says of itself: its stage, and one of its causes."""

from __future__ import annotations

import pytest

from tests.engine import start_in
from wsconn import Cause, ConnectivityResult, Stage, Status
from wsconn.lab import FAULTS, Fault, Lab, faults

# Those that factories make, and are not in FAULTS.
MADE = {
    **{f"http-{status}": faults.http_status(status) for status in (200, 204, 300, 301, 302, 304, 307, 308, 407, 500)},
    **{f"origin-{status}": faults.origin_wanted(status) for status in (400, 401, 404, None)},
    **{f"subprotocol-{status}": faults.subprotocol_wanted(status, header=True) for status in (101, 403, None)},
    "latency-1ms": faults.latency(0.001),
    "redirect-301": faults.redirect(status=301),
    "close-4000": faults.close(4000),
    "alert-80": faults.tls_alert(80),
}
REGIONS = {
    f"{name}, {'wss' if tls else 'ws'}": (fault, tls)
    for name, fault in {**FAULTS, **MADE}.items()
    for tls in ((True,) if fault.needs_tls else (False, True))
}
THROUGH_THE_PROXY = {name: (fault, tls) for name, (fault, tls) in REGIONS.items() if fault.tunnel}


@pytest.fixture(scope="module")
def result() -> ConnectivityResult:
    """Check all of them at once: most of the time is spent on those that never answer."""
    with Lab() as lab:
        for name, (fault, tls) in REGIONS.items():
            lab.add(name, fault=fault, tls=tls)
        return start_in(lab, timeout=5.0).result(timeout=60)


@pytest.mark.parametrize("name", REGIONS)
def test_a_fault_is_told_as_it_says(result: ConnectivityResult, name: str) -> None:
    """A check fails at the fault's stage with one of its causes, or passes where it has none."""
    fault, tls = REGIONS[name]
    outcome = result.outcome(name)
    if (
        fault.stage is None or fault.tunnel or (fault is faults.EOF_AFTER_UPGRADE and tls)
    ):  # as an end of the server's own
        assert outcome.status is Status.PASSED, outcome
    else:
        assert outcome.failure is not None
        assert (outcome.failure.stage, outcome.failure.cause in fault.causes) == (fault.stage, True), outcome


@pytest.mark.parametrize("name", THROUGH_THE_PROXY)
def test_a_fault_of_the_proxy_is_told_as_it_says(lab: Lab, name: str) -> None:
    """So it is through the lab's proxy; over TLS it is the handshake that nobody answers."""
    fault, tls = THROUGH_THE_PROXY[name]
    lab.add(name, fault=fault, tls=tls)
    (outcome,) = start_in(lab, timeout=0.5, proxy=lab.proxy).result(timeout=60).outcomes
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.failure.cause in fault.causes) == ("tls" if tls else fault.stage, True)


@pytest.mark.parametrize("fault", {**FAULTS, **MADE}.values(), ids={**FAULTS, **MADE})
def test_stages_and_causes_are_those_of_the_engine(fault: Fault) -> None:
    """The lab writes them as text: each is a value of the engine's, and where there is a stage there is a cause."""
    assert fault.stage is None or fault.stage in set(Stage)
    assert set(fault.causes) <= set(Cause)
    assert (fault.stage is None) == (fault.causes == ())
