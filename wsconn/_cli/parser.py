"""The parser. It loads no command, so that `--help` is quick, and has the options of those alone that are named."""

from __future__ import annotations

import argparse
import functools
import re
import textwrap
from collections.abc import Container, Mapping, Sequence
from typing import NoReturn

from wsconn import __version__
from wsconn._cli import options
from wsconn._cli.commands.table import COMMANDS
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.terminal import put, width
from wsconn._cli.usage_error import UsageError, near

_NARROWEST_TEXT = 30
_HELP = "help"  # what people try in place of --help
_OPTION = re.compile(r"--[^=: ]*|-.?", re.DOTALL)  # its name: the value stays out of messages, for it may be a secret


class Parser(argparse.ArgumentParser):
    """As argparse's, but for its errors: they are raised as `UsageError`, and abbreviations are among them."""

    def error(self, message: str) -> NoReturn:
        """Leave it to `main` to say it in one line, without argparse's usage above."""
        raise UsageError(message)

    def print_help(self, file: object = None) -> None:
        """Write it as a report is written. argparse says nothing where stdout takes nothing."""
        put(self.format_help())

    def has(self, option: str) -> bool:
        """Tell whether it has the option of this name."""
        return option in self._option_string_actions

    def near(self, option: str) -> str | None:
        """Return the options that a misspelt one may mean, or `None`."""
        return near(
            option.lstrip("-"), [known.lstrip("-") for known in self._option_string_actions if known[1:2] == "-"], "--"
        )


def parse(words: Sequence[str], args: argparse.Namespace) -> None:
    """Put what `words` say into `args`. `UsageError` for what they should not say."""
    parser, commands = make_parser(words)
    _check_beginning(words, parser, commands)
    _check_command(words)
    try:
        _, others = parser.parse_known_args(words, args)
    except argparse.ArgumentError as error:
        raise UsageError(": ".join(filter(None, (error.argument_name, error.message)))) from error
    _check_values(words)
    if "regions" in args:
        # argparse leaves over the regions behind an option that stands between them, and takes for a region a misspelt
        # option that has a blank in its value.
        given = [*args.regions, *others]
        args.regions = [argument for argument in given if not argument.startswith("-")]
        others = [argument for argument in given if argument.startswith("-")]
    if others:
        raise _left_over(others[0], commands[args.command])
    if "format" in args:
        options.settle_format(args)


def _check_beginning(words: Sequence[str], parser: Parser, commands: Mapping[str, Parser]) -> None:
    """Raise `UsageError` where an option that only a command can have, or none, is the first word."""
    option = _option(words[0]) if words else None
    if option is None or parser.has(option):
        return
    command = next((word for word in words if word in commands), None)
    if command and commands[command].has(option):
        raise UsageError(f"the option {option!r} goes after the command", f"wsconn {command} {option}")
    raise UsageError(f"there is no option {option!r}{_owners(option)}", parser.near(option))


def _check_values(words: Sequence[str]) -> None:
    """Raise `UsageError` for an option with the value `--`, of which argparse makes an empty list (CPython 3.11)."""
    for word in words:
        option, _, value = word.partition("=")
        if option.startswith("--") and value == "--":
            raise UsageError(f"{_option(option)}: expected one argument")


def _left_over(word: str, command: Parser) -> UsageError:
    """Return an error for what a command does not take."""
    option = _option(word)
    if option is None:
        return UsageError(f"one argument too many: {word!r}")
    if command.has(option):
        return UsageError(f"the option {option!r} goes before --")
    owners = _owners(option)
    return UsageError(f"there is no {option!r} here{owners}", None if owners else command.near(option))


def _option(word: str) -> str | None:
    """Return the name of the option that a word gives, or `None` for another word."""
    found = _OPTION.match(word)
    return found and found[0]


def _owners(option: str) -> str:
    """Say which commands have it."""
    _, commands = make_parser()
    owners = ", ".join(name for name, command in commands.items() if command.has(option))
    return f" (it belongs to {owners})" if owners else ""


def _check_command(words: Sequence[str]) -> None:
    """Raise `UsageError` where the first word that is no option names no command."""
    word, *others = [word for word in words if not word.startswith("-")] or [""]
    if not word or word in COMMANDS:
        return
    if word == _HELP:
        raise UsageError(
            "there is no command 'help'", " ".join(["wsconn", *(o for o in others[:1] if o in COMMANDS), "--help"])
        )
    if "=" in word or "://" in word:  # it stays out of the message: it may hold a secret
        raise UsageError("there is no command before the region", f"wsconn check {options.EXAMPLE}")
    raise UsageError(f"there is no command {word!r}", near(word, COMMANDS, "wsconn "))


def make_parser(words: Container[str] = COMMANDS) -> tuple[Parser, Mapping[str, Parser]]:
    """Return the parser, and that of each command by its name: with its options, if it is among `words`."""
    parser = Parser(
        prog="wsconn",
        description=textwrap.fill(
            "Find out which server regions this machine can open a WebSocket to, and why not to the others.", _columns()
        ),
        epilog=_exit_codes(),
        formatter_class=functools.partial(argparse.RawDescriptionHelpFormatter, width=_columns()),  # it wraps neither
        allow_abbrev=False,
        exit_on_error=False,
    )
    parser.add_argument("--version", action="version", version=f"wsconn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for name, command in COMMANDS.items():
        own = commands.add_parser(
            name,
            help=command.help,
            description=command.description,
            formatter_class=functools.partial(argparse.HelpFormatter, width=_columns()),
            allow_abbrev=False,
            exit_on_error=False,
        )
        if name in words:
            command.add_options(own)
    return parser, commands.choices


def _exit_codes() -> str:
    lines = (
        textwrap.fill(code.meaning, _columns(), initial_indent=f"  {code.value:>3}  ", subsequent_indent=" " * 7)
        for code in ExitCode
    )
    return "exit codes:\n" + "\n".join(lines)


def _columns() -> int:
    return max(width() - 2, _NARROWEST_TEXT)  # argparse leaves as many free
