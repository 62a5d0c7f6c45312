"""Errors of use: one line that says what to try, the code 2, nothing on stdout, and nothing tested."""

from __future__ import annotations

import errno
import logging
import os
import pathlib
import re
import signal
from collections.abc import Iterator

import pytest

from tests.cli.command_line import authority, run
from wsconn._cli import ExitCode, main
from wsconn._cli.commands.table import COMMANDS
from wsconn._cli.parser import make_parser
from wsconn.lab import Lab

A = "a=ws://h/"


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """`main` is called in this process here: what it sets up for one of its own is undone."""
    heard = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    handlers = list(logging.getLogger("wsconn").handlers)
    yield
    for number, handler in heard.items():
        signal.signal(number, handler)
    logging.getLogger("wsconn").handlers[:] = handlers


def line_of(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run `main`, and return the one line that it says on stderr."""
    assert main(args) == ExitCode.USAGE
    written = capsys.readouterr()
    assert written.out == ""
    (line,) = written.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param([], "COMMAND", id="no-command"),
        pytest.param(["chekc"], "chekc", id="unknown-command"),
        pytest.param(["check"], "no region is named; try NAME=URL (eu-west-1=wss://eu", id="no-region"),
        pytest.param(["check", "eu.example.org"], "a region is given as a name, = and a URL; try eu-", id="no-url"),
        pytest.param(["check", "x" * 5000], "a region is given as a name, = and a URL; try eu-", id="long-word"),
        pytest.param(["check", "wss://h:0/?a=b"], "has a bad port", id="no-name-but-an-equals"),
        pytest.param(["check", "=ws://h/"], "must not be empty", id="empty-name"),
        pytest.param(["check", "a\tb=ws://h/"], "control characters", id="control-character"),
        pytest.param(["check", "a=https://h/"], "ws://", id="scheme"),
        pytest.param(["check", "a=ws://h:0/"], "port", id="port"),
        pytest.param(["check", A, A], "twice", id="twice"),
        pytest.param(["check", "--regions", "wss://h/"], "and not a URL; try NAME=URL", id="regions-is-a-url"),
        pytest.param(["check", "--regions", "weekly"], "(there is: daily)", id="unknown-catalogue"),
        pytest.param(["check", "--regions", "gone.toml"], "--regions gone.toml: No such file", id="no-such-file"),
        pytest.param(["check", "--only", "daily,"], "a comma between them", id="only-without-a-name"),
        pytest.param(["check", A, "--regions", ""], "check: --regions needs the name of a file", id="regions-empty"),
        pytest.param(["check", A, "--ca-file", ""], "check: --ca-file needs the name of a file", id="ca-file-empty"),
        pytest.param(["check", A, "--client-cert", ""], "--client-cert needs the name of a file", id="cert-empty"),
        pytest.param(["check", A, "--client-cert", "a,"], "--client-cert a: No such file", id="cert-without-key"),
        # CPython 3.13.5 takes these for values, which are wrong; earlier ones miss the value.
        pytest.param(["check", A, "--timeout=--"], "check: --timeout", id="two-hyphens"),
        pytest.param(["check", A, "--format=--"], "check: --format", id="format-two-hyphens"),
        pytest.param(
            ["check", A, "--output", "x" * 300], f"x…: {os.strerror(errno.ENAMETOOLONG)}", id="output-too-long"
        ),
        pytest.param(["check", A, "--only", "b"], "there is no region 'b'; there is a;", id="only-unknown"),
        pytest.param(["check", "--template", "wss://{region}.h/"], "try --only REGION", id="template-without-only"),
        pytest.param(["check", "--template", "wss://h/", "--only", "a"], "{region}", id="template-without-region"),
        pytest.param(
            ["check", "--template", "wss://{region}.h/", "--only", "a", "--regions", "daily"],
            "cannot be given together",
            id="template-and-file",
        ),
        pytest.param(["check", A, "--timeout", "soon"], "--timeout", id="timeout-no-number"),
        pytest.param(["check", A, "--timeout", "-1"], "check: --timeout must be", id="timeout-negative"),
        pytest.param(["check", A, "--timeout", "nan"], "check: --timeout must be", id="timeout-nan"),
        pytest.param(["check", A, "--total-timeout", "0"], "check: --total-timeout must be", id="total-timeout-zero"),
        pytest.param(["check", A, "--max-workers", "0"], "check: --max-workers must be", id="no-workers"),
        pytest.param(["check", A, "--max-workers", "two"], "--max-workers", id="workers-no-number"),
        pytest.param(["check", A, "--proxy", "ftp://p:1"], "check: --proxy 'ftp://p:1' cannot be used", id="proxy"),
        pytest.param(["check", A, "--ca-file", "gone.pem"], "--ca-file gone.pem: No such file", id="no-ca-file"),
        pytest.param(["check", A, "--client-cert", "gone.pem"], "gone.pem: No such file", id="no-client-cert"),
        pytest.param(["check", A, "--client-key", "key.pem"], "needs --client-cert", id="key-alone"),
        pytest.param(["check", A, "--header", "X"], "a name, a colon and a value", id="header-without-colon"),
        pytest.param(
            ["check", A, "--header", "Host: h"], "check: --header: 'Host' is wsconn's own", id="header-of-ours"
        ),
        pytest.param(
            ["check", A, "--header", "A b: c"], "check: --header: 'A b' is not a header's name", id="header-no-name"
        ),
        pytest.param(
            ["check", A, "--subprotocol", "a b"], "check: --subprotocol: 'a b' is not a token", id="subprotocol"
        ),
        pytest.param(["check", A, "--origin", ""], "check: --origin must not be empty", id="origin"),
        pytest.param(["check", A, "--fail-on", "rain"], "--fail-on", id="fail-on"),
        pytest.param(["check", A, "--format", "xml"], "--format", id="format"),
        pytest.param(["check", A, "--output", "gone/report.txt"], "there is no directory gone", id="no-directory"),
        pytest.param(["check", A, "--output", "gone/"], "--output gone/: names a directory", id="output-with-a-slash"),
        pytest.param(["check", A, "--output", "."], "is a directory", id="output-is-a-directory"),
        pytest.param(["check", A, "--output", "a.pdf"], "no format has the ending .pdf (known: .txt,", id="ending"),
        pytest.param(["watch", A, "--output", "a.b"], "(known: .txt, .json, .jsonl, .prom);", id="ending-for-watch"),
        pytest.param(["check", A, "--output", ""], "--output needs the name of a file", id="output-empty"),
        pytest.param(["lab", "a=mute", "--ca-file", ""], "--ca-file needs the name of", id="lab-ca-file-empty"),
        pytest.param(["check", A, "-q", "-v"], "not allowed with", id="quiet-and-verbose"),
        pytest.param(["check", A, "--colour\n\x1b[31m"], r"--colour\n\x1b[31m", id="unknown-option"),
        pytest.param(["check", A, "--time", "3"], "--time", id="abbreviation"),
        pytest.param(["check", A, "--", "-q"], "the option '-q' goes before --", id="option-behind-the-options"),
        pytest.param(["check", A, "--output"], "check: --output: expected one argument", id="option-without-value"),
        pytest.param(
            ["serve", A, "--output", "x"], "there is no '--output' here (it belongs to check, watch, ", id="of-others"
        ),
        pytest.param(["--foo"], "wsconn: there is no option '--foo'; try", id="option-alone"),
        pytest.param(["--foo=x", "check", A], "wsconn: there is no option '--foo'; try", id="option-before-command"),
        pytest.param(["-q"], "wsconn: there is no option '-q' (it belongs to check, watch, ", id="option-in-place-of"),
        pytest.param(["demo", "extra"], "extra", id="demo-takes-nothing"),
        pytest.param(["explain", "refusd"], "no cause, stage or HTTP status 'refusd'; try refused", id="explain-near"),
        pytest.param(["explain", "xyzzy"], "HTTP status 'xyzzy'; try wsconn explain", id="explain-unknown"),
        pytest.param(["explain", "refused", "closed"], "closed", id="explain-takes-one"),
        pytest.param(["lab"], "no region is named; try eu=healthy", id="lab-without-region"),
        pytest.param(["lab", "eu"], "a name, = and a fault", id="lab-no-fault"),
        pytest.param(["lab", "=healthy"], "must not be empty", id="lab-empty-name"),
        pytest.param(["lab", "a=mute", "a=mute"], "the name 'a' is given twice", id="lab-twice"),
        pytest.param(["lab", "a=mutt"], "no fault 'mutt'; try mute", id="lab-near"),
        pytest.param(["lab", "a=xyzzy"], "no fault 'xyzzy'; try wsconn lab --list", id="lab-unknown"),
        pytest.param(["lab", "a=http-99"], "from 200 to 599", id="lab-no-status"),
        pytest.param(["lab", "a=close-1006"], "close code", id="lab-no-close-code"),
        pytest.param(["lab", "a=hanging-name"], "lab.getaddrinfo", id="lab-made-up-name"),
        pytest.param(["lab", "a=mute", "--latency", "-1"], "lab: --latency must be", id="lab-latency"),
        pytest.param(["lab", "a=mute", "--ca-file", "gone/ca.pem"], "no directory gone", id="lab-no-directory"),
        pytest.param(["watch"], "no region is named", id="watch-without-region"),
        pytest.param(["proxy", A, "--timeout", "nan"], "proxy: --timeout must be more than 0", id="proxy-timeout"),
        pytest.param(["watch", A, "--interval", "0"], "--interval must be more than 0", id="interval-zero"),
        pytest.param(["watch", A, "--interval", "nan"], "--interval must be more than 0", id="interval-nan"),
        pytest.param(["watch", A, "--count", "0"], "--count must be at least 1", id="count-zero"),
        pytest.param(["watch", A, "--format", "html"], "this command writes no 'html'; try text", id="watch-format"),
    ],
)
def test_error_of_use_is_one_line_that_says_what_to_try(
    args: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
) -> None:
    """It begins with the command, and ends with the help or with something better."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WSCONN_REGIONS", raising=False)
    line = line_of(args, capsys)
    assert line.startswith(f"wsconn {args[0]}: " if args and args[0] in COMMANDS else "wsconn: ")
    assert said in line
    assert "; try " in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("args", "to_try"),
    [
        pytest.param(["check", "regions.toml"], "--regions regions.toml", id="file"),
        pytest.param(["check", "there"], "--regions there", id="file-without-a-suffix"),
        pytest.param(["check", "daily"], "--regions daily", id="catalogue"),
        pytest.param(["check", "eu=https://eu.example.org/a"], "eu=wss://eu.example.org/a", id="https"),
        pytest.param(["check", "eu=HTTP://eu.example.org/"], "eu=ws://eu.example.org/", id="http"),
        pytest.param(["check", "https://eu.example.org/"], "wss://eu.example.org/", id="https-without-a-name"),
        pytest.param(["check", "eu=https://h/?token=geheim"], "wss:// in its place", id="https-with-a-secret"),
        pytest.param(["check", A, "--timout", "3"], "--timeout", id="option"),
        pytest.param(["check", A, "--connect-timeout", "3"], "--connect-to", id="option-of-curl"),
        pytest.param(["serve", A, "--output", "x"], "wsconn serve --help", id="option-of-other-commands"),
        pytest.param(["--verison"], "--version", id="option-before-a-command"),
        pytest.param(["--quiet", "check", A], "wsconn check --quiet", id="option-of-the-command-before-it"),
        pytest.param(["--header", "X: geheim", "check", A], "wsconn check --header", id="with-a-value"),
        pytest.param(["check", A, "--headr=X: y"], "--header", id="option-with-equals"),
        pytest.param(["check", A, "--format", "md"], "--format markdown", id="suffix-for-format"),
        pytest.param(["check", A, "--format", "HTML"], "--format html", id="format-in-capitals"),
        pytest.param(["check", A, "--format", "promethius"], "--format prometheus", id="misspelt-format"),
        pytest.param(["watch", A, "--format", "html"], "text, json, prometheus", id="not-for-watch"),
        pytest.param(["watch", A, "--output", "a.html"], "--format text or json or prometheus", id="page-by-watch"),
        pytest.param(["check", A, "--output", "a.pdf"], "one of these, or --format text", id="ending-of-no-format"),
        pytest.param(["merge", ".", "--output", "a.JS"], "one of these, or --format text", id="ending-in-merge"),
        pytest.param(["help"], "wsconn --help", id="help"),
        pytest.param(["help", "watch"], "wsconn watch --help", id="help-of-a-command"),
        pytest.param(["chekc"], "wsconn check", id="command"),
        pytest.param(["eu=wss://h/?token=geheim"], "wsconn check eu-west-1=wss://eu.example.org/", id="no-command"),
        pytest.param(["explain", "upgrad"], "upgrade or bad_upgrade", id="stage"),
        pytest.param(["explain", "NO-PONGS"], "no_pong", id="cause"),
    ],
)
def test_mistake_leads_to_the_right_call(
    args: list[str],
    to_try: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
) -> None:
    """In one line, and with no word of what may be a secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").touch()
    line = line_of(args, capsys)
    assert line.endswith(f"; try {to_try}")
    assert "geheim" not in line


@pytest.mark.parametrize("value", ["soon", "", "0x1p3", "x" * 5000], ids=["word", "empty", "hex", "long"])
def test_what_is_no_number_is_answered_in_the_same_words_by_each_option(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They name the option, what is wanted and what was given, as the errors of `start` do."""
    options = {
        (command, action.option_strings[0])
        for command, parser in make_parser()[1].items()
        for action in parser._actions  # argparse tells it nowhere else
        if action.metavar in ("S", "N")
    }
    assert ("merge", "--last") in options
    for command, option in options:
        line = line_of([command, option, value], capsys)
        assert re.match(f"wsconn {command}: {option} must be ", line)
        assert len(line) < 300


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["'eu=wss://h/'"], id="region"),
        pytest.param(["eu='wss://h/'"], id="url"),
        pytest.param(["\u201ceu=wss://h/\u201d"], id="typographic"),
        pytest.param(["--template", "'wss://{region}.h/'", "--only", "a"], id="template"),
        pytest.param(["--regions", "'my", "regions.toml'"], id="file-with-a-blank"),
        pytest.param([A, "--header", "'X-One:", "1'"], id="header"),
    ],
)
def test_quotation_mark_that_the_shell_passed_on_is_named(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As cmd.exe does it with ', and each shell with what a word processor made of it."""
    line = line_of(["check", *args], capsys)
    mark = next(sign for sign in "'\u201c" if any(sign in arg for arg in args))
    assert f"the quotation mark {mark} was passed on by the shell" in line


@pytest.mark.parametrize("option", [[], ["--insecure"], ["--ca-file"]], ids=lambda option: "".join(option) or "plain")
def test_no_file_that_nobody_named_is_blamed(option: list[str], lab: Lab, tmp_path: pathlib.Path) -> None:
    """A key log that cannot be written breaks TLS: the variable is named, and never `--ca-file None`."""
    lab.add("eu", tls=True)
    options = [*option, *([authority(lab, tmp_path)] if option == ["--ca-file"] else [])]
    log = str(tmp_path / "gone" / "keys.log")
    child = run("check", "-q", f"eu={lab.regions['eu']}", *options, SSLKEYLOGFILE=log)
    assert "None" not in child.stderr
    if option:  # else it is the engine that finds out
        assert child.returncode == ExitCode.USAGE
        assert f"wsconn check: SSLKEYLOGFILE {log}: No such file or directory" in child.stderr


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_roots_that_lead_nowhere_are_named(variable: str, lab: Lab, tmp_path: pathlib.Path) -> None:
    """OpenSSL passes over them in silence; with roots of one's own, or without verification, they do not count."""
    region = f"eu={lab.add('eu', tls=True)}"
    place = str(tmp_path / "gone")
    child = run("check", "-q", region, **{variable: place})
    assert child.stderr == f"WARNING: {variable} {place} cannot be opened: a setting of this machine\n"
    child = run("check", "-q", region, "--ca-file", authority(lab, tmp_path), **{variable: place})
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("gone.toml", "WSCONN_REGIONS gone.toml: No such file"),
        ("folder.toml", "WSCONN_REGIONS folder.toml: Is a directory"),
        ("regions.yml", "WSCONN_REGIONS: regions.yml: expected a name that ends in"),
        ("weekly", "WSCONN_REGIONS: there is no catalogue 'weekly'"),
        ("https://me:geheim@h/", "WSCONN_REGIONS takes a file or a catalogue, and not a URL"),
    ],
    ids=["gone", "directory", "suffix", "catalogue", "url"],
)
def test_variable_that_is_unfit_is_named(
    value: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
) -> None:
    """Who typed no file is told where it was named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.setenv("WSCONN_REGIONS", value)
    line = line_of(["check"], capsys)
    assert line.startswith(f"wsconn check: {said}")
    assert "geheim" not in line


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["a=wss://me:geheim@h/"], id="userinfo"),
        pytest.param(["wss://me:geheim@h/"], id="no-name"),
        pytest.param(["a=http://h/?token=geheim"], id="query"),
        pytest.param(["--regions", "wss://me:geheim@h/"], id="regions"),
        pytest.param([A, "--header", "geheim"], id="header"),
        pytest.param([A, "--header", "X: geheim\r\n"], id="header-value"),
        pytest.param([A, "--headr", "X: geheim"], id="misspelt-option"),
        pytest.param([A, "--headr=X: geheim"], id="misspelt-option-with-equals"),
        pytest.param([A, "--headr X: geheim"], id="misspelt-option-in-one-word"),
        pytest.param([A, "-HX: geheim"], id="option-of-curl"),
        pytest.param([A, "--proxy", "http://me:geheim@h:0"], id="proxy"),
        pytest.param(["--template", "wss://me:geheim@{region}/", "--only", "a"], id="template"),
    ],
)
def test_error_of_use_keeps_secrets(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What was typed may hold a password or a token; terminals are shared and logged."""
    assert "geheim" not in line_of(["check", *args], capsys)


def test_error_of_use_shows_its_traceback_at_vv(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for tracebacks gets this one too; the line comes last."""
    assert main(["check", "a=ftp://h/", "-vv"]) == ExitCode.USAGE
    *before, line = capsys.readouterr().err.splitlines()
    assert before[0] == "Traceback (most recent call last):"
    assert line.endswith("; try wsconn check --help")


@pytest.mark.parametrize("content", ["this is no TOML", '[regions.a]\nurl = "http://h/"\n', "\xff"])
def test_bad_file_of_regions_is_named(content: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the file."""
    file = tmp_path / "regions.toml"
    file.write_bytes(content.encode("latin-1"))
    assert "regions.toml" in line_of(["check", "--regions", str(file)], capsys)


@pytest.mark.parametrize("option", ["--ca-file", "--client-cert"])
def test_file_that_is_no_pem_is_named(option: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What OpenSSL says of such a file helps nobody; the line says what was expected."""
    file = tmp_path / "notes.txt"
    file.write_text("no certificate\n")
    line = line_of(["check", A, option, str(file)], capsys)
    assert f"{option} {file}: " in line
    assert "PEM" in line


def test_certificate_without_its_key(lab: Lab, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A certificate whose file has no key is told apart from one that cannot be found."""
    file = authority(lab, tmp_path)
    assert "certificate and key in PEM form" in line_of(["check", A, "--client-cert", file], capsys)


def test_only_tells_some_of_many_known_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A line stays readable whatever the number of regions."""
    regions = [f"region-{number}=ws://h/" for number in range(40)]
    line = line_of(["check", *regions, "--only", "region-41"], capsys)
    assert "region-11 and 28 more; try " in line
    assert "region-12" not in line


def test_error_of_use_of_a_child() -> None:
    """As a process of its own it is the same: one line and the code."""
    child = run("check")
    assert (child.returncode, child.stdout, len(child.stderr.splitlines())) == (ExitCode.USAGE, "", 1)
