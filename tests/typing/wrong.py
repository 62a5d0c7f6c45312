"""Mistakes that a type checker must find before the program runs: an ignore that is not needed fails the test."""

from __future__ import annotations

import wsconn
from wsconn import ConnectivityResult, Discovery, Region, RegionOutcome
from wsconn.lab import Lab

REGIONS = {"eu-central-1": "wss://eu.example.org/"}
URLS = ["wss://eu.example.org/", "wss://us.example.org/"]


def arguments() -> None:
    wsconn.check(URLS)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.check({"eu-central-1": 443})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.check(REGIONS, 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    wsconn.check(REGIONS, timout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    wsconn.check(REGIONS, timeout=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.check(REGIONS, timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.check(REGIONS, headers={"X-Api-Version": 2})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.check(REGIONS, ssl_context=False)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.start(REGIONS, on_outcome=wants_a_name)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def wants_a_name(name: str) -> None:
    """Is called with an outcome, which is no name."""


def results(result: ConnectivityResult) -> tuple[str, str]:
    result.passed_regions[0] = "us-east-1"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    result.duration = 1.0  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    region = result.fastest().region  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    message = result.outcomes[0].failure.message  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    return region, message


def round_trip(outcome: RegionOutcome) -> float:
    return outcome.round_trip  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def records() -> None:
    Region()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Region("eu", "wss://eu.example.org/", ["wss://eu.example.net/"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Discovery("https://gs.example.org/eu")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Region("eu", discovery="https://gs.example.org/eu")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def debugger() -> None:
    wsconn.debug(REGIONS, hold="120")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.start_debug(REGIONS, all_regions=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wsconn.no_such_name  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def faults() -> None:
    Lab().add("eu", fault=503)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
