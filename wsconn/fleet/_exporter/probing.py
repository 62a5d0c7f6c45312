"""One probe of one target, on the thread that asked for it, and how the exporter's modules and regions lead to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

import wsconn
from wsconn._arguments import make_probe
from wsconn._deadline import Deadline
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._outcome import RegionOutcome
from wsconn._probe.probe import Probe
from wsconn._regions import Region, parse_url
from wsconn._text import redact_url, without_query
from wsconn.fleet._exporter.modules import Module

_log = logging.getLogger("wsconn.fleet")


class NotAllowed(Exception):
    """A target that the module does not allow to be probed."""


@attrs.frozen(kw_only=True)
class Arguments:
    """What `wsconn.start` is called with, but for the regions."""

    timeout: float
    max_workers: int | None
    given: Mapping[str, Any] = attrs.field(repr=False)  # the others, by their names

    def start(self, regions: Sequence[Region]) -> wsconn.ConnectivityTest:
        """Begin a check of all regions."""
        return wsconn.start(regions, timeout=self.timeout, max_workers=self.max_workers, **self.given)

    def prober(self, module: Module, regions: Sequence[Region]) -> Prober:
        """Return what probes by a module; `ValueError` for what the module cannot have."""
        settings = {**self.given, **module.settings}
        timeout = settings.pop("timeout", self.timeout)
        return Prober(module, tuple(regions), float(timeout), make_probe(**settings))


@attrs.frozen
class Prober:
    """Probes by one module. Certificates, proxies and roots are loaded once for all its probes."""

    module: Module
    regions: tuple[Region, ...]
    timeout: float
    probe: Probe = attrs.field(repr=False)

    def region(self, target: str) -> Region:
        """Return what is to be probed for a target: a region's name or URL, or a URL that a pattern allows.

        `NotAllowed` for another, `ValueError` for what is no target at all.
        """
        for region in self.regions if self.module.allow is None else ():
            if target == region.name or (region.url and target in (region.url, without_query(region.url))):
                return region
        if self.module.allow is None:
            raise NotAllowed(f"the target '{redact_url(target)}' is no region's name or URL")
        parsed = parse_url(target, what="target")
        if not any(pattern.fits(parsed) for pattern in self.module.allow):
            raise NotAllowed(f"the module {self.module.name} does not allow the target '{redact_url(target)}'")
        return Region(without_query(target), target)

    def run(self, region: Region, timeout: float, abort: Abort) -> RegionOutcome:
        """Probe, and return the outcome within the time; that of an abort is an aborted one."""
        recorder = Recorder(region.name, region.url)
        recorder.begin()
        probe = attrs.evolve(self.probe, tried={})  # which it keeps, a target each
        try:
            return probe(region, CancelScope(Deadline.after(timeout), abort), recorder)
        except Aborted:
            return recorder.aborted()
        except Exception as error:  # noqa: BLE001 - our own fault: a scrape gets an answer all the same
            _log.exception("wsconn failed on a probe")
            return recorder.broken(error)

    def join(self) -> None:
        """Wait for what was loaded in the background, once no probe is under way any more."""
        self.probe.join()
