"""Files that are whole at any moment: written aside, then renamed, as Prometheus wants its textfiles."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from wsconn._cli.usage_error import UsageError
from wsconn._text import sanitize

if TYPE_CHECKING:
    import pathlib


def check_place(name: str | None, option: str = "--output") -> None:
    """Raise `UsageError` for a file that could not be written: better now than when all has been tested."""
    if name is None:
        return
    import pathlib  # here, as below: most reports go to stdout

    if not name:
        raise UsageError(f"{option} needs the name of a file")
    if name.endswith("/"):  # which pathlib leaves out
        raise UsageError(f"{option} {name}: names a directory, and not a file")
    try:
        wrong = _wrong_with(pathlib.Path(name))
    except OSError as error:  # its name is too long
        raise UsageError(f"{option} {sanitize(name)}: {error.strerror}") from error
    if wrong:
        raise UsageError(f"{option} {name}: {wrong}")


def _wrong_with(path: pathlib.Path) -> str | None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.stat()  # of what follows each may pass over an error, by Python's version
    if path.is_dir():
        return "is a directory"
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    if not os.access(path if _is_special(path) else path.parent, os.W_OK):
        return "this user may not write there"
    return None


def replace(name: str, content: str) -> None:
    """Make `content` the content of the file `name`: a reader finds the old or the new one, whole.

    A link is followed. What is no ordinary file (a pipe, a terminal), and a stream by its name (`/dev/stdout`, whatever
    that is at the moment), is written to as it is, behind what is there.
    """
    import pathlib

    try:
        _replace(pathlib.Path(name), content)
    except OSError as error:
        raise OSError(f"cannot write {name}: {error.strerror}") from error


def _replace(path: pathlib.Path, content: str) -> None:
    if _is_special(path):
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(content)
        return
    import secrets
    import shutil

    path = path.resolve()
    # No suffix: the node exporter reads each *.prom. A name that nobody can guess, and "x", which follows no link: in a
    # folder that others may write to, such as /tmp, one of them could have put a link to a file of this user's there.
    aside = path.with_name(f".wsconn-{secrets.token_hex(8)}")  # short: the file's own name may be as long as may be
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as file:
            with contextlib.suppress(OSError):  # there is none yet, or the file system knows no modes
                shutil.copymode(path, aside)
            file.write(content)
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def remove(name: str) -> None:
    """Remove the file `name`, if it is an ordinary one and is there."""
    import pathlib

    path = pathlib.Path(name)
    if not _is_special(path):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def append(name: str, line: str) -> None:
    """Add `line`, which has its end, to the file `name`."""
    import pathlib

    try:
        with pathlib.Path(name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(line)
    except OSError as error:
        raise OSError(f"cannot write {name}: {error.strerror}") from error


def _is_special(path: pathlib.Path) -> bool:
    return path.exists() and (not path.is_file() or path.absolute().as_posix().startswith(("/dev/", "/proc/")))
