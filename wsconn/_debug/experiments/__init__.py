"""The experiments, a file for each stage, and all of them as one table."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._debug.experiments import anywhere, connect, frames, proxy, resolve, tls, upgrade
from wsconn._debug.trial import Trial

TRIALS: Mapping[str, Trial] = {
    trial.name: trial
    for stage in (anywhere, resolve, connect, proxy, tls, upgrade, frames)
    for trial in stage.EXPERIMENTS
}
