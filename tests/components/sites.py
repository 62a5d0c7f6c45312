"""Three networks that an administrator may have to mend, each with ten regions behind it, and what a check finds there.

`python -m tests.components.sites` visits them, as root, and writes the reports anew that `golden_sites/` keeps.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import attrs
import trustme

from tests.components.check_in_namespace import check_in
from tests.components.inspecting_proxy import PORT
from tests.components.namespaces import ALIVE, DEAD, NAME_SERVER, Network
from tests.factories import told
from tests.reports.golden import MACHINE
from wsconn import (
    Attempt,
    ConnectivityResult,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Timings,
    TlsInfo,
    __version__,
    load_regions,
    reports,
)

FOLDER = pathlib.Path(__file__).parent / "golden_sites"
NAMES = tuple(region.name for region in load_regions("daily"))
REGIONS = {name: f"wss://{name}.signal.example.org/" for name in NAMES}
SECONDS = 3.0
PROXY = "proxy.corp.example"
PORTAL = "login.guest-wifi.example"


class Site(Network):
    """A network whose servers have a certificate for `host`, of an authority that the client trusts."""

    def __init__(self, folder: pathlib.Path, host: str = "*.signal.example.org") -> None:
        super().__init__(folder)
        self._host = host

    def _issue_certificate(self) -> None:
        authority = trustme.CA(organization_name="Let's Encrypt", organization_unit_name="R11")
        authority.cert_pem.write_to_path(self.roots)
        authority.issue_cert(self._host).private_key_and_cert_chain_pem.write_to_path(self._identity)


@contextlib.contextmanager
def _inspected(folder: pathlib.Path) -> Iterator[ConnectivityResult]:
    """A proxy in the way opens TLS, and makes a new certificate for every connection."""
    with Site(folder) as site, site.running("inspecting_proxy"), site.settings(hosts=f"{NAME_SERVER} {PROXY}\n"):
        environment = ["env", f"https_proxy=http://{PROXY}:{PORT}"]
        yield check_in(site, REGIONS, timeout=SECONDS, within=environment, proxy=True)


@contextlib.contextmanager
def _firewall(folder: pathlib.Path) -> Iterator[ConnectivityResult]:
    """A firewall drops what goes to two of the ten regions."""
    addresses = [*DEAD[0], ALIVE[0], ALIVE[0]]
    hosts = _hosts(dict(zip(NAMES, addresses, strict=True)))
    dropped = [f"ip daddr {addresses[place]} drop" for place in (2, 6)]
    with Site(folder) as site, site.settings(hosts=hosts), site.firewall(incoming=dropped):
        yield check_in(site, REGIONS, timeout=SECONDS)


@contextlib.contextmanager
def _portal(folder: pathlib.Path) -> Iterator[ConnectivityResult]:
    """Until somebody logs in all names lead to one address, whose certificate is for another name."""
    with Site(folder, PORTAL) as site, site.settings(hosts=_hosts(dict.fromkeys(NAMES, ALIVE[0]))):
        yield check_in(site, REGIONS, timeout=SECONDS)


def _hosts(addresses: Mapping[str, str]) -> str:
    return "".join(f"{address} {name}.signal.example.org\n" for name, address in addresses.items())


SITES: Mapping[str, Callable[[pathlib.Path], contextlib.AbstractContextManager[ConnectivityResult]]] = {
    "inspected": _inspected,
    "firewall": _firewall,
    "portal": _portal,
}


def visit(name: str, folder: pathlib.Path) -> ConnectivityResult:
    """Check the regions from a site, and return what was found without what changes from run to run."""
    with SITES[name](folder) as result:
        return _steady(result)


# --- what changes from run to run --------------------------------------------------------------------------------

_CLOCK = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ENDS = datetime(2026, 4, 1, tzinfo=UTC)
_STAGE_SECONDS = {Stage.RESOLVE: 0.004, Stage.CONNECT: 0.018, Stage.PROXY: 0.022, Stage.TLS: 0.037}
_USUAL_SECONDS = 0.019
_WAITED = 0.8


def _steady(result: ConnectivityResult) -> ConnectivityResult:
    return ConnectivityResult(
        outcomes=tuple(map(_steady_outcome, result.outcomes)),
        started_at=_CLOCK,
        duration=_seconds(result.duration, 0.3),
    )


def _seconds(measured: float, usual: float = _USUAL_SECONDS) -> float:
    """Return the whole time that a region had for one that waited until its end, else the usual time."""
    return SECONDS if measured > _WAITED * SECONDS else usual


def _steady_outcome(outcome: RegionOutcome) -> RegionOutcome:
    measured = {stage: getattr(outcome.timings, stage) for stage in Stage}
    times = {
        stage: _seconds(spent, _STAGE_SECONDS.get(stage, _USUAL_SECONDS))
        for stage, spent in measured.items()
        if spent is not None
    }
    return attrs.evolve(
        outcome,
        failure=outcome.failure and _steady_failure(outcome.failure),
        attempts=tuple(map(_steady_attempt, outcome.attempts)),
        timings=Timings(**times),
        duration=sum(times.values()),
        round_trip=None if outcome.round_trip is None else _USUAL_SECONDS,
        tls=outcome.tls and _steady_tls(outcome.tls),
    )


def _steady_failure(failure: Failure) -> Failure:
    assert failure.evidence
    assert failure == told(failure.stage, failure.cause, failure.evidence)
    return told(failure.stage, failure.cause, _steady_evidence(failure.evidence))


def _steady_evidence(seen: Evidence) -> Evidence:
    return attrs.evolve(
        seen, clock=_CLOCK, elapsed=_seconds(seen.elapsed or 0.0, 0.081), tls=seen.tls and _steady_tls(seen.tls)
    )


def _steady_attempt(attempt: Attempt) -> Attempt:
    return attrs.evolve(attempt, duration=_seconds(attempt.duration, 0.077))


def _steady_tls(tls: TlsInfo) -> TlsInfo:
    return attrs.evolve(tls, not_after=tls.not_after and _ENDS)


# --- the reports -------------------------------------------------------------------------------------------------


def written(result: ConnectivityResult) -> dict[str, str]:
    """Return the reports by their suffix; of the page all but its style sheet."""
    page = reports.to_html(result, machine=MACHINE)
    page = re.sub(r"<style>.*?</style>", "<style>…</style>", page, flags=re.DOTALL)
    return {
        "txt": reports.to_text(result).replace(f"wsconn {__version__}", f"wsconn {MACHINE.wsconn}"),
        "md": reports.to_markdown(result, machine=MACHINE),
        "html": re.sub(r"'sha256-[^']*'", "'sha256-…'", page),
    }


def main() -> None:
    """Write the golden files anew."""
    FOLDER.mkdir(exist_ok=True)
    for name in SITES:
        with tempfile.TemporaryDirectory() as folder:
            result = visit(name, pathlib.Path(folder))
        for suffix, report in written(result).items():
            (FOLDER / f"{name}.{suffix}").write_text(report, "utf-8")


if __name__ == "__main__":
    main()
