"""`wsconn proxy`: by which way each URL would be tried, and who says so. Nothing is sent to the regions."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from wsconn import Evidence, Region
from wsconn._api import check_seconds
from wsconn._arguments import make_route
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.file import check_place, replace
from wsconn._cli.regions import regions
from wsconn._cli.start_options import of_argument
from wsconn._cli.terminal import put, say
from wsconn._cli.trust import ssl_contexts, warning
from wsconn._deadline import Deadline
from wsconn._io.abort import Abort, CancelScope
from wsconn._probe.dialer import Dialer
from wsconn._proxies import Proxy, ProxyOption
from wsconn._regions import Target, split_url
from wsconn.reports._printable import printable


def proxy(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    check_place(args.output)
    asked = regions(args)
    try:
        seconds = check_seconds("timeout", args.timeout)
        dialer = make_route(args.proxy, None, ssl_contexts(args)["proxy_ssl_context"]).dialer
    except ValueError as error:
        raise of_argument(error) from error
    if unverified := warning(args):
        say(f"WARNING: {unverified}")
    found = list(_ask(asked, dialer, seconds))
    told = _json(found) if args.format == "json" else "\n".join(map(_text, found))
    if args.output is None:
        put(told)
    else:
        replace(args.output, told)
    return ExitCode.FAILED if any(answer.problem or answer.unfit for answer in found) else ExitCode.PASSED


@attrs.frozen
class _Answer:
    """The ways to a URL, and who decided that."""

    region: str
    target: Target
    ways: tuple[Proxy | None, ...]
    source: str | None
    seen: Evidence

    @property
    def url(self) -> str:
        """The URL without its query."""
        return self.target.url.partition("?")[0]

    @property
    def problem(self) -> str | None:
        """What is wrong with the PAC file."""
        return self.seen.pac_problem

    @property
    def unfit(self) -> str | None:
        """Why a proxy among the ways cannot be used."""
        return next((one.unfit for one in self.ways if one and one.unfit), None)


def _ask(asked: Sequence[Region], dialer: Dialer, seconds: float) -> Iterator[_Answer]:
    with contextlib.closing(Abort()) as abort:
        for region in asked:
            for url in (region.discovery and region.discovery.url, region.url, *region.alternates):
                if url:
                    target = split_url(url)
                    ways, seen = dialer.ways(target, CancelScope(Deadline.after(seconds), abort))
                    yield _Answer(region.name, target, ways, _source(dialer, target, ways[0], seen), seen)


def _source(dialer: Dialer, target: Target, first: Proxy | None, seen: Evidence) -> str | None:
    if seen.pac_answer is not None:
        return seen.pac_source
    if dialer.proxies.direct and not dialer.proxies.pac:
        return ProxyOption.source
    return first.source if first else dialer.proxies.source_of_direct(target)


def _text(answer: _Answer) -> str:
    way = ", then ".join(one.url or "a proxy that cannot be used" if one else "directly" for one in answer.ways)
    said = {
        "region": answer.region,
        "URL": answer.url,
        "way": way,
        "said by": answer.source or ("no other setting" if answer.seen.pac else "nobody: no setting names a proxy"),
        "PAC file": answer.seen.pac,
        "answer": answer.seen.pac_answer,
        "problem": answer.problem,
        "unfit": answer.unfit,
    }
    return "".join(f"{label:8}  {printable(text)}\n" for label, text in said.items() if text)


def _json(found: Sequence[_Answer]) -> str:
    return json.dumps([_plain(answer) for answer in found], indent=2) + "\n"


def _plain(answer: _Answer) -> dict[str, Any]:
    seen = answer.seen
    return {
        "region": answer.region,
        "url": answer.url,
        "ways": [one.url if one else None for one in answer.ways],
        "source": answer.source,
        "pac": seen.pac,
        "pac_source": seen.pac_source,
        "pac_answer": seen.pac_answer,
        "pac_media_type": seen.pac_media_type,
        "pac_http_status": seen.pac_http_status,
        "pac_problem": seen.pac_problem,
        "pac_missing_extra": seen.pac_missing_extra,
    }
