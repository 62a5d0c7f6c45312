"""Ctrl-C while the command line is still being loaded: the process ends at once, in silence, with the code 130.

Python would raise `KeyboardInterrupt` amid the imports, and show a traceback of them. This is the first file that
`wsconn` loads, and it loads hardly anything itself. In a program that uses wsconn as a library it does nothing.
"""

from __future__ import annotations

import os
import sys


def end_in_silence(_signal: int, _frame: object) -> None:
    """End without cleaning up: nothing has begun yet, or all has been said."""
    os._exit(130)


def arm() -> None:
    """Let Ctrl-C end the process so, but where somebody else has decided what it does."""
    import signal  # here: it is for the command line, and a library's users should not wait for it

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end_in_silence)


def _is_command_line() -> bool:
    """Tell whether the program is `python -m wsconn`, or a script that imports the command line."""
    words = getattr(sys, "argv", [])  # a program that Python is embedded in may leave it out
    if words[:1] == ["-m"]:  # as long as Python looks for the module
        return sys.orig_argv[-len(words)] in ("wsconn", "-mwsconn")
    frame = sys._getframe()  # noqa: SLF001 - the outermost is the program, and there is no other way to it
    while frame.f_back is not None:
        frame = frame.f_back
    return "wsconn._cli" in frame.f_code.co_names


if _is_command_line():
    arm()
