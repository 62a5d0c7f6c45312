"""The options that are arguments of `wsconn.start`: one table for the parser, the call and the errors.

A default is that of the function, so it is written down there alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

from wsconn._api import start
from wsconn._cli.numbers import seconds, whole_number
from wsconn._cli.usage_error import UsageError, refuse_quotation_mark
from wsconn._proxies import ProxyOption

TIME, WAY, REQUEST = "time", "proxy and TLS", "request"  # the groups in which --help shows them
_DEFAULTS: Mapping[str, Any] = start.__kwdefaults__ or {}


class StartOption(NamedTuple):
    """An option, the argument that it gives, and its settings for argparse."""

    flag: str
    argument: str
    group: str
    settings: Mapping[str, Any]

    def add_to(self, group: argparse._ArgumentGroup) -> None:
        """Add the option to the parser."""
        group.add_argument(self.flag, dest=self.argument, default=_DEFAULTS[self.argument], **self.settings)


def _proxy(option: str) -> str | None:
    return None if option.lower() == "none" else ProxyOption(option)


def _header(option: str) -> tuple[str, str]:
    refuse_quotation_mark(option)
    name, colon, value = option.partition(":")
    if not colon:  # its value stays out of the message: it may be a secret
        raise argparse.ArgumentTypeError("expected a name, a colon and a value, as in 'X-Api-Version: 2'")
    return name.strip(), value.strip(" \t")


START_OPTIONS = (
    StartOption(
        "--timeout",
        "timeout",
        TIME,
        {
            "type": seconds("--timeout"),
            "metavar": "S",
            "help": f"seconds for each region (default: {_DEFAULTS['timeout']:g})",
        },
    ),
    StartOption(
        "--total-timeout",
        "total_timeout",
        TIME,
        {"type": seconds("--total-timeout"), "metavar": "S", "help": "seconds for all regions together"},
    ),
    StartOption(
        "--max-workers",
        "max_workers",
        TIME,
        {
            "type": whole_number("--max-workers"),
            "metavar": "N",
            "help": "regions at once (default: all, up to 128)",
        },
    ),
    StartOption(
        "--proxy",
        "proxy",
        WAY,
        {
            "type": _proxy,
            "metavar": "URL|none",
            "help": 'a proxy, a PAC file (pac+https://...), or "none" to connect directly'
            " (default: the environment's or the system's)",
        },
    ),
    StartOption(
        "--header",
        "headers",
        REQUEST,
        {
            "type": _header,
            "action": "append",
            "metavar": "'NAME: VALUE'",
            "help": "a header to send with the upgrade; may be repeated",
        },
    ),
    StartOption(
        "--subprotocol",
        "subprotocols",
        REQUEST,
        {"action": "append", "metavar": "NAME", "help": "a subprotocol to offer; may be repeated"},
    ),
    StartOption(
        "--origin", "origin", REQUEST, {"metavar": "ORIGIN", "help": "the Origin header (default: none is sent)"}
    ),
    StartOption(
        "--no-verify-frames",
        "verify_frames",
        REQUEST,
        {"action": "store_false", "help": "an open WebSocket is a pass: do not wait for a pong"},
    ),
)
_FLAGS = {option.argument: option.flag for option in START_OPTIONS}


def start_arguments(args: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments that the options give."""
    return {option.argument: getattr(args, option.argument) for option in START_OPTIONS}


def of_argument(error: ValueError) -> UsageError:
    """Return what `start` says is wrong with an argument as an error of the option that gave it."""
    argument: str | None = getattr(error, "argument", None)  # see `wsconn._exceptions.about_argument`
    if argument not in _FLAGS:
        return UsageError(str(error))
    return UsageError(f"{_FLAGS[argument]}{vars(error)['wrong']}")
